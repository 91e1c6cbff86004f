/** A tree with all of its nodes, for games in which any of them may be asked for. */
import { hashPairs, LEAF_TAG, listBytes, sha256, treeDepth } from '@gensyn/ir';

export interface NodeTree {
  readonly depth: number;
  readonly root: Uint8Array;
  /** Entry (a digest or a chunk, the last filled up with zeros) under leaf `index`. */
  entry(index: number): Uint8Array;
  /** Node `index` of the row that is `height` above the leaves; zeros hashed up where leaves are missing. */
  node(height: number, index: number): Uint8Array;
  /** Siblings of leaf `index` from the lowest on, up to `height`. */
  path(index: number, height?: number): Uint8Array[];
}

const CHUNK = 32;
/** Leaves hashed at once. */
const BLOCK = 4096;

/** The tree over entries of 32 bytes: that of `listRoot`. */
export function nodeTree(entries: readonly Uint8Array[]): NodeTree {
  return nodesOver(listBytes(entries));
}

/** The tree over the chunks of a tensor's bytes, which are not copied: that of `tensorTree`. */
export function nodesOver(bytes: Uint8Array): NodeTree {
  const count = Math.ceil(bytes.length / CHUNK);
  const depth = treeDepth(count);
  const entry = (index: number): Uint8Array => {
    const chunk = new Uint8Array(CHUNK);
    chunk.set(bytes.subarray(index * CHUNK, (index + 1) * CHUNK));
    return chunk;
  };
  const rows = [leavesOf(bytes, count)];
  const missing: Uint8Array[] = [new Uint8Array(CHUNK)];
  for (let height = 0; height < depth; height++) {
    rows.push(rowAbove(rows[height]!, missing[height]!));
    missing.push(sha256(missing[height]!, missing[height]!));
  }
  const node = (height: number, index: number): Uint8Array => {
    const row = rows[height]!;
    const from = index * CHUNK;
    return from < row.length ? row.slice(from, from + CHUNK) : missing[height]!;
  };
  return {
    depth,
    root: node(depth, 0),
    entry,
    node,
    path: (index, height = depth) =>
      Array.from({ length: height }, (_, level) => node(level, Math.floor(index / 2 ** level) ^ 1)),
  };
}

function leavesOf(bytes: Uint8Array, count: number): Uint8Array {
  const leaves = new Uint8Array(count * CHUNK);
  const pairs = new Uint8Array(Math.min(count, BLOCK) * 2 * CHUNK);
  for (let i = CHUNK; i < pairs.length; i += 2 * CHUNK) pairs.set(LEAF_TAG, i);
  for (let first = 0; first < count; first += BLOCK) {
    const here = Math.min(BLOCK, count - first);
    for (let i = 0; i < here; i++) {
      const chunk = bytes.subarray((first + i) * CHUNK, (first + i + 1) * CHUNK);
      pairs.set(chunk, i * 2 * CHUNK);
      if (chunk.length < CHUNK) pairs.fill(0, i * 2 * CHUNK + chunk.length, (i * 2 + 1) * CHUNK);
    }
    hashPairs(pairs.subarray(0, here * 2 * CHUNK), leaves.subarray(first * CHUNK, (first + here) * CHUNK));
  }
  return leaves;
}

function rowAbove(below: Uint8Array, filler: Uint8Array): Uint8Array {
  let whole = below;
  if ((below.length / CHUNK) % 2 === 1) {
    whole = new Uint8Array(below.length + CHUNK);
    whole.set(below);
    whole.set(filler, below.length);
  }
  const row = new Uint8Array(whole.length / 2);
  hashPairs(whole, row);
  return row;
}
