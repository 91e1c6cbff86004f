/** gensyn devnet: a chain on this machine, to try everything out. */
import { Args, Flags } from '@oclif/core';
import { GensynError } from '@gensyn/ir';
import type { DevnetRecord } from '@gensyn/protocol';
import { relative } from 'node:path';
import { GensynCommand } from '../command.js';
import { EXIT } from '../exit-code.js';

const ACTIONS = ['up', 'down', 'status'] as const;

export class Devnet extends GensynCommand {
  static override summary = 'Start and end a local chain.';
  static override description =
    'The chain is anvil, found by $GENSYN_ANVIL, among the installed packages or on the PATH. It goes on until `gensyn devnet down`, listens to this machine only, and has ten accounts with money. ' +
    'Without --state it forgets everything when it ends. `status` exits with 1 where none runs.';
  static override examples = [
    { description: 'Start one, on a free port:', command: '<%= config.bin %> devnet up' },
    { description: 'One that remembers:', command: '<%= config.bin %> devnet up --state chain.json' },
    { description: 'Its address, for a program:', command: '<%= config.bin %> devnet status --json' },
  ];
  static override args = {
    action: Args.string({ options: [...ACTIONS], required: true, description: 'What to do.' }),
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
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Devnet);
    const action = args.action as (typeof ACTIONS)[number];
    const given = Object.keys(Devnet.flags).find((name) => name in flags);
    if (action !== 'up' && given !== undefined) {
      throw new GensynError('U0106', `--${given} goes with \`gensyn devnet up\` only`);
    }
    const { devnetDown, devnetStatus, devnetUp } = await import('@gensyn/protocol');
    if (action === 'up') {
      const { state, port, 'block-time': blockTime } = flags;
      const record = await devnetUp({
        ...(state === undefined ? {} : { state }),
        ...(port === undefined ? {} : { port }),
        ...(blockTime === undefined ? {} : { blockTime }),
      });
      return this.show(
        record,
        true,
        record.began ? 'A local chain is up.' : 'The local chain was up already.',
      );
    }
    const record = action === 'down' ? await devnetDown() : devnetStatus();
    if (record && action === 'down') return this.show(record, false, 'The local chain has ended.');
    if (record) return this.show(record, true, 'The local chain is up.');
    if (action === 'status') process.exitCode = EXIT.failure;
    if (this.jsonEnabled()) return { running: false };
    this.log('No local chain is up.');
    return undefined;
  }

  private async show(record: DevnetRecord, running: boolean, title: string): Promise<unknown> {
    if (this.jsonEnabled()) return { running, ...record };
    const { block } = await import('../job-summary.js');
    const { url, chainId, pid, state, since } = record;
    this.log(`${title}\n`);
    this.log(
      block([
        ['address', url],
        ['chain', String(chainId)],
        ['process', String(pid)],
        ['since', new Date(since).toISOString()],
        ['state', state === undefined ? 'not kept' : relative('.', state)],
      ]),
    );
    return undefined;
  }
}
