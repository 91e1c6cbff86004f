/** Errors of the importer, each with what to do. */
import { GensynError } from '@gensyn/ir';

export interface Advice {
  readonly help?: string | undefined;
  readonly cause?: unknown;
  readonly notes?: readonly string[];
}

/** A `GensynError` for the file or for one of its nodes. */
export function importError(
  code: string,
  message: string,
  { help, cause, notes = [] }: Advice = {},
): GensynError {
  return new GensynError(code, message, {
    notes: notes.map((note) => ({ message: note })),
    ...(help === undefined ? {} : { help }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A name from a file as it may stand in a message: short, on one line. */
export function quoted(name: string): string {
  return `'${name.length > 80 ? `${name.slice(0, 80)}…` : name}'`.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?');
}
