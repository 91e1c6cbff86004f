/** Writes the files of a compiled job, each whole or not at all. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GensynError, encodeModelPieces, type ModelProto } from '@gensyn/ir';

/** Errors: L0002, and those of encoding. */
export async function writeModel(path: string, model: ModelProto): Promise<void> {
  await replace(path, encodeModelPieces(model));
}

/** Errors: L0002. */
export async function replace(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    await writeFile(temporary, pieces);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new GensynError('L0002', `cannot write ${path}`, { cause });
  }
}
