/** How data errors are worded: the data file and place first, then what was found and what was expected. */
import { GensynError, type Span } from '@gensyn/ir';

/** Text found in a file, cut and escaped so that it can stand in a message. */
export function quoted(text: string): string {
  const points = [...text];
  return JSON.stringify(points.length > 40 ? `${points.slice(0, 40).join('')}...` : text);
}

export interface DataPlace {
  /** The file as the job names it. */
  readonly file: string;
  /** Where in the file, as `line 3, field 2`; empty for the whole file. */
  readonly where?: string;
  /** The declaration in the job. */
  readonly span?: Span | undefined;
}

/** A D#### error about a data file. The span is the declaration in the job that asked for the data. */
export function dataError(
  code: string,
  place: DataPlace,
  message: string,
  help?: string,
  cause?: unknown,
): GensynError {
  const where = place.where ? `${place.file}, ${place.where}` : place.file;
  return new GensynError(code, `${where}: ${message}`, {
    ...(place.span ? { span: place.span } : {}),
    ...(help === undefined ? {} : { help }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The code of a system error (`ENOENT`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Number of edits (insert, delete, replace) between two short words; at most 60 characters are looked at. */
function distance(a: string, b: string): number {
  const from = a.slice(0, 60).toLowerCase();
  const to = b.slice(0, 60).toLowerCase();
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replace = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replace, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}

/** The candidate most like `word`, or undefined if none is near (a third of its length, two at least). */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bound = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const d = distance(word, candidate);
    if (d < bound) {
      bound = d;
      best = candidate;
    }
  }
  return best;
}
