/** The bytes of a stored file, piece by piece and in order, with the tree above them checked on the way. */
import { GensynError } from '@gensyn/ir';
import type { CID } from 'multiformats/cid';
import { MAX_BLOCK, RAW, type BlockSource } from './blocks.js';
import { broken, readNode } from './unixfs-node.js';

/** 174 ** 8 pieces are more than any disk holds. */
const MAX_DEPTH = 8;
/** IPFS itself makes at most 1,024. */
const MAX_LINKS = 4096;
/** Pieces but for the last: smaller ones would let a small file cost many requests. IPFS makes them of 256 KiB or 1 MiB. */
const MIN_LEAF = 64 * 2 ** 10;

/** A piece of a file. `bytes` fetches and checks it. */
export interface Leaf {
  readonly offset: number;
  readonly size: number;
  /** Where the digest of the piece is that of its bytes, so that bytes at hand can be compared with it. */
  readonly raw: CID | undefined;
  bytes(): Promise<Uint8Array>;
}

/**
 * Errors: those of the source; N0502 for a file of more than `limit` bytes (before anything else is fetched), and for trees that are
 * too deep, too fine or whose sizes do not add up.
 */
export async function* fileLeaves(
  source: BlockSource,
  cid: CID,
  limit: number,
): AsyncGenerator<Leaf, void, undefined> {
  const root = await readNode(source, cid);
  if (root.kind === 'folder' || root.kind === 'shard') return broken(cid, 'is a folder, no file');
  const size = root.kind === 'bytes' ? root.bytes.length : sum(root.sizes);
  if (!(size <= limit))
    throw new GensynError('N0502', `${cid} has ${size} bytes, and at most ${limit} are expected`);
  yield* below(cid, 0, size, 0);

  async function* below(at: CID, offset: number, expected: number, depth: number): AsyncGenerator<Leaf> {
    if (depth > MAX_DEPTH) broken(at, `lies more than ${MAX_DEPTH} levels deep`);
    const isLast = offset + expected === size;
    if (depth > 0 && expected < MIN_LEAF && !isLast) broken(at, `is a piece of only ${expected} bytes`);
    // A piece of raw bytes need not be fetched to know what it is.
    if (at.code === RAW && depth > 0) {
      if (expected > MAX_BLOCK) broken(at, `is a block of more than ${MAX_BLOCK} bytes`);
      yield { offset, size: expected, raw: at, bytes: async () => fitting(await readNode(source, at)) };
      return;
    }
    const node = depth === 0 ? root : await readNode(source, at);
    if (node.kind === 'bytes') {
      const bytes = fitting(node);
      yield { offset, size: expected, raw: at.code === RAW ? at : undefined, bytes: async () => bytes };
      return;
    }
    if (node.kind !== 'file' || sum(node.sizes) !== expected)
      return broken(at, 'is not of the size announced');
    if (node.links.length > MAX_LINKS) broken(at, `has more than ${MAX_LINKS} parts`);
    for (let i = 0, start = offset; i < node.links.length; start += node.sizes[i]!, i++)
      yield* below(node.links[i]!.cid, start, node.sizes[i]!, depth + 1);

    function fitting(found: Awaited<ReturnType<typeof readNode>>): Uint8Array {
      if (found.kind !== 'bytes' || found.bytes.length !== expected)
        return broken(at, 'is not of the size announced');
      return found.bytes;
    }
  }
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => (size > 0 ? total + size : NaN), 0);
}
