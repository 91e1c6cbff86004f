/** Merkle roots and ranges of finished column files. */
import { open } from 'node:fs/promises';
import { listRoot, tensorRootOf, treeStream } from '@gensyn/ir';
import type { Shape } from '../tensor/tensor.js';
import type { Storage } from './prepared.js';

export interface Committed {
  readonly root: string;
  /** Smallest non-zero magnitude, and the largest power of two that divides every value; both 0 if all are zero. */
  readonly tiny: number;
  readonly quantum: number;
}

interface Magnitudes {
  update(bytes: Buffer): void;
  result(): { tiny: number; quantum: number };
}

/** Follows smallest magnitude and common power of two through a file whose chunks hold whole elements. */
function magnitudes(storage: Storage): Magnitudes {
  let tiny = Infinity;
  let quantum = Infinity;
  // Most values share their exponent of quantum with an earlier one, so the exact one is computed rarely.
  function see(value: number): void {
    const magnitude = Math.abs(value);
    if (magnitude === 0) return;
    if (magnitude < tiny) tiny = magnitude;
    if (magnitude % quantum !== 0 || quantum === Infinity) quantum = Math.min(quantum, lowestBit(magnitude));
  }
  return {
    update(bytes) {
      if (storage === 'u8') {
        for (let i = 0; i < bytes.length; i++) see(bytes[i]!);
        return;
      }
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const float = storage === 'f32';
      for (let at = 0; at < bytes.length; at += 4)
        see(float ? view.getFloat32(at, true) : view.getInt32(at, true));
    },
    result: () => (tiny === Infinity ? { tiny: 0, quantum: 0 } : { tiny, quantum }),
  };
}

/** The value of the lowest set bit of a positive f32 or i32 magnitude, as a power of two. */
function lowestBit(magnitude: number): number {
  let bit = 2 ** Math.floor(Math.log2(magnitude));
  while (magnitude % bit !== 0) bit /= 2;
  return bit;
}

/**
 * Reads a finished file once: its root as tensor of type `storage` and shape `dims` (hex), and its range.
 * The file's length must be that of the tensor (G0020 otherwise).
 */
export async function commitFile(file: string, storage: Storage, dims: Shape): Promise<Committed> {
  const tree = treeStream();
  const range = magnitudes(storage);
  const buffer = Buffer.allocUnsafe(1 << 20);
  const handle = await open(file, 'r');
  try {
    let fill = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, fill, buffer.length - fill);
      fill += bytesRead;
      // A read may stop short; a full buffer holds whole elements, and so does the rest of the file.
      if (bytesRead > 0 && fill < buffer.length) continue;
      tree.update(buffer.subarray(0, fill));
      range.update(buffer.subarray(0, fill));
      fill = 0;
      if (bytesRead === 0) break;
    }
  } finally {
    await handle.close();
  }
  const root = tensorRootOf(storage, dims, tree.finish());
  return { root: Buffer.from(root).toString('hex'), ...range.result() };
}

/** Root of the list of column roots (hex), hex. */
export function commitColumns(roots: readonly string[]): string {
  return Buffer.from(listRoot(roots.map((root) => Buffer.from(root, 'hex')))).toString('hex');
}
