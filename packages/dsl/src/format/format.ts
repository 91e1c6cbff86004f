/** The formatter: one layout for every job, comments kept. */
import { collectDiagnostics } from '../diagnostics/diagnostic.js';
import { DiagnosticsError } from '../diagnostics/diagnostics-error.js';
import { layout } from '../syntax/layout.js';
import { lex, parse } from '../syntax/parse.js';
import { locator } from '../syntax/source.js';
import { outline } from './outline.js';
import { printBlock } from './print.js';

/**
 * The same job in the one layout. Formatting twice changes nothing.
 * @param path only for messages
 * @throws DiagnosticsError if the text is not a syntactically correct job
 */
export function format(text: string, path = 'job.gml'): string {
  const diagnostics = collectDiagnostics();
  const source = { path, text };
  parse(source, diagnostics);
  if (diagnostics.list.length > 0) throw new DiagnosticsError(diagnostics.list, new Map([[path, text]]));
  const { tokens, comments } = lex(source, locator(source), diagnostics);
  const printed = printBlock(outline(text, layout(tokens).tokens, comments), 0);
  return printed === '' ? '' : `${printed}\n`;
}
