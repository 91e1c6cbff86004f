/** Writes a file from pieces that need not fit into memory together. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { GensynError } from '@gensyn/ir';

/** Whole or not at all. Errors: R0501, R0503. */
export function writePieces(path: string, pieces: readonly Uint8Array[]): void {
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, '');
    for (const piece of pieces) writeFileSync(temporary, piece, { flag: 'a' });
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    const full = ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '');
    throw new GensynError(full ? 'R0501' : 'R0503', `${path} cannot be written`, { cause });
  }
}
