/** Parses the job file and everything it imports, each file once. */
import { isAbsolute, join, dirname, normalize } from 'node:path';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { FileNode, Import, Item } from '../syntax/ast.js';
import { parse } from '../syntax/parse.js';
import type { Source } from '../syntax/source.js';
import { MAX_FILES, MAX_IMPORT_DEPTH } from './limits.js';

/** The text of a file, or undefined (or an exception) if it cannot be read. */
export type ReadFile = (path: string) => string | undefined;

export interface Loaded {
  /** Declarations of all files: a file's come after those of the files it imports. */
  readonly items: readonly Item[];
  /** Texts by path, for showing diagnostics and for the record. */
  readonly sources: ReadonlyMap<string, string>;
}

const importable: ReadonlySet<Item['kind']> = new Set(['import', 'param', 'let', 'fn']);

export function load(entry: Source, readFile: ReadFile, diagnostics: Diagnostics): Loaded {
  const sources = new Map<string, string>();
  const items: Item[] = [];
  const done = new Set<string>();
  const chain: { path: string; by: Import | undefined }[] = [];

  function tryRead(path: string): string | undefined {
    try {
      return readFile(path);
    } catch {
      return undefined;
    }
  }

  function visit(source: Source, by: Import | undefined): void {
    const path = normalize(source.path);
    sources.set(source.path, source.text);
    chain.push({ path, by });
    const file: FileNode = parse(source, diagnostics);
    for (const item of file.items) {
      if (item.kind === 'import') follow(item, source.path);
      else if (by !== undefined && !importable.has(item.kind)) {
        diagnostics.report(
          'L0703',
          `an imported file holds only param, let and fn, found '${item.kind === 'network' ? 'model' : item.kind}'`,
          {
            span:
              item.kind === 'model' || item.kind === 'network' || item.kind === 'data'
                ? item.name.span
                : item.span,
            notes: [{ message: 'imported here', span: by.span }],
          },
        );
      } else items.push(item);
    }
    chain.pop();
    done.add(path);
  }

  function follow(item: Import, from: string): void {
    const written = item.path.value;
    const path = isAbsolute(written) ? written : join(dirname(from), written);
    const start = chain.findIndex((each) => each.path === normalize(path));
    const { span } = item.path;
    if (start >= 0) {
      const notes = chain.slice(start + 1).flatMap(({ path: at, by }) => {
        return by === undefined ? [] : [{ message: `${at} is imported here`, span: by.span }];
      });
      diagnostics.report('L0702', `${written} imports itself`, { span, notes });
    } else if (done.has(normalize(path))) return;
    else if (chain.length > MAX_IMPORT_DEPTH || sources.size >= MAX_FILES) {
      diagnostics.report(
        'L0124',
        `more than ${MAX_IMPORT_DEPTH} imports inside one another, or ${MAX_FILES} files`,
        { span },
      );
    } else {
      const text = written === '' ? undefined : tryRead(path);
      if (text === undefined) {
        diagnostics.report('L0701', `cannot read '${path}'`, {
          span,
          help: 'imports are looked up from the folder of the file that imports',
        });
      } else visit({ path, text }, item);
    }
  }

  visit(entry, undefined);
  return { items, sources };
}
