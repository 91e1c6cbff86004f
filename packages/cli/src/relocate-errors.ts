/** Moves what an error says of one file to another that holds the same text. */
import { GensynError, type Span } from '@gensyn/ir';

/** The error, where its places are in `from` now in `to`; with all mistakes of a job that has several. */
export async function relocated(error: GensynError, from: string, to: string): Promise<GensynError> {
  const { DiagnosticsError } = await import('@gensyn/dsl');
  const moved = (span: Span | undefined): Span | undefined =>
    span?.file === from ? { ...span, file: to } : span;
  const placed = <T extends { readonly span?: Span | undefined }>(thing: T): T => {
    const span = moved(thing.span);
    return span ? { ...thing, span } : thing;
  };
  if (error instanceof DiagnosticsError) {
    const list = error.diagnostics.map((each) => ({ ...placed(each), notes: each.notes.map(placed) }));
    const sources = [...error.sources].map(([file, text]) => [file === from ? to : file, text] as const);
    return new DiagnosticsError(list, new Map(sources));
  }
  const { code, message, help, notes, cause } = error;
  const span = moved(error.span);
  return new GensynError(code, message, {
    ...(span ? { span } : {}),
    ...(help === undefined ? {} : { help }),
    ...{ notes: notes.map(placed), cause },
  });
}
