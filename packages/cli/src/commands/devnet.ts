/** gensyn devnet: a chain on this machine, to try everything out. */
import { Args, Flags } from '@oclif/core';
import { GensynError } from '@gensyn/ir';
import type { DevnetRecord } from '@gensyn/protocol';
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { parseTime } from '../amounts.js';
import { GensynCommand } from '../command.js';
import { EXIT } from '../exit-code.js';

const ACTIONS = ['up', 'down', 'status', 'wait'] as const;

/** The market that was deployed on a chain that is kept in a file, as noted beside it. */
function keptMarket(state: string): string | undefined {
  try {
    return /^0x[0-9a-fA-F]{40}$/.exec(readFileSync(`${state}.market`, 'utf8').trim())?.[0];
  } catch {
    return undefined;
  }
}

export class Devnet extends GensynCommand {
  static override summary = 'Start and end a local chain with a market.';
  static override description =
    'The chain is anvil, found by $GENSYN_ANVIL, among the installed packages or on the PATH. It goes on until `gensyn devnet down`, listens to this machine only, and has ten accounts, devnet:0 to devnet:9, with money and tokens. ' +
    'A market is deployed on it, which all other commands then find. ' +
    'Without --state it forgets everything when it ends. `status` exits with 1 where none runs. `wait` moves the clock of the chain on.';
  static override examples = [
    { description: 'Start one, on a free port:', command: '<%= config.bin %> devnet up' },
    {
      description: 'One whose market decides quickly:',
      command: '<%= config.bin %> devnet up --windows 10',
    },
    { description: 'Two hours later:', command: '<%= config.bin %> devnet wait 2h' },
    { description: 'One that remembers:', command: '<%= config.bin %> devnet up --state chain.json' },
    { description: 'Its address, for a program:', command: '<%= config.bin %> devnet status --json' },
  ];
  static override args = {
    action: Args.string({ options: [...ACTIONS], required: true, description: 'What to do.' }),
    time: Args.string({ description: 'For wait: how long, such as 90s or 2h.' }),
  };
  static override flags = {
    state: Flags.string({
      helpValue: 'file',
      description: 'Keep the chain in this file: read if it exists, written when the chain ends.',
    }),
    port: Flags.integer({
      char: 'p',
      min: 1,
      max: 65535,
      description: 'Listen there; on a free port by default.',
    }),
    'block-time': Flags.integer({
      min: 1,
      max: 3600,
      helpValue: 'seconds',
      description: 'Make a block this often; by default each transaction gets its own at once.',
    }),
    windows: Flags.integer({
      min: 10,
      max: 604_800,
      helpValue: 'seconds',
      description:
        'Length of the windows after a proof (60), and a tenth of the time of a player in a dispute.',
    }),
    clock: Flags.integer({
      min: 10,
      max: 1_209_600,
      helpValue: 'seconds',
      description: 'Time of a player in a dispute, for all moves.',
    }),
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Devnet);
    const action = args.action as (typeof ACTIONS)[number];
    const given = Object.keys(Devnet.flags).find((name) => name in flags);
    if (action !== 'up' && given !== undefined) {
      throw new GensynError('U0106', `--${given} goes with \`gensyn devnet up\` only`);
    }
    if ((action === 'wait') !== (args.time !== undefined)) {
      throw new GensynError(
        action === 'wait' ? 'U0103' : 'U0104',
        action === 'wait' ? 'missing <time>' : `too many arguments: ${args.time}`,
        { help: 'for instance `gensyn devnet wait 90s`' },
      );
    }
    const { devnetDown, devnetStatus } = await import('@gensyn/protocol');
    if (action === 'up') return this.up(flags);
    if (action === 'wait') return this.wait(parseTime(args.time!, 'time'));
    const record = action === 'down' ? await devnetDown() : devnetStatus();
    if (record && action === 'down') return this.show(record, false, 'The local chain has ended.');
    if (record) return this.show(record, true, 'The local chain is up.');
    if (action === 'status') process.exitCode = EXIT.failure;
    if (this.jsonEnabled()) return { running: false };
    this.log('No local chain is up.');
    return undefined;
  }

  private async up(flags: {
    readonly state?: string | undefined;
    readonly port?: number | undefined;
    readonly 'block-time'?: number | undefined;
    readonly windows?: number | undefined;
    readonly clock?: number | undefined;
  }): Promise<unknown> {
    const { CHAIN_ID, connect, deployDevnetMarket, devnetStatus, devnetUp } =
      await import('@gensyn/protocol');
    const { state, port, 'block-time': blockTime, windows, clock } = flags;
    const market = {
      ...(windows === undefined ? {} : { windows }),
      ...(clock === undefined ? {} : { clock }),
      ...(blockTime === undefined ? {} : { blockTime }),
    };
    if (devnetStatus()?.market !== undefined && (windows !== undefined || clock !== undefined)) {
      throw new GensynError('N0104', 'a local chain is up already, with a market of its own', {
        help: 'end it first: gensyn devnet down',
      });
    }
    const record = await devnetUp(
      {
        ...(state === undefined ? {} : { state }),
        ...(port === undefined ? {} : { port }),
        ...(blockTime === undefined ? {} : { blockTime }),
      },
      undefined,
      async (url) => {
        const provider = await connect(url, CHAIN_ID);
        try {
          const kept =
            state === undefined || windows !== undefined || clock !== undefined
              ? undefined
              : keptMarket(state);
          if (kept !== undefined && (await provider.getCode(kept)) !== '0x') return kept;
          const address = await deployDevnetMarket(provider, market);
          if (state !== undefined) writeFileSync(`${state}.market`, `${address}\n`);
          return address;
        } finally {
          provider.destroy();
        }
      },
    );
    const title = record.began ? 'A local chain is up.' : 'The local chain was up already.';
    return this.show(record, true, title);
  }

  private async wait(seconds: number): Promise<unknown> {
    const { connect, devnetStatus, passTime } = await import('@gensyn/protocol');
    const running = devnetStatus();
    if (!running) {
      throw new GensynError('N0201', 'no local chain is up', { help: '`gensyn devnet up` starts one' });
    }
    const provider = await connect(running.url, running.chainId);
    try {
      const time = await passTime(provider, seconds);
      if (this.jsonEnabled()) return { seconds, time };
      this.log(`On the chain it is ${new Date(time * 1000).toISOString()}.`);
      return undefined;
    } finally {
      provider.destroy();
    }
  }

  private async show(record: DevnetRecord, running: boolean, title: string): Promise<unknown> {
    if (this.jsonEnabled()) return { running, ...record };
    const { block } = await import('../job-summary.js');
    const { url, chainId, pid, state, since, market } = record;
    this.log(`${title}\n`);
    this.log(
      block([
        ['address', url],
        ['chain', String(chainId)],
        ['market', market ?? 'none'],
        ['process', String(pid)],
        ['since', new Date(since).toISOString()],
        ['state', state === undefined ? 'not kept' : relative('.', state)],
      ]),
    );
    return undefined;
  }
}
