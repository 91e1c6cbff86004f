/** One finding about a job, and the list that a whole compile collects. */
import type { Note, Span } from '@gensyn/ir';

/** A `GensynError` is one too: codes, spans, notes and help mean the same in both. */
export interface Diagnostic {
  readonly code: string;
  readonly message: string;
  readonly span: Span | undefined;
  readonly notes: readonly Note[];
  readonly help: string | undefined;
}

export interface DiagnosticDetail {
  readonly span?: Span | undefined;
  readonly notes?: readonly Note[];
  /** As a function if it takes some searching: called only if the diagnostic is kept. */
  readonly help?: string | (() => string | undefined) | undefined;
}

/** More than this is noise: the rest is counted, not kept. */
export const MAX_DIAGNOSTICS = 50;

export interface Diagnostics {
  readonly list: readonly Diagnostic[];
  /** How many were found beyond `MAX_DIAGNOSTICS`. */
  readonly dropped: number;
  report(code: string, message: string, detail?: DiagnosticDetail): void;
}

/** Collects diagnostics; the same code at the same place is kept once (a function body is checked at every call). */
export function collectDiagnostics(): Diagnostics {
  const list: Diagnostic[] = [];
  const seen = new Set<string>();
  const state = { dropped: 0 };
  return {
    list,
    get dropped() {
      return state.dropped;
    },
    report(code, message, detail = {}) {
      const { span, help } = detail;
      const key =
        span === undefined ? `${code}:${message}` : `${code}:${span.file}:${span.offset}:${span.length}`;
      if (seen.has(key)) return;
      if (list.length >= MAX_DIAGNOSTICS) {
        state.dropped += 1;
        return;
      }
      seen.add(key);
      list.push({
        code,
        message,
        span,
        notes: detail.notes ?? [],
        help: typeof help === 'function' ? help() : help,
      });
    },
  };
}
