/** Decides from source kind, name and first bytes by which reader a file is read. */
import type { Column, Dataset } from '../semantics/program.js';
import type { ColumnData, OpenColumn } from './column-data.js';
import { readCsv } from './csv.js';
import { readIdx } from './idx.js';
import { NPY_MAGIC, readNpy } from './npy.js';
import { readNpz } from './npz.js';
import { dataError } from './problem.js';
import type { SourceFile } from './source-file.js';
import { readText } from './text.js';

export type Format = 'csv' | 'idx' | 'npy' | 'npz' | 'text';

const BY_NAME: readonly (readonly [RegExp, Exclude<Format, 'text'>])[] = [
  [/\.(csv|tsv)(\.gz)?$/i, 'csv'],
  [/\.npy(\.gz)?$/i, 'npy'],
  [/\.npz$/i, 'npz'],
  [/(\.idx|\.idx\d|-idx\d-ubyte|-ubyte|\.ubyte)(\.gz)?$/i, 'idx'],
];

/** The format that a file's name says. */
export function formatByName(name: string): Exclude<Format, 'text'> | undefined {
  return BY_NAME.find(([ending]) => ending.test(name))?.[1];
}

/**
 * The name's ending decides; without a known one the kind of source does, and for arrays the first bytes.
 * @throws GensynError D0106 when the columns ask for what the format has not
 */
export function formatOf(source: SourceFile, columns: readonly Column[]): Format {
  const kinds = new Set(columns.map((column) => column.source.kind));
  if (kinds.has('text')) return 'text';
  const byName = formatByName(source.name);
  if (byName) return byName;
  if (source.head.subarray(0, 6).equals(NPY_MAGIC)) return 'npy';
  if (source.head.subarray(0, 4).equals(Buffer.from('PK\x03\x04'))) return 'npz';
  if (kinds.has('member')) return 'npz';
  if (kinds.has('named') || kinds.has('columns')) return 'csv';
  if (source.gzip || (source.head[0] === 0 && source.head[1] === 0)) return 'idx';
  throw dataError(
    'D0106',
    { ...source.place, span: columns[0]?.span },
    'neither the name nor the first bytes tell the format',
    'Use an ending of the format: .csv, .npy, .npz, .idx; or read text as chars or bytes.',
  );
}

/** Reads the given columns of one file in one pass. */
export async function readColumns(
  source: SourceFile,
  dataset: Dataset,
  columns: readonly Column[],
  open: OpenColumn,
): Promise<ColumnData[]> {
  const format = formatOf(source, columns);
  const member = columns.find((column) => column.source.kind === 'member');
  if (member && format !== 'npz') {
    throw dataError(
      'D0106',
      { ...source.place, span: member.span },
      `a ${format} file has no members`,
      'Members are arrays of an .npz file.',
    );
  }
  switch (format) {
    case 'csv':
      return readCsv(source, dataset, columns, open);
    case 'idx':
      return readIdx(source, columns, open);
    case 'npy':
      return readNpy(source, columns, open);
    case 'npz':
      return readNpz(source, columns, open);
    case 'text':
      return readText(source, dataset, columns, open);
  }
}
