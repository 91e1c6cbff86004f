/** The nearest known name to a misspelt one. */

/** Damerau-Levenshtein distance with adjacent swaps (optimal string alignment), given up beyond `limit`. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    if (Math.min(...row) > limit) return limit + 1;
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/** A file with more names than this is not worth the search. */
const MAX_CANDIDATES = 2000;

/** The candidate at the smallest distance, if it is near enough to be what was meant (first one wins a tie). */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > 64) return undefined;
  const limit = name.length <= 2 ? 1 : name.length <= 5 ? 2 : 3;
  let best: string | undefined;
  let distance = limit + 1;
  let tried = 0;
  for (const candidate of candidates) {
    if (++tried > MAX_CANDIDATES) break;
    if (candidate === name) continue;
    const found = editDistance(name.toLowerCase(), candidate.toLowerCase(), limit);
    if (found < distance && found < Math.max(name.length, candidate.length)) {
      best = candidate;
      distance = found;
    }
  }
  return best;
}

/** `did you mean 'relu'?`, or undefined if nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(name, candidates);
  return found === undefined ? undefined : `did you mean '${found}'?`;
}
