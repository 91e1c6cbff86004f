/** Trees over 32-byte chunks from which many paths are taken: small ones are kept whole. */
import { openChunk, sha256, tensorTree, treeDepth, LEAF_TAG } from '@gensyn/ir';

export interface ChunkTree {
  readonly root: Uint8Array;
  readonly depth: number;
  /** Chunk `index`, the last one filled up with zeros. */
  chunk(index: number): Uint8Array;
  /** Siblings from the leaf's up. */
  path(index: number): readonly Uint8Array[];
}

/** Bytes of a chunk. */
export const CHUNK = 32;
/** Chunks up to which a tree is kept: 2^16 digests of 32 bytes twice over. */
const KEPT = 2 ** 16;

/** The tree that `tensorTree` defines, over the same bytes. */
export function chunkTree(bytes: Uint8Array): ChunkTree {
  const count = Math.ceil(bytes.length / CHUNK);
  if (count > KEPT) {
    const tree = tensorTree(bytes);
    const open = (index: number) => openChunk(tree, bytes, index);
    return {
      root: tree.root,
      depth: tree.depth,
      chunk: (index) => open(index).chunk,
      path: (index) => open(index).path,
    };
  }
  const chunk = (index: number): Uint8Array => {
    const out = new Uint8Array(CHUNK);
    out.set(bytes.subarray(index * CHUNK, (index + 1) * CHUNK));
    return out;
  };
  const depth = treeDepth(count);
  const levels: Uint8Array[][] = [Array.from({ length: count }, (_, i) => sha256(chunk(i), LEAF_TAG))];
  const missing: Uint8Array[] = [new Uint8Array(CHUNK)];
  for (let level = 0; level < depth; level++) {
    const below = levels[level]!;
    const filler = missing[level]!;
    levels.push(
      Array.from({ length: Math.ceil(below.length / 2) }, (_, i) =>
        sha256(below[2 * i]!, below[2 * i + 1] ?? filler),
      ),
    );
    missing.push(sha256(filler, filler));
  }
  return {
    root: levels[depth]![0] ?? missing[depth]!,
    depth,
    chunk,
    path: (index) =>
      Array.from({ length: depth }, (_, level) => levels[level]![(index >> level) ^ 1] ?? missing[level]!),
  };
}
