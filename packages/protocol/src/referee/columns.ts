/** The tree over the columns of a job's data sets, for openings. */
import { columnDigest, GensynError, listBytes, type ColumnFacts } from '@gensyn/ir';
import { chunkTree, type ChunkTree } from './chunk-tree.js';

export function columnsTree(columns: readonly ColumnFacts[]): ChunkTree {
  return chunkTree(listBytes(columns.map(columnDigest)));
}

/** Position of a column. Errors: V0403. */
export function columnIndex(columns: readonly ColumnFacts[], dataset: string, name: string): number {
  const index = columns.findIndex((column) => column.dataset === dataset && column.name === name);
  if (index >= 0) return index;
  throw new GensynError('V0403', `the job has no column '${name}' of '${dataset}'`);
}
