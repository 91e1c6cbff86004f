/** Range, mean and kinds of the values of a column, gathered in one pass. */

export interface Tally {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Standard deviation. */
  readonly deviation: number;
  readonly integers: boolean;
  /** Values that are NaN or infinite; no column takes them. */
  readonly notFinite: number;
  /** Different values, undefined when there are more than `MOST_DIFFERENT`. */
  readonly different: number | undefined;
}

export const MOST_DIFFERENT = 1000;

/** Sums are taken around the first value, so that those of large numbers close to each other do not cancel. */
export function tally(): { add(value: number): void; result(): Tally } {
  let [count, notFinite, origin, sum, squares] = [0, 0, 0, 0, 0];
  let [min, max] = [Infinity, -Infinity];
  let integers = true;
  const seen = new Set<number>();
  return {
    add(value) {
      count++;
      if (!Number.isFinite(value)) {
        notFinite++;
        return;
      }
      if (count - notFinite === 1) origin = value;
      if (value < min) min = value;
      if (value > max) max = value;
      if (integers && !Number.isInteger(value)) integers = false;
      sum += value - origin;
      squares += (value - origin) ** 2;
      if (seen.size <= MOST_DIFFERENT) seen.add(value);
    },
    result() {
      const n = Math.max(1, count - notFinite);
      return {
        count,
        min,
        max,
        mean: origin + sum / n,
        deviation: Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2)),
        integers: integers && count > notFinite,
        notFinite,
        different: seen.size > MOST_DIFFERENT ? undefined : seen.size,
      };
    },
  };
}

/** The tally of several columns together. */
export function joined(tallies: readonly Tally[]): Tally {
  const count = tallies.reduce((sum, each) => sum + each.count, 0);
  const mean = tallies.reduce((sum, each) => sum + each.mean * each.count, 0) / Math.max(1, count);
  const squares = tallies.reduce(
    (sum, each) => sum + each.count * (each.deviation ** 2 + (each.mean - mean) ** 2),
    0,
  );
  return {
    count,
    min: Math.min(...tallies.map(({ min }) => min)),
    max: Math.max(...tallies.map(({ max }) => max)),
    mean,
    deviation: Math.sqrt(squares / Math.max(1, count)),
    integers: tallies.every(({ integers }) => integers),
    notFinite: tallies.reduce((sum, each) => sum + each.notFinite, 0),
    different: undefined,
  };
}
