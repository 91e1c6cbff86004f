/** Shows an error: rendered with its source for people, one JSON document for programs; sets the exit code. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { GensynError, type Span } from '@gensyn/ir';
import { exitCodeOf } from './exit-code.js';
import { toJson } from './json.js';
import { isColoured } from './terminal.js';
import { usageError } from './usage-error.js';

export interface ReportOptions {
  readonly json: boolean;
  readonly command?: string | undefined;
}

/** What `--json` prints of an error. */
export interface ErrorDocument {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly [detail: string]: unknown;
  };
}

/** System calls that only look. */
const READING: ReadonlySet<string> = new Set([
  'stat',
  'lstat',
  'scandir',
  'read',
  'realpath',
  'readlink',
  'access',
]);

/** Any thrown thing as one of ours; what nobody foresaw becomes U0900, without its stack. */
export function asGensynError(error: unknown, command?: string): GensynError {
  if (error instanceof GensynError) return error;
  const usage = usageError(error, command);
  if (usage) return usage;
  const { code, path, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new GensynError('R0501', 'the disk is full', { cause: error });
  // What the file system refuses is the user's to know, wherever it was met.
  if (code !== undefined && path !== undefined && syscall !== undefined) {
    const [kind, verb] = READING.has(syscall) ? ['U0203', 'read'] : ['R0503', 'written'];
    return new GensynError(kind, `${shortPath(path)} cannot be ${verb}`, {
      notes: [{ message: `${syscall}: ${code}` }],
      cause: error,
    });
  }
  const said = error instanceof Error ? error.message.split('\n')[0]! : String(error);
  return new GensynError('U0900', `something went wrong inside gensyn: ${said}`, {
    help: 'this is a defect; please report it with what GENSYN_DEBUG=1 shows',
    cause: error,
  });
}

export async function reportError(thrown: unknown, { json, command }: ReportOptions): Promise<void> {
  const error = asGensynError(thrown, command);
  process.exitCode = exitCodeOf(error.code);
  if (json) process.stdout.write(toJson(await errorDocument(error)));
  else process.stderr.write(await renderError(error));
  if (process.env['GENSYN_DEBUG'])
    process.stderr.write(`\n${String((thrown as Error)?.stack ?? thrown)}\n${causes(thrown)}`);
}

function causes(thrown: unknown): string {
  const cause = (thrown as Error | undefined)?.cause;
  return cause === undefined ? '' : `caused by ${String((cause as Error)?.stack ?? cause)}\n${causes(cause)}`;
}

/** The error and, of a job with several mistakes, all of them. */
export async function errorDocument(error: GensynError): Promise<ErrorDocument> {
  const { DiagnosticsError, diagnosticsJson } = await import('@gensyn/dsl');
  const [first] = diagnosticsJson([
    { code: error.code, message: error.message, span: error.span, notes: error.notes, help: error.help },
  ]);
  const all = error instanceof DiagnosticsError ? { diagnostics: diagnosticsJson(error.diagnostics) } : {};
  return { error: { ...first!, ...all } };
}

export async function renderError(error: GensynError): Promise<string> {
  const { DiagnosticsError, renderDiagnostics } = await import('@gensyn/dsl');
  const color = isColoured();
  const list =
    error instanceof DiagnosticsError
      ? error.diagnostics
      : [
          {
            code: error.code,
            message: error.message,
            span: error.span,
            notes: error.notes,
            help: error.help,
          },
        ];
  const sources =
    error instanceof DiagnosticsError
      ? error.sources
      : readSources([error.span, ...error.notes.map((note) => note.span)]);
  const text = renderDiagnostics(
    list.map(shorten),
    new Map(
      [...sources].flatMap(([file, source]) => [
        [file, source],
        [shortPath(file), source],
      ]),
    ),
    { color },
  );
  const body = list.length > 1 ? text : text.replace(/\n\n1 error\n$/, '\n');
  return `${body}${list.length > 1 ? '' : '  '}\`gensyn explain ${error.code}\` tells more\n`;
}

function readSources(spans: readonly (Span | undefined)[]): Map<string, string> {
  const sources = new Map<string, string>();
  for (const span of spans) {
    if (!span || sources.has(span.file)) continue;
    try {
      sources.set(span.file, readFileSync(span.file, 'utf8'));
    } catch {
      // The place is still named; only the excerpt is missing.
    }
  }
  return sources;
}

/** Paths as the reader would type them. */
function shortPath(file: string): string {
  const short = relative(process.cwd(), file);
  return short.length > 0 && short.length < file.length ? short : file;
}

function shorten<
  T extends {
    readonly span: Span | undefined;
    readonly notes: readonly { readonly message: string; readonly span?: Span }[];
  },
>(item: T): T {
  const at = (span: Span): Span => ({ ...span, file: shortPath(span.file) });
  const notes = item.notes.map((note) => (note.span ? { ...note, span: at(note.span) } : note));
  return { ...item, span: item.span && at(item.span), notes };
}
