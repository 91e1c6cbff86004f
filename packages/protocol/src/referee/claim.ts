/** What one side says of an element or a partial result, opened. */
import { bytesOf, tensorRoot, type TensorValue } from '@gensyn/ir';
import { chunkTree } from './chunk-tree.js';
import { hex } from './query.js';

/** In the shape that ethers encodes. */
export interface Claim {
  readonly root: string;
  readonly chunk: string;
  readonly path: readonly string[];
  readonly chunkBefore: string;
  readonly pathBefore: readonly string[];
}

const ZERO = `0x${'00'.repeat(32)}`;

/** What `judge` answers. */
export const VERDICTS = ['none', 'first', 'second', 'neither'] as const;

/**
 * Opens an element of a claimed tensor: a node's output, or with `partial`, the partial results of an element, of which the one before is
 * opened too where it lies in the chunk before.
 */
export function claimOf({ dtype, shape, data }: TensorValue, index: number, partial = false): Claim {
  const bytes = bytesOf(data);
  const tree = chunkTree(bytes);
  const chunk = Math.floor((index * data.BYTES_PER_ELEMENT) / 32);
  const before = partial && index > 0 && index % 8 === 0;
  return {
    root: hex(tensorRoot(dtype, shape, bytes)),
    chunk: hex(tree.chunk(chunk)),
    path: tree.path(chunk).map(hex),
    chunkBefore: before ? hex(tree.chunk(chunk - 1)) : ZERO,
    pathBefore: before ? tree.path(chunk - 1).map(hex) : [],
  };
}
