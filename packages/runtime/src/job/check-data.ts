/** Checks column files against their roots; what was checked once is remembered by size and time of change. */
import fs from 'node:fs';
import path from 'node:path';
import {
  GensynError,
  firstOutside,
  formatRange,
  inputsOf,
  columnsRoot,
  columnFacts,
  tensorRootOf,
  treeStream,
  type ColumnManifest,
  type Graph,
  type Manifest,
  type Range,
} from '@gensyn/ir';

/** Remembers checked files; a hidden file, for it is no part of the job. */
const STAMP_FILE = '.checked.json';

type Stamps = Record<string, string>;

/**
 * Errors: R0104 for a file of another size, R0105 for one whose root is not the manifest's, or when the columns' roots do not
 * add up to the data root, R0108 for a value outside the range that a graph declares of its input.
 * @param full reads every file, whatever is remembered
 */
export function checkData(
  folder: string,
  manifest: Manifest,
  graphs: readonly Graph[],
  pathOf: (file: string) => string,
  full: boolean,
): void {
  if (Buffer.from(columnsRoot(columnFacts(manifest))).toString('hex') !== manifest.dataRoot) {
    throw new GensynError('R0105', 'the columns in job.json do not add up to its data root');
  }
  const known = readStamps(folder);
  const stamps = { ...known };
  for (const { set, column } of manifest.datasets.flatMap((set) =>
    set.columns.map((column) => ({ set, column })),
  )) {
    const file = pathOf(column.file);
    const ranges = rangesOf(graphs, set.name, column.name);
    const stamp = `${stampOf(file, column)} ${JSON.stringify(ranges)}`;
    const key = `${set.name} ${column.name}`;
    const same = Object.hasOwn(known, key) && known[key] === stamp;
    if (same && !full) continue;
    const root = readColumn(file, column, ranges);
    if (root !== column.root) {
      throw new GensynError('R0105', `${column.file} is not the data that the job was compiled from`, {
        notes: [{ message: `committed ${column.root}` }, { message: `found     ${root}` }],
        help: 'Compile the job again, or copy its folder whole.',
      });
    }
    stamps[key] = stamp;
  }
  // Some file systems wait for the disk when a file is replaced.
  if (JSON.stringify(stamps) !== JSON.stringify(known)) writeStamps(folder, stamps);
}

function stampOf(file: string, column: ColumnManifest): string {
  const { size, mtimeMs, ino } = fs.statSync(file);
  if (size !== column.bytes)
    throw new GensynError(
      'R0104',
      `${column.file} has ${size} bytes where job.json announces ${column.bytes}`,
      { help: 'Compile the job again, or copy its folder whole.' },
    );
  return `${column.root} ${size} ${mtimeMs} ${ino}`;
}

/** What the graphs declare of the values of a column. */
function rangesOf(graphs: readonly Graph[], dataset: string, column: string): Range[] {
  return graphs.flatMap((graph) =>
    inputsOf(graph).flatMap(({ node }) =>
      node.source?.kind === 'batch' && node.source.dataset === dataset && node.source.column === column
        ? [node.range]
        : [],
    ),
  );
}

/** Root of a column's file, hex; its values are checked on the way. */
function readColumn(file: string, column: ColumnManifest, ranges: readonly Range[]): string {
  const tree = treeStream();
  // Whole elements: all types have one or four bytes.
  const buffer = new Uint8Array(Math.min(2 ** 20, 4 * Math.ceil(column.bytes / 4)));
  const cells =
    column.storage === 'u8'
      ? buffer
      : column.storage === 'i32'
        ? new Int32Array(buffer.buffer)
        : new Float32Array(buffer.buffer);
  const handle = fs.openSync(file, 'r');
  try {
    for (let at = 0; at < column.bytes;) {
      const count = fill(handle, buffer);
      if (count === 0) break;
      tree.update(buffer.subarray(0, count));
      const values = cells.subarray(0, count / cells.BYTES_PER_ELEMENT);
      for (const range of ranges) {
        const outside = firstOutside(values, range);
        if (outside >= 0)
          throw new GensynError(
            'R0108',
            `${column.file} holds ${values[outside]}, and the graph takes ${formatRange(range)}`,
          );
      }
      at += count;
    }
  } finally {
    fs.closeSync(handle);
  }
  return Buffer.from(tensorRootOf(column.storage, column.dims, tree.finish())).toString('hex');
}

/** Fills the buffer from where the file stands, unless the file ends: whole elements, for the buffer holds a multiple of four. */
function fill(handle: number, buffer: Uint8Array): number {
  let done = 0;
  for (
    let count;
    done < buffer.length && (count = fs.readSync(handle, buffer, done, buffer.length - done, null)) > 0;
  )
    done += count;
  return done;
}

function readStamps(folder: string): Stamps {
  try {
    const value = JSON.parse(fs.readFileSync(path.join(folder, STAMP_FILE), 'utf8')) as unknown;
    return typeof value === 'object' && value !== null ? (value as Stamps) : {};
  } catch {
    return {};
  }
}

function writeStamps(folder: string, stamps: Stamps): void {
  try {
    fs.writeFileSync(path.join(folder, STAMP_FILE), JSON.stringify(stamps));
  } catch {
    // A folder that cannot be written to is checked each time.
  }
}
