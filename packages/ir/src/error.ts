/** The one error base class: a stable code, one sentence, and where there is source, its place. */

/** A place in a source file. Lines and columns count from 1, offsets from 0 (UTF-16 units). */
export interface Span {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
}

export interface Note {
  readonly message: string;
  readonly span?: Span;
}

export interface ErrorDetail {
  readonly span?: Span;
  readonly notes?: readonly Note[];
  /** What the reader can do about it, as one sentence. */
  readonly help?: string;
  readonly cause?: unknown;
}

/**
 * Every failure that a user can cause ends in one of these. `code` is stable (`G0101`, `D0102`, ...) and
 * `gensyn explain <code>` tells more. The first letter names the area: L language, D data, G graph,
 * R run, V verification, U usage, N network.
 */
export class GensynError extends Error {
  readonly code: string;
  readonly span: Span | undefined;
  readonly notes: readonly Note[];
  readonly help: string | undefined;

  constructor(code: string, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = new.target.name;
    this.code = code;
    this.span = detail.span;
    this.notes = detail.notes ?? [];
    this.help = detail.help;
  }
}
