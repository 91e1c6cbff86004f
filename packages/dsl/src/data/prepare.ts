/** Turns the sources of a data set into canonical column files with ranges and Merkle roots. */
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GensynError, type Span } from '@gensyn/ir';
import type { Column, Dataset } from '../semantics/program.js';
import { rowSize, type ColumnData, type OpenColumn } from './column-data.js';
import { openColumnWriter, type ColumnWriter, type Written } from './column-writer.js';
import { commitColumns, commitFile, type Committed } from './commit.js';
import { readColumns } from './format.js';
import { storageBytes, type PreparedColumn, type PreparedDataset } from './prepared.js';
import { dataError } from './problem.js';
import { openSource, systemDataDirs, type SourceFile } from './source-file.js';
import { readStamp, stampKey, stampText } from './stamp.js';

export interface PrepareOptions {
  /** Folder of the job file; relative paths start here. */
  readonly baseDir: string;
  /** Folder for the column files; made if it is missing. */
  readonly outDir: string;
  /** Looked at for relative paths after `baseDir`; default: the folders under /usr/share/datasets. */
  readonly searchDirs?: readonly string[];
}

/** A finished file under its temporary name. */
interface Finished {
  readonly temporary: string;
  readonly file: string;
  readonly written: Written;
}

/**
 * Reads every column of a data set, checks every value and writes `<outDir>/<dataset>.<column>.bin`, row-major and
 * little-endian, in the smallest of u8, i32 and f32 that holds the values exactly (f32: rounded once). Files appear by
 * rename when all are complete. Nothing is done when a stamp shows that the same sources and declaration were prepared.
 * Memory does not depend on the size of the data.
 * @throws GensynError D0101..D0160, see `dataExplanations`
 */
