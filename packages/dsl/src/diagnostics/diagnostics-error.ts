/** The error that carries everything a compile found wrong with a job. */
import { GensynError } from '@gensyn/ir';
import type { ErrorDetail } from '@gensyn/ir';
import type { Diagnostic } from './diagnostic.js';

/** Its own code, span, notes and help are those of the first diagnostic. */
export class DiagnosticsError extends GensynError {
  readonly diagnostics: readonly Diagnostic[];
  /** Source texts by path, for rendering. */
  readonly sources: ReadonlyMap<string, string>;

  /** @param diagnostics at least one */
  constructor(diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string>) {
    const first = diagnostics[0]!;
    const more = diagnostics.length - 1;
    const detail: { -readonly [Key in keyof ErrorDetail]: ErrorDetail[Key] } = { notes: first.notes };
    if (first.span !== undefined) detail.span = first.span;
    if (first.help !== undefined) detail.help = first.help;
    super(first.code, more === 0 ? first.message : `${first.message} (and ${more} more)`, detail);
    this.diagnostics = diagnostics;
    this.sources = sources;
  }
}
