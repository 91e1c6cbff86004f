/** The columns of a job's data sets as the chain knows them: what a batch is recomputed from, bound by one root. */
import {
  GensynError,
  digestFromHex,
  listBytes,
  listRoot,
  sha256,
  type ColumnManifest,
  type Manifest,
} from '@gensyn/ir';
import { CHUNK, chunkTree, type ChunkTree } from './chunk-tree.js';

export interface Column {
  readonly dataset: string;
  readonly name: string;
  readonly rows: number;
  /** Rows of the data set that are kept out of training. */
  readonly holdout: number;
  readonly manifest: Pick<ColumnManifest, 'storage' | 'dims' | 'start' | 'stride' | 'root'>;
}

/** All columns, in the order of the manifest. Only the first data set has rows held out. */
export function columnsOf(manifest: Pick<Manifest, 'datasets' | 'holdoutRows'>): Column[] {
  return manifest.datasets.flatMap((set, i) =>
    set.columns.map((column) => ({
      dataset: set.name,
      name: column.name,
      rows: set.rows,
      holdout: i === 0 ? manifest.holdoutRows : 0,
      manifest: column,
    })),
  );
}

const COLUMN_TAG = new Uint8Array(CHUNK);
COLUMN_TAG.set(new TextEncoder().encode('gensyn/column/v1'));

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(CHUNK);
  new DataView(bytes.buffer).setBigUint64(24, BigInt(value));
  return bytes;
}

const text = (value: string): Uint8Array => sha256(new TextEncoder().encode(value));

/**
 * SHA256(tag || SHA256(data set) || SHA256(column) || rows || rows held out || start || stride || tensor root), integers as 32 bytes
 * big-endian. The roots of the columns alone, which the data root is made of, do not say which row a step reads.
 */
export function columnDigest({ dataset, name, rows, holdout, manifest }: Column): Uint8Array {
  const integers = [rows, holdout, manifest.start, manifest.stride].map(word);
  return sha256(COLUMN_TAG, text(dataset), text(name), ...integers, digestFromHex(manifest.root));
}

/** Root over all columns: the list of their digests. */
export function columnsRoot(columns: readonly Column[]): Uint8Array {
  return listRoot(columns.map(columnDigest));
}

export function columnsTree(columns: readonly Column[]): ChunkTree {
  return chunkTree(listBytes(columns.map(columnDigest)));
}

/** Position of a column. Errors: V0403. */
export function columnIndex(columns: readonly Column[], dataset: string, name: string): number {
  const index = columns.findIndex((column) => column.dataset === dataset && column.name === name);
  if (index >= 0) return index;
  throw new GensynError('V0403', `the job has no column '${name}' of '${dataset}'`);
}
