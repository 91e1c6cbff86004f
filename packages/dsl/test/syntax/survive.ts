/** Puts one text through everything the front end does and says what went wrong, if anything did. */
import { DiagnosticsError } from '../../src/diagnostics/diagnostics-error.js';
import { renderDiagnostics, diagnosticsJson } from '../../src/diagnostics/render.js';
import { format } from '../../src/format/format.js';
import { check } from '../../src/semantics/check.js';

/** More than this for one text counts as a hang. */
const PATIENCE_MS = 10_000;

export interface Survived {
  readonly outcome: 'program' | 'diagnostics';
  readonly ms: number;
}

/** @throws Error naming what broke: a foreign exception, a span outside the text, a format that changes again */
export function survive(text: string, files: ReadonlyMap<string, string>): Survived {
  const start = performance.now();
  const { program, diagnostics, sources } = check({ path: 'job.gml', text }, (path) => files.get(path));
  if ((program === undefined) !== diagnostics.length > 0)
    throw new Error('neither a program nor diagnostics, or both');
  for (const { code, span, notes } of diagnostics) {
    if (!/^L\d{4}$/.test(code)) throw new Error(`'${code}' is not a code of the language`);
    for (const each of [span, ...notes.map((note) => note.span)]) {
      if (each === undefined) continue;
      const length = sources.get(each.file)?.length ?? -1;
      if (each.offset < 0 || each.length < 0 || each.offset + each.length > length)
        throw new Error(`${code}: a span outside ${each.file}`);
    }
  }
  renderDiagnostics(diagnostics, sources, { color: true });
  JSON.stringify(diagnosticsJson(diagnostics));
  let formatted: string | undefined;
  try {
    formatted = format(text);
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
  }
  if (formatted !== undefined) {
    const again = format(formatted);
    if (again !== formatted) throw new Error('formatting twice is not the same as once');
    const codes = (job: string) =>
      check({ path: 'job.gml', text: job }, (path) => files.get(path))
        .diagnostics.map((each) => each.code)
        .sort()
        .join();
    if (codes(formatted) !== [...diagnostics.map((each) => each.code)].sort().join())
      throw new Error('formatting changed what the job means');
  }
  const ms = performance.now() - start;
  if (ms > PATIENCE_MS) throw new Error(`took ${Math.round(ms)} ms`);
  return { outcome: program === undefined ? 'diagnostics' : 'program', ms };
}
