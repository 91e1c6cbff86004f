/** What happened on a market as values at equal distances in time, for drawing. */
import type { MarketHistory } from '@gensyn/protocol';

export interface MarketSeries {
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Steps that wait for a solver, and steps that are claimed and not settled. */
  readonly open: readonly number[];
  readonly taken: readonly number[];
  /** Tokens for 1000 steps, of the newest deal so far; empty without deals. */
  readonly price: readonly number[];
}

/** @param now end of the series; undefined for a market on which nothing has happened */
export function marketSeries(history: MarketHistory, now: number, count: number): MarketSeries | undefined {
  const { points, deals } = history;
  const from = points[0]?.time;
  if (from === undefined) return undefined;
  const to = Math.max(now, from + 1);
  const times = Array.from({ length: count }, (_, i) => from + ((to - from) * (i + 0.5)) / count);
  const before = <T extends { readonly time: number }>(list: readonly T[], time: number): T | undefined =>
    list.findLast((each) => each.time <= time);
  const prices = deals.map(({ time, steps, reward }) => ({
    time,
    price: (Number(reward) / 1e18 / steps) * 1000,
  }));
  return {
    from,
    to,
    open: times.map((time) => before(points, time)?.open ?? 0),
    taken: times.map((time) => before(points, time)?.taken ?? 0),
    price: prices.length === 0 ? [] : times.map((time) => (before(prices, time) ?? prices[0]!).price),
  };
}
