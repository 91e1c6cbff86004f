/** Files that are either there whole or not at all, also after a power cut: temporary file, fsync, rename, fsync of the folder. */
import fs from 'node:fs';
import path from 'node:path';
import { GensynError } from '@gensyn/ir';

/** Replaces `file` by the pieces. Errors: R0501 when the disk is full, R0503 when it cannot be written. */
export function writeFileAtomic(file: string, pieces: Iterable<Uint8Array>): void {
  const temporary = `${file}.partial`;
  guard(file, () => {
    try {
      const handle = fs.openSync(temporary, 'w');
      try {
        for (const piece of pieces) writeAll(handle, piece);
        fs.fsyncSync(handle);
      } finally {
        fs.closeSync(handle);
      }
      fs.renameSync(temporary, file);
      syncFolder(path.dirname(file));
    } catch (cause) {
      fs.rmSync(temporary, { force: true });
      throw cause;
    }
  });
}

/** Appends a line and waits until it is durable. Errors: R0501, R0503. */
export function appendLine(file: string, line: string): void {
  guard(file, () => {
    const handle = fs.openSync(file, 'a');
    try {
      writeAll(handle, Buffer.from(`${line}\n`));
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
  });
}

/** Runs file-system work, turning its errors into ours. Errors: R0501, R0503. */
export function guard<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof GensynError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new GensynError('R0501', `the disk is full: ${path.basename(file)} could not be written`, {
        cause,
      });
    throw new GensynError('R0503', `${path.basename(file)} cannot be written`, {
      notes: [{ message: code ?? String(cause) }],
      cause,
    });
  }
}

function writeAll(handle: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;)
    done += fs.writeSync(handle, bytes, done, Math.min(bytes.length - done, 2 ** 30));
}

/** Makes what was renamed or removed in a folder durable. */
export function syncFolder(folder: string): void {
  // Windows has no handle on folders; its rename is durable with the file's own metadata.
  if (process.platform === 'win32') return;
  const handle = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
