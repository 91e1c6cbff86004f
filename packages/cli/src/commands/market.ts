/** gensyn market: what there is to do, what it pays, and how supply and demand went. */
import { Flags } from '@oclif/core';
import type { MarketClient } from '@gensyn/protocol';
import { writeFileSync } from 'node:fs';
import { GensynCommand } from '../command.js';
import { chainFlags, marketSettings, openMarketWith, storeFlag } from '../market-flags.js';
import type { Offer } from '../open-tasks.js';
import { storeOf, type Settings } from '../settings.js';
import { width } from '../terminal.js';

const ROWS = 6;
const SVG_POINTS = 400;
const GIGA = 1e9;

export class Market extends GensynCommand {
  static override summary = 'Open tasks with their prices; supply and demand over time.';
  static override description =
    'Lists the tasks that wait for a solver, with what their next segment pays now, for a thousand steps and for a billion scalar operations (where the job is in the store). ' +
    'Below: steps that waited for a solver and steps that were being worked on, and the price of the deals, over time.';
  static override examples = [
    { description: 'What there is to do:', command: '<%= config.bin %> market' },
    { description: 'As a picture:', command: '<%= config.bin %> market --svg market.svg' },
    { description: 'For a program:', command: '<%= config.bin %> market --json' },
  ];
  static override flags = {
    svg: Flags.string({ helpValue: 'file', description: 'Write supply, demand and price as a picture.' }),
    ...chainFlags,
    store: storeFlag,
  };

  override async run(): Promise<unknown> {
    const { flags } = await this.parse(Market);
    const settings = await marketSettings(flags);
    const client = await openMarketWith(settings, flags, { acts: false });
    try {
      const [{ marketHistory, openTasks }, { marketSeries }] = await Promise.all([
        import('@gensyn/protocol'),
        import('../market-series.js'),
      ]);
      const offers = await this.offers(client, await openTasks(client), settings);
      const history = await marketHistory(client);
      const now = await client.now();
      if (flags.svg !== undefined) {
        const { marketSvg } = await import('../market-svg.js');
        const empty = { from: now, to: now, open: [], taken: [], price: [] };
        const series = marketSeries(history, now, SVG_POINTS) ?? empty;
        writeFileSync(flags.svg, marketSvg(`Market ${client.address} on chain ${client.chainId}`, series));
        this.say(`Written to ${flags.svg}.`);
      }
      if (this.jsonEnabled()) return { market: client.address, chain: client.chainId, now, offers, history };
      await this.list(offers);
      const columns = Math.max(20, Math.min(64, width() - 16));
      const series = marketSeries(history, now, 2 * columns);
      if (series) await this.draw(series, columns);
      return undefined;
    } finally {
      await client.close();
    }
  }

  private async offers(
    client: MarketClient,
    open: Parameters<typeof import('../open-tasks.js').offersOf>[1],
    settings: Settings,
  ): Promise<readonly Offer[]> {
    const [{ openStore }, { offersOf }] = await Promise.all([
      import('@gensyn/protocol'),
      import('../open-tasks.js'),
    ]);
    // Names and work are a courtesy: without a store the list is still a list.
    const store = open.length === 0 ? undefined : await openStore(storeOf(settings)).catch(() => undefined);
    try {
      return await offersOf(client, open, store);
    } finally {
      await store?.close();
    }
  }

  private async list(offers: readonly Offer[]): Promise<void> {
    if (offers.length === 0) {
      this.log('No task waits for a solver.');
      return;
    }
    const [{ plainTokens }, { pricePer }, { table }, { count, duration }] = await Promise.all([
      import('@gensyn/protocol'),
      import('../open-tasks.js'),
      import('../table.js'),
      import('../words.js'),
    ]);
    const number = (value: number | undefined): string => (value === undefined ? '?' : value.toPrecision(3));
    const perSteps = ({ reward, steps }: Offer): number => (Number(reward) / 1e18 / steps) * 1000;
    this.log(
      table(
        [
          'task',
          'job',
          'steps',
          'pays now',
          'at most',
          'for 1000 steps',
          'for 1 G operations',
          'stake',
          'time',
        ],
        offers.map((offer) => [
          String(offer.task.id),
          // What somebody else wrote: nothing that a terminal would obey.
          (offer.name ?? '?').replace(/[^\x20-\x7e]/g, '?').slice(0, 24),
          count(offer.steps),
          plainTokens(offer.reward),
          plainTokens((offer.task.rewardMax * BigInt(offer.steps)) / BigInt(offer.task.steps)),
          number(perSteps(offer)),
          number(pricePer(GIGA, offer)),
          plainTokens(offer.stake),
          duration(offer.task.workTime),
        ]),
        [0, 2, 3, 4, 5, 6, 7, 8],
      ),
    );
  }

  private async draw(
    series: NonNullable<ReturnType<typeof import('../market-series.js').marketSeries>>,
    columns: number,
  ): Promise<void> {
    const [{ curve }, { duration }] = await Promise.all([import('../loss-curve.js'), import('../words.js')]);
    const axis = { from: `${duration(series.to - series.from)} ago`, label: '', to: 'now', least: 0 };
    const size = { columns, rows: ROWS };
    this.log(`\nSteps that wait for a solver\n${curve(series.open, size, axis)}`);
    // Nothing has been taken without a deal.
    if (series.price.length === 0) return;
    this.log(`\nSteps being worked on\n${curve(series.taken, size, axis)}`);
    this.log(`\nPrice of deals, GEN for 1000 steps\n${curve(series.price, size, axis)}`);
  }
}
