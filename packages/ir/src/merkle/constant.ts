/** The root of a tensor that holds one value everywhere, in logarithmic time. */
import { sha256 } from './hash.js';
import { tensorBytes, tensorRootOf } from './root.js';
import { LEAF_TAG, type CommittedType } from './tags.js';
import { CHUNK, chunkCount, treeDepth } from './tree.js';

/**
 * What `tensorRoot` gives for a tensor filled with `element` (its little-endian bytes, as many as one element takes).
 * At each level all nodes are alike but the last. Errors: G0020.
 */
export function constantTensorRoot(
  dtype: CommittedType,
  shape: readonly number[],
  element: Uint8Array,
): Uint8Array {
  const byteLength = tensorBytes(dtype, shape);
  const chunks = chunkCount(byteLength);
  const depth = treeDepth(chunks);
  const chunk = new Uint8Array(CHUNK);
  for (let i = 0; i < CHUNK; i++) chunk[i] = element[i % element.length]!;
  let missing: Uint8Array = new Uint8Array(CHUNK);
  let like = sha256(chunk, LEAF_TAG);
  let count = Math.floor(byteLength / CHUNK);
  const rest = byteLength % CHUNK;
  let last = rest === 0 ? undefined : sha256(chunk.fill(0, rest), LEAF_TAG);
  for (let level = 0; level < depth; level++) {
    if (count % 2 === 1) last = sha256(like, last ?? missing);
    else if (last) last = sha256(last, missing);
    like = sha256(like, like);
    missing = sha256(missing, missing);
    count = Math.floor(count / 2);
  }
  const root = count > 0 ? like : (last ?? missing);
  return tensorRootOf(dtype, shape, { root, depth, chunks, byteLength, blockRoots: new Uint8Array(0) });
}
