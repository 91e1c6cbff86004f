/** gensyn status: where a task stands, or everything that is mine. */
import { Args, Flags } from '@oclif/core';
import { GensynError } from '@gensyn/ir';
import type { MarketClient, TaskReport } from '@gensyn/protocol';
import { setTimeout as sleep } from 'node:timers/promises';
import { GensynCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { catchInterrupt } from '../interrupt.js';
import { accountFlags, chainFlags, marketSettings, openMarketWith } from '../market-flags.js';
import { isLive } from '../terminal.js';

const LOOK_MS = 1000;

export class Status extends GensynCommand {
  static override summary = 'Where a task stands, or everything of an account.';
  static override description =
    'Of a task: its state, its claims, the windows with the time that is left, attestations, challenges and games. ' +
    'Without a number: the tasks, claims, seats and challenges of --account. --follow goes on until the task has ended. No password is needed.';
  static override examples = [
    { description: 'Task 3:', command: '<%= config.bin %> status 3' },
    { description: 'Until it has ended:', command: '<%= config.bin %> status 3 --follow' },
    { description: 'What is mine:', command: '<%= config.bin %> status --account solver' },
  ];
  static override args = {
    task: Args.integer({ min: 1, description: 'Number of a task.' }),
  };
  static override flags = {
    follow: Flags.boolean({ char: 'f', description: 'Go on until the task has ended.' }),
    account: accountFlags.account,
    ...chainFlags,
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Status);
    if (flags.follow && args.task === undefined)
      throw new GensynError('U0106', '--follow needs the number of a task');
    const settings = await marketSettings(flags);
    const client = await openMarketWith(settings, flags, { acts: false });
    try {
      if (args.task === undefined) return await this.mine(client, settings.account);
      const { taskReport } = await import('@gensyn/protocol');
      if (flags.follow) return await this.follow(client, args.task);
      const report = await taskReport(client, args.task);
      if (this.jsonEnabled()) return report;
      const { statusView } = await import('../status-view.js');
      this.log(statusView(report));
      return undefined;
    } finally {
      await client.close();
    }
  }

  private async follow(client: MarketClient, task: number): Promise<unknown> {
    const { taskReport } = await import('@gensyn/protocol');
    const { statusView } = await import('../status-view.js');
    const interrupt = catchInterrupt(() => interrupt.abort());
    let [shown, lines] = ['', 0];
    const quiet = this.jsonEnabled();
    try {
      for (;;) {
        const report = await this.patiently(() => taskReport(client, task));
        const text = statusView(report);
        if (!quiet && isLive()) {
          if (lines > 0) process.stderr.write(`\u001b[${lines}A\u001b[J`);
          process.stderr.write(`${text}\n`);
          lines = text.split('\n').length;
        } else if (!quiet && withoutTimes(report) !== shown) {
          process.stderr.write(`${text}\n\n`);
        }
        shown = withoutTimes(report);
        const { status } = report.task;
        if (status === 'done' || status === 'closed') return quiet ? report : undefined;
        await sleep(LOOK_MS, undefined, { signal: interrupt.signal });
      }
    } catch (error) {
      if (!interrupt.signal.aborted) throw error;
      process.exitCode = EXIT.interrupted;
      return undefined;
    } finally {
      interrupt.release();
    }
  }

  /** Somebody who only looks can look again. */
  private async patiently(read: () => Promise<TaskReport>): Promise<TaskReport> {
    for (let tries = 0; ; tries++) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof GensynError) || !['N0205', 'N0412'].includes(error.code) || tries >= 5)
          throw error;
        await sleep(LOOK_MS);
      }
    }
  }

  private async mine(client: MarketClient, account: string | undefined): Promise<unknown> {
    if (account === undefined) {
      throw new GensynError('N0608', 'it must be said whose tasks are meant', {
        help: 'name a task, or an account with --account',
      });
    }
    const { addressOfAccount, challenges, claims, moneyOf, seats, tasks, tokens } =
      await import('@gensyn/protocol');
    const address = addressOfAccount(account, client.chainId);
    const [own, worked, held, disputes, money] = await Promise.all([
      tasks(client, { submitter: address }),
      claims(client, { solver: address }),
      seats(client, address),
      challenges(client, { challenger: address }),
      moneyOf(client, address),
    ]);
    if (this.jsonEnabled())
      return { address, money, tasks: own, claims: worked, seats: held, challenges: disputes };
    const [{ table }, { count }] = await Promise.all([import('../table.js'), import('../words.js')]);
    this.log(`${address}: ${tokens(money.free)} free in the market, ${tokens(money.wallet)} in the wallet`);
    const show = (title: string, headings: string[], rows: string[][], right: number[]): void => {
      if (rows.length > 0) this.log(`\n${title}\n${table(headings, rows, right)}`);
    };
    show(
      'Tasks',
      ['task', 'state', 'after', 'steps', 'proven', 'escrow'],
      own.map((t) => [
        ...[String(t.id), t.status, count(t.firstStep), count(t.steps), count(t.done)],
        tokens(t.escrow),
      ]),
      [0, 2, 3, 4, 5],
    );
    show(
      'Claims',
      ['claim', 'task', 'state', 'steps', 'delivered', 'reward', 'stake'],
      worked.map((c) => [
        ...[String(c.id), String(c.task), c.status, count(c.steps), count(c.delivered)],
        ...[tokens(c.reward), tokens(c.stake)],
      ]),
      [0, 1, 3, 4, 5, 6],
    );
    show(
      'Seats',
      ['seat', 'stake', ''],
      held.map((s) => [String(s.id), tokens(s.stake), s.place === 0 ? 'has a duty' : 'idle']),
      [0, 1],
    );
    show(
      'Challenges',
      ['challenge', 'claim', 'against', 'state', 'bond'],
      disputes.map((d) => [
        ...[
          String(d.id),
          String(d.claim),
          d.kind === 'demand' ? 'claim (demand)' : d.seat === 0 ? 'claim' : `seat ${d.seat}`,
          d.status,
          tokens(d.bond),
        ],
      ]),
      [0, 1, 4],
    );
    if (own.length + worked.length + held.length + disputes.length === 0)
      this.log('\nNothing on this market yet.');
    return undefined;
  }
}

/** What has to change for it to be shown again where lines cannot be overwritten. */
function withoutTimes({ task, claims }: TaskReport): string {
  return JSON.stringify([task, claims], (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}
