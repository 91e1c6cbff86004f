/** How many steps to run in one call, so that a call takes a few tenths of a second: long enough to be cheap, short enough to watch. */
export interface Pacer {
  /** Steps for the next call. */
  next(): number;
  /** Tells how long a call took. */
  took(steps: number, milliseconds: number): void;
  /** Steps a second, lately. */
  rate(): number;
}

const TARGET_MS = 300;

export function pacer(limit: number): Pacer {
  let count = 1;
  let rate: number | undefined;
  return {
    next: () => count,
    took(steps, milliseconds) {
      const now = (steps * 1000) / Math.max(milliseconds, 0.01);
      rate = rate === undefined ? now : rate + 0.3 * (now - rate);
      // At most four times as many as before: the first calls are slower than the rest.
      count = Math.max(1, Math.min(limit, count * 4, Math.round((now * TARGET_MS) / 1000)));
    },
    rate: () => rate ?? 0,
  };
}
