/** The columns of a job's data sets as the chain knows them: what a batch is recomputed from, bound by one root. */
import { sha256 } from '../merkle/hash.js';
import { listRoot } from '../merkle/root.js';
import type { ColumnManifest, Manifest } from './manifest.js';
import { digestFromHex } from './record.js';

/** What fixes the rows that a step reads of a column. */
export interface ColumnFacts {
  readonly dataset: string;
  readonly name: string;
  readonly rows: number;
  /** Rows of the data set that are kept out of training. */
  readonly holdout: number;
  readonly manifest: Pick<ColumnManifest, 'storage' | 'dims' | 'start' | 'stride' | 'root'>;
}

/** All columns, in the order of the manifest. Only the first data set has rows held out. */
export function columnFacts(manifest: Pick<Manifest, 'datasets' | 'holdoutRows'>): ColumnFacts[] {
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

export const COLUMN_TAG = new Uint8Array(32);
COLUMN_TAG.set(new TextEncoder().encode('gensyn/column/v1'));

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setBigUint64(24, BigInt(value));
  return bytes;
}

const text = (value: string): Uint8Array => sha256(new TextEncoder().encode(value));

/**
 * SHA256(tag || SHA256(data set) || SHA256(column) || rows || rows held out || start || stride || tensor root), integers as 32 bytes
 * big-endian. The tensor root alone does not say which of its elements a row is. Errors: G0023 for a root that is none.
 */
export function columnDigest({ dataset, name, rows, holdout, manifest }: ColumnFacts): Uint8Array {
  const integers = [rows, holdout, manifest.start, manifest.stride].map(word);
  return sha256(COLUMN_TAG, text(dataset), text(name), ...integers, digestFromHex(manifest.root));
}

/** Root over all columns: the list of their digests. Errors: G0023. */
export function columnsRoot(columns: readonly ColumnFacts[]): Uint8Array {
  return listRoot(columns.map(columnDigest));
}
