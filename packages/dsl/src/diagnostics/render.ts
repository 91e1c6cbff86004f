/** Shows diagnostics to people (source line underlined) and to programs (JSON). */
import type { Span } from '@gensyn/ir';
import type { Diagnostic } from './diagnostic.js';

export interface RenderOptions {
  readonly color?: boolean;
}

interface Paint {
  bold(text: string): string;
  red(text: string): string;
  blue(text: string): string;
  green(text: string): string;
}

const ESCAPE = '\u001b[';
const style = (code: number) => (text: string) => `${ESCAPE}${code}m${text}${ESCAPE}0m`;
const same = (text: string) => text;
const coloured: Paint = { bold: style(1), red: style(31), blue: style(34), green: style(32) };
const plain: Paint = { bold: same, red: same, blue: same, green: same };

/** The longest piece of a source line that is shown. */
const EXCERPT = 110;
const TAB = '    ';

/** Characters that would move the cursor or hide text are shown as a visible mark. */
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function printable(text: string): string {
  return text.replace(/\t/g, TAB).replace(UNPRINTABLE, '\ufffd');
}

function lineAt(text: string, span: Span): string {
  const start = span.offset - (span.column - 1);
  let end = start;
  while (end < text.length && text[end] !== '\n' && text[end] !== '\r') end++;
  return text.slice(start, end);
}

function excerpt(
  span: Span,
  sources: ReadonlyMap<string, string>,
  mark: (text: string) => string,
  paint: Paint,
): string[] {
  const text = sources.get(span.file);
  if (text === undefined) return [];
  const line = lineAt(text, span);
  let from = span.column - 1;
  const to = Math.min(line.length, from + Math.max(span.length, 1));
  from = Math.min(from, line.length);
  // A very long line is cut so that the place stays in sight.
  const cut = from > EXCERPT - 20 ? from - 20 : 0;
  const shown = line.slice(cut, cut + EXCERPT);
  const before = printable(shown.slice(0, from - cut));
  const under = printable(shown.slice(from - cut, to - cut));
  const number = String(span.line);
  const gutter = ' '.repeat(number.length);
  const head = cut > 0 ? '…' : '';
  const tail = cut + EXCERPT < line.length ? '…' : '';
  return [
    `${paint.blue(` ${number} |`)} ${head}${printable(shown)}${tail}`,
    `${paint.blue(` ${gutter} |`)} ${' '.repeat(head.length + before.length)}${mark('^'.repeat(Math.max(1, under.length)))}`,
  ];
}

function place(span: Span): string {
  return `${span.file}:${span.line}:${span.column}`;
}

export function renderDiagnostic(
  diagnostic: Diagnostic,
  sources: ReadonlyMap<string, string>,
  options: RenderOptions = {},
): string {
  const paint = options.color === true ? coloured : plain;
  const { span, code, message, notes, help } = diagnostic;
  const where = span === undefined ? '' : `${paint.bold(`${place(span)}:`)} `;
  const lines = [`${where}${paint.red(`error[${code}]:`)} ${paint.bold(printable(message))}`];
  if (span !== undefined) lines.push(...excerpt(span, sources, paint.red, paint));
  for (const note of notes) {
    const at = note.span === undefined ? '' : `${place(note.span)}: `;
    lines.push(`  ${paint.blue('note:')} ${at}${printable(note.message)}`);
    if (note.span !== undefined) lines.push(...excerpt(note.span, sources, paint.blue, paint));
  }
  if (help !== undefined) lines.push(`  ${paint.green('help:')} ${printable(help)}`);
  return lines.join('\n');
}

/** All of them, a blank line between two, and a count at the end. `sources` maps paths to texts. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  options: RenderOptions = {},
): string {
  if (diagnostics.length === 0) return '';
  const count = diagnostics.length === 1 ? '1 error' : `${diagnostics.length} errors`;
  return `${diagnostics.map((each) => renderDiagnostic(each, sources, options)).join('\n\n')}\n\n${count}\n`;
}

export interface DiagnosticJson {
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly offset?: number;
  readonly length?: number;
  readonly notes: readonly {
    readonly message: string;
    readonly file?: string;
    readonly line?: number;
    readonly column?: number;
  }[];
  readonly help?: string;
}

export function diagnosticsJson(diagnostics: readonly Diagnostic[]): readonly DiagnosticJson[] {
  return diagnostics.map(({ code, message, span, notes, help }) => ({
    code,
    message,
    ...span,
    notes: notes.map((note) => ({
      message: note.message,
      ...(note.span && { file: note.span.file, line: note.span.line, column: note.span.column }),
    })),
    ...(help !== undefined && { help }),
  }));
}
