/**
 * Binary SHA-256 trees over 32-byte chunks, built in one pass in blocks that fit the processor's cache.
 *
 * Definition. The bytes are cut into chunks of 32, the last filled up with zeros. A leaf is SHA256(chunk || LEAF_TAG), an inner
 * node SHA256(left || right). The depth is the smallest d with 2^d >= chunks (0 for none or one chunk). Leaves that are
 * missing up to 2^d are 32 zero bytes: not a hash, so no chunk can stand in for one.
 */
import { GensynError } from '../error.js';
import { hashPairs, sha256 } from './hash.js';
import { LEAF_TAG } from './tags.js';

export const CHUNK = 32;
const BLOCK_DEPTH = 12;
const BLOCK_CHUNKS = 2 ** BLOCK_DEPTH;
const BLOCK_BYTES = BLOCK_CHUNKS * CHUNK;

/** Roots of subtrees in which every leaf is missing, by depth. */
const zeros: readonly Uint8Array[] = (() => {
  const list: Uint8Array[] = [new Uint8Array(CHUNK)];
  for (let depth = 1; depth < 64; depth++) list.push(sha256(list[depth - 1]!, list[depth - 1]!));
  return list;
})();

/** Chunks that `bytes` bytes take. */
export function chunkCount(bytes: number): number {
  return Math.ceil(bytes / CHUNK);
}

/** Depth of the tree over that many chunks: the smallest d with 2^d >= chunks. */
export function treeDepth(chunks: number): number {
  let depth = 0;
  while (2 ** depth < chunks) depth++;
  return depth;
}

/** The leaves of up to a block of bytes. Its buffers serve every tree in turn: hashing is synchronous. */
function leafHasher(): (bytes: Uint8Array, nodes: Uint8Array) => number {
  const pairs = new Uint8Array(BLOCK_CHUNKS * 64);
  for (let i = 0; i < BLOCK_CHUNKS; i++) pairs.set(LEAF_TAG, i * 64 + CHUNK);
  const pairWords = new Uint32Array(pairs.buffer);
  const block = new Uint8Array(BLOCK_BYTES);
  const blockWords = new Uint32Array(block.buffer);
  /** Puts chunks beside the tags, from leaf `at` on. */
  function spread(words: Uint32Array, chunks: number, at: number): void {
    // Word by word and written out: an inner loop takes four times as long, a call of `set` per chunk longer still.
    for (let from = 0, to = at * 16; from < chunks * 8; from += 8, to += 16) {
      pairWords[to] = words[from]!;
      pairWords[to + 1] = words[from + 1]!;
      pairWords[to + 2] = words[from + 2]!;
      pairWords[to + 3] = words[from + 3]!;
      pairWords[to + 4] = words[from + 4]!;
      pairWords[to + 5] = words[from + 5]!;
      pairWords[to + 6] = words[from + 6]!;
      pairWords[to + 7] = words[from + 7]!;
    }
  }
  return (bytes, nodes) => {
    const count = chunkCount(bytes.length);
    // Read where they lie if they can be; a last chunk that is not full never can.
    const inPlace = bytes.byteOffset % 4 === 0 ? Math.floor(bytes.length / CHUNK) : 0;
    if (inPlace > 0) spread(new Uint32Array(bytes.buffer, bytes.byteOffset, inPlace * 8), inPlace, 0);
    if (inPlace < count) {
      const rest = bytes.subarray(inPlace * CHUNK);
      block.set(rest);
      block.fill(0, rest.length, (count - inPlace) * CHUNK);
      spread(blockWords, count - inPlace, inPlace);
    }
    hashPairs(pairs.subarray(0, count * 64), nodes.subarray(0, count * CHUNK));
    return count;
  };
}

interface Buffers {
  readonly hashLeaves: ReturnType<typeof leafHasher>;
  readonly nodes: Uint8Array;
  readonly above: Uint8Array;
}

let shared: Buffers | undefined;

/** Root at level `to` of a block of bytes (level 0 being its leaves), with the path of a leaf where one is asked for. */
function blockRoot(bytes: Uint8Array, to: number, index = 0, path?: Uint8Array[]): Uint8Array {
  const { hashLeaves, nodes, above } = (shared ??= {
    hashLeaves: leafHasher(),
    nodes: new Uint8Array(BLOCK_BYTES + CHUNK),
    above: new Uint8Array(BLOCK_BYTES / 2 + CHUNK),
  });
  return reduce(nodes, above, hashLeaves(bytes, nodes), 0, to, index, path);
}

/** Fills an odd level up and hashes it; returns the number of nodes above. `nodes` has room for one more node. */
function raise(nodes: Uint8Array, count: number, level: number, above: Uint8Array): number {
  const even = count + (count % 2);
  if (even > count) nodes.set(zeros[level]!, count * CHUNK);
  hashPairs(nodes.subarray(0, even * CHUNK), above.subarray(0, (even / 2) * CHUNK));
  return even / 2;
}

/**
 * Root of the subtree whose `count` nodes of level `from` stand in `nodes`, at level `to`. Overwrites `nodes`, and `room`, which holds the
 * level above. With `index` and `path`, pushes the siblings that lead from node `index` to that root.
 */