export async function prepareDataset(dataset: Dataset, options: PrepareOptions): Promise<PreparedDataset> {
  const { baseDir, outDir } = options;
  const searchDirs = options.searchDirs ?? (await systemDataDirs());
  const groups = await openSources(dataset, baseDir, searchDirs);
  const key = await stampKey(
    dataset,
    groups.map((group) => group.source),
  );
  const stamp = join(outDir, `${dataset.name}.stamp.json`);
  const earlier = await readStamp(stamp, key, outDir);
  if (earlier) return earlier;

  await writing(outDir, dataset.span, () => mkdir(outDir, { recursive: true }));
  const suffix = `.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  const files = new Map<ColumnWriter, string>();
  try {
    const data: ColumnData[] = [];
    for (const { source, columns } of groups) {
      const open: OpenColumn = (column, where) => {
        const file = column.name === '' ? `${dataset.name}.bin` : `${dataset.name}.${column.name}.bin`;
        const place = { ...source.place, span: column.span };
        const writer = openColumnWriter(column, join(outDir, file + suffix), () => ({
          ...place,
          where: where(),
        }));
        files.set(writer, file);
        return writer;
      };
      data.push(...(await readColumns(source, dataset, columns, open)));
    }
    const ordered = dataset.columns.map((column) => data.find((entry) => entry.column === column)!);
    checkRows(dataset, ordered);
    const prepared = await finish(dataset, ordered, files, outDir, suffix, stamp);
    await writing(stamp, dataset.span, async () => {
      await writeFile(stamp + suffix, stampText(key, prepared));
      await rename(stamp + suffix, stamp);
    });
    return prepared;
  } catch (error) {
    for (const writer of files.keys()) writer.discard();
    await rm(stamp + suffix, { force: true });
    throw error;
  }
}

async function writing<T>(file: string, span: Span, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof GensynError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw dataError('D0160', { file, span }, `cannot write the prepared data (${why})`, undefined, error);
  }
}

interface Group {
  readonly source: SourceFile;
  readonly columns: Column[];
}

/** The columns by file, each file opened once. */
async function openSources(
  dataset: Dataset,
  baseDir: string,
  searchDirs: readonly string[],
): Promise<readonly Group[]> {
  const groups = new Map<string, Group>();
  if (dataset.columns.length === 0) {
    throw dataError('D0106', { file: dataset.name, span: dataset.span }, 'the data set has no columns');
  }
  for (const column of dataset.columns) {
    const name = column.path ?? dataset.path;
    if (name === undefined) {
      throw dataError(
        'D0106',
        { file: dataset.name, span: column.span },
        `no file is named for column '${column.name}'`,
      );
    }
    const group = groups.get(name);
    if (group) group.columns.push(column);
    else {
      const span = column.path === undefined ? dataset.span : column.span;
      groups.set(name, { source: await openSource(name, baseDir, searchDirs, span), columns: [column] });
    }
  }
  const texts = [...groups.values()].filter(({ columns }) => columns[0]!.source.kind === 'text');
  if (texts.length > 1) {
    throw dataError(
      'D0106',
      texts[1]!.source.place,
      `the text columns of '${dataset.name}' read two files; one is expected`,
    );
  }
  return [...groups.values()];
}

/** @throws GensynError D0151 unless all columns have the same number of rows */
function checkRows(dataset: Dataset, data: readonly ColumnData[]): void {
  const first = data[0]!;
  const odd = data.find((entry) => entry.rows !== first.rows);
  if (!odd) return;
  throw new GensynError(
    'D0151',
    `column '${odd.column.name}' of '${dataset.name}' has ${odd.rows} rows, column '${first.column.name}' has ${first.rows}`,
    {
      span: odd.column.span,
      notes: [{ message: `'${first.column.name}' is declared here`, span: first.column.span }],
      help: 'Row i of every column describes the same example; check that the files belong together.',
    },
  );
}

async function finish(
  dataset: Dataset,
  data: readonly ColumnData[],
  files: ReadonlyMap<ColumnWriter, string>,
  outDir: string,
  suffix: string,
  stamp: string,
): Promise<PreparedDataset> {
  const finished = new Map<ColumnWriter, Finished & Committed>();
  const columns: PreparedColumn[] = [];
  for (const entry of data) {
    const { column, writer, rows } = entry;
    const dims = entry.view ? [writer.count()] : [rows, ...column.shape];
    let stored = finished.get(writer);
    if (!stored) {
      const file = files.get(writer)!;
      const temporary = join(outDir, file + suffix);
      const written = writer.finish();
      const committed = await writing(file, column.span, () => commitFile(temporary, written.storage, dims));
      stored = { temporary, file, written, ...committed };
      finished.set(writer, stored);
    }
    columns.push(describe(entry, dims, stored));
  }
  // Without the old stamp nobody takes a mixture of old and new files for a prepared data set.
  await writing(stamp, dataset.span, () => rm(stamp, { force: true }));
  for (const { temporary, file } of finished.values()) {
    await writing(file, dataset.span, () => rename(temporary, join(outDir, file)));
  }
  const root = commitColumns(columns.map((column) => column.root));
  return { name: dataset.name, rows: data[0]!.rows, columns, root };
}

function describe(entry: ColumnData, dims: readonly number[], stored: Finished & Committed): PreparedColumn {
  const { column } = entry;
  const { storage, count, min, max, flushed } = stored.written;
  if (column.type === 'class' && max >= column.classes!) {
    throw dataError(
      'D0142',
      { file: stored.file, span: column.span },
      `${max} is not a class of '${column.name}', which has the classes 0..${column.classes! - 1}`,
    );
  }
  return {
    name: column.name,
    type: column.type,
    storage,
    shape: column.shape,
    file: stored.file,
    bytes: count * storageBytes[storage],
    dims,
    start: entry.view?.start ?? 0,
    stride: entry.view?.stride ?? rowSize(column),
    root: stored.root,
    min,
    max,
    tiny: stored.tiny,
    quantum: stored.quantum,
    flushed,
    divisor: column.divisor,
    offset: column.offset,
    ...(column.classes === undefined ? {} : { classes: column.classes }),
    ...(column.labels === undefined ? {} : { labels: column.labels }),
    ...(entry.alphabet === undefined
      ? {}
      : { alphabet: entry.alphabet, alphabetStart: entry.alphabetStart! }),
    ...(entry.boundary === undefined ? {} : { boundary: entry.boundary }),
  };
}
