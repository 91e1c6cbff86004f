/** A column of a data set on disk: rows by number, widened to the type that the graph takes. */
import fs from 'node:fs';
import { GensynError, elements, type ColumnManifest } from '@gensyn/ir';

/** Columns up to this many bytes are held in memory, unless the caller says otherwise. */
const HELD_BYTES = 256 * 2 ** 20;

export type Cells = Float32Array | Int32Array;

export interface Column {
  readonly manifest: ColumnManifest;
  /** Elements of one row. */
  readonly width: number;
  /** Copies the rows, one after the other, into `out` from element `at` on. Errors: R0104 when the file ends early. */
  gather(rows: Int32Array, out: Cells, at: number): void;
  close(): void;
}

const STORAGE = { u8: Uint8Array, i32: Int32Array, f32: Float32Array } as const;

/**
 * Opens a column at an already checked path. Small ones are read whole, others a row at a time at its position (the page cache
 * keeps what fits). Errors: R0104.
 */
export function openColumn(path: string, manifest: ColumnManifest, heldBytes = HELD_BYTES): Column {
  const width = elements(manifest.shape);
  const type = STORAGE[manifest.storage];
  const { start, stride } = manifest;
  const file = open(path, manifest);
  if (manifest.bytes <= heldBytes) {
    const held = new type(manifest.bytes / type.BYTES_PER_ELEMENT);
    readAt(file, new Uint8Array(held.buffer), 0, manifest);
    fs.closeSync(file);
    return {
      manifest,
      width,
      gather(rows, out, at) {
        for (let i = 0; i < rows.length; i++) {
          const from = start + rows[i]! * stride;
          out.set(held.subarray(from, from + width), at + i * width);
        }
      },
      close() {},
    };
  }
  const row = new type(width);
  const bytes = new Uint8Array(row.buffer);
  return {
    manifest,
    width,
    gather(rows, out, at) {
      for (let i = 0; i < rows.length; i++) {
        readAt(file, bytes, (start + rows[i]! * stride) * type.BYTES_PER_ELEMENT, manifest);
        out.set(row, at + i * width);
      }
    },
    close: () => fs.closeSync(file),
  };
}

function open(path: string, manifest: ColumnManifest): number {
  try {
    const file = fs.openSync(path, 'r');
    const { size } = fs.fstatSync(file);
    if (size === manifest.bytes) return file;
    fs.closeSync(file);
    throw new GensynError(
      'R0104',
      `${manifest.file} has ${size} bytes where the manifest announces ${manifest.bytes}`,
    );
  } catch (cause) {
    if (cause instanceof GensynError) throw cause;
    throw new GensynError('R0104', `${manifest.file} cannot be read`, { cause });
  }
}

function readAt(file: number, into: Uint8Array, position: number, manifest: ColumnManifest): void {
  for (let done = 0; done < into.length;) {
    // One read takes less than 2 GiB.
    const count = fs.readSync(file, into, done, Math.min(into.length - done, 2 ** 30), position + done);
    if (count === 0) throw new GensynError('R0104', `${manifest.file} ends at byte ${position + done}`);
    done += count;
  }
}
