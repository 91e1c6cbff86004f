/** A tree with all of its nodes, for games in which any of them may be asked for. */
import { LEAF_TAG, sha256, treeDepth } from '@gensyn/ir';

export interface NodeTree {
  readonly depth: number;
  readonly root: Uint8Array;
  /** Entry (a digest or a chunk) under leaf `index`. */
  entry(index: number): Uint8Array;
  /** Node `index` of the row that is `height` above the leaves; zeros hashed up where leaves are missing. */
  node(height: number, index: number): Uint8Array;
  /** Siblings of leaf `index` from the lowest on, up to `height`. */
  path(index: number, height?: number): Uint8Array[];
}

const CHUNK = 32;

/** The tree over entries of 32 bytes: that of `tensorTree`. */
export function nodeTree(entries: readonly Uint8Array[]): NodeTree {
  const depth = treeDepth(entries.length);
  const rows: Uint8Array[][] = [entries.map((entry) => sha256(entry, LEAF_TAG))];
  const missing: Uint8Array[] = [new Uint8Array(CHUNK)];
  for (let height = 0; height < depth; height++) {
    const [below, filler] = [rows[height]!, missing[height]!];
    const width = Math.ceil(below.length / 2);
    rows.push(Array.from({ length: width }, (_, i) => sha256(below[2 * i]!, below[2 * i + 1] ?? filler)));
    missing.push(sha256(filler, filler));
  }
  const node = (height: number, index: number): Uint8Array => rows[height]![index] ?? missing[height]!;
  return {
    depth,
    root: node(depth, 0),
    entry: (index) => entries[index]!,
    node,
    path: (index, height = depth) =>
      Array.from({ length: height }, (_, level) => node(level, Math.floor(index / 2 ** level) ^ 1)),
  };
}

/** The chunks of a tensor's bytes, the last filled up with zeros. */
export function chunksOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, i) => {
    const chunk = new Uint8Array(CHUNK);
    chunk.set(bytes.subarray(i * CHUNK, (i + 1) * CHUNK));
    return chunk;
  });
}
