/** The bytes of a proof, put together in the order in which the contract reads them. */
import type { ChunkTree } from './chunk-tree.js';

export interface ProofBytes {
  bytes(part: Uint8Array): void;
  u8(value: number): void;
  u32(value: number): void;
  u64(value: number): void;
  /** The siblings of a chunk. */
  path(tree: ChunkTree, index: number): void;
  /** A chunk and its siblings. */
  opening(tree: ChunkTree, index: number): void;
  finish(): Uint8Array;
}

export function proofBytes(): ProofBytes {
  const parts: Uint8Array[] = [];
  const number = (size: number, write: (view: DataView) => void): void => {
    const part = new Uint8Array(size);
    write(new DataView(part.buffer));
    parts.push(part);
  };
  const path = (tree: ChunkTree, index: number): void => void parts.push(...tree.path(index));
  return {
    bytes: (part) => void parts.push(part),
    u8: (value) => number(1, (view) => view.setUint8(0, value)),
    u32: (value) => number(4, (view) => view.setUint32(0, value, true)),
    u64: (value) => number(8, (view) => view.setBigUint64(0, BigInt(value), true)),
    path,
    opening(tree, index) {
      parts.push(tree.chunk(index));
      path(tree, index);
    },
    finish: () => new Uint8Array(Buffer.concat(parts)),
  };
}