function reduce(
  nodes: Uint8Array,
  room: Uint8Array,
  count: number,
  from: number,
  to: number,
  index = 0,
  path?: Uint8Array[],
): Uint8Array {
  let [level, above] = [nodes, room];
  for (let depth = from, at = index; depth < to; depth++, at = Math.floor(at / 2)) {
    const sibling = at % 2 === 0 ? at + 1 : at - 1;
    path?.push(sibling < count ? level.slice(sibling * CHUNK, (sibling + 1) * CHUNK) : zeros[depth]!.slice());
    count = count === 0 ? 0 : raise(level, count, depth, above);
    [level, above] = [above, level];
  }
  return count === 0 ? zeros[to]!.slice() : level.slice(0, CHUNK);
}

/** A finished tree: what openings need besides the bytes themselves. */
export interface Tree {
  readonly root: Uint8Array;
  readonly depth: number;
  readonly chunks: number;
  readonly byteLength: number;
  /** Roots of the whole blocks of 2^12 chunks, in order; empty for a tree of one block. */
  readonly blockRoots: Uint8Array;
}

/** Builds a tree over bytes that arrive in pieces of any size; memory stays at a few hundred KiB plus 32 bytes per 128 KiB. */
export interface TreeStream {
  update(bytes: Uint8Array): void;
  /** Ends the stream. */
  finish(): Tree;
  /** Ends the stream and returns the tree's root alone. */
  root(): Uint8Array;
}

export function treeStream(): TreeStream {
  let pending = new Uint8Array(0);
  let pendingLength = 0;
  let blocks = 0;
  let roots = new Uint8Array(64 * CHUNK);
  let done: Tree | undefined;

  function addBlock(bytes: Uint8Array): void {
    if ((blocks + 1) * CHUNK > roots.length) {
      const larger = new Uint8Array(roots.length * 2);
      larger.set(roots);
      roots = larger;
    }
    roots.set(blockRoot(bytes, BLOCK_DEPTH), blocks * CHUNK);
    blocks++;
  }

  function update(bytes: Uint8Array): void {
    if (done !== undefined) throw new GensynError('G0020', 'bytes arrive after the tree was finished');
    let at = 0;
    while (at < bytes.length) {
      if (pendingLength === BLOCK_BYTES) {
        addBlock(pending);
        pendingLength = 0;
      }
      if (pendingLength === 0 && bytes.length - at > BLOCK_BYTES) {
        addBlock(bytes.subarray(at, at + BLOCK_BYTES));
        at += BLOCK_BYTES;
        continue;
      }
      const take = Math.min(BLOCK_BYTES - pendingLength, bytes.length - at);
      if (pendingLength + take > pending.length) pending = grown(pending, pendingLength + take);
      pending.set(bytes.subarray(at, at + take), pendingLength);
      pendingLength += take;
      at += take;
    }
  }

  // `pending` keeps the last block until the end, for only then it is known whether the tree has one block.
  function finish(): Tree {
    if (done !== undefined) return done;
    const last = pending.subarray(0, pendingLength);
    const byteLength = blocks * BLOCK_BYTES + pendingLength;
    const chunks = chunkCount(byteLength);
    const depth = treeDepth(chunks);
    if (blocks === 0) {
      return (done = smallTree(last));
    }
    addBlock(last);
    const blockRoots = roots.slice(0, blocks * CHUNK);
    const root = reduce(withRoom(blockRoots), roomAbove(blocks), blocks, BLOCK_DEPTH, depth);
    return (done = { root, depth, chunks, byteLength, blockRoots });
  }

  return { update, finish, root: () => finish().root };
}

/** A small tensor needs no whole block of memory. */
function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(BLOCK_BYTES, Math.max(length, 2 * bytes.length)));
  larger.set(bytes);
  return larger;
}

/** A copy with room for the node that fills an odd level up. */
function withRoom(nodes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(nodes.length + CHUNK);
  copy.set(nodes);
  return copy;
}

/** Room for the level above so many nodes, and for the node that fills it up. */
function roomAbove(count: number): Uint8Array {
  return new Uint8Array((Math.ceil(count / 2) + 1) * CHUNK);
}

/** The tree over at most a block of bytes. */
function smallTree(bytes: Uint8Array): Tree {
  const chunks = chunkCount(bytes.length);
  const depth = treeDepth(chunks);
  return {
    root: blockRoot(bytes, depth),
    depth,
    chunks,
    byteLength: bytes.length,
    blockRoots: new Uint8Array(0),
  };
}

/** The tree over bytes in memory. */
export function tensorTree(bytes: Uint8Array): Tree {
  if (bytes.length <= BLOCK_BYTES) return smallTree(bytes);
  const stream = treeStream();
  stream.update(bytes);
  return stream.finish();
}

/** The siblings from chunk `index` up to the root, lowest first; `bytes` are those the tree was built over. */
export function treePath(tree: Tree, bytes: Uint8Array, index: number): Uint8Array[] {
  const path: Uint8Array[] = [];
  const block = Math.floor(index / BLOCK_CHUNKS);
  const part = bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
  blockRoot(part, Math.min(tree.depth, BLOCK_DEPTH), index % BLOCK_CHUNKS, path);
  if (tree.depth > BLOCK_DEPTH) {
    const blocks = tree.blockRoots.length / CHUNK;
    reduce(withRoom(tree.blockRoots), roomAbove(blocks), blocks, BLOCK_DEPTH, tree.depth, block, path);
  }
  return path;
}
