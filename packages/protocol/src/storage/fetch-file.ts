/** Brings a stored file to disk, whole or not at all; an attempt that was cut short is gone on with. */
import fs from 'node:fs';
import path from 'node:path';
import type { CID } from 'multiformats/cid';
import { ahead } from './ahead.js';
import { matches, type BlockSource } from './blocks.js';
import { fileLeaves, type Leaf } from './file-leaves.js';
import { cannotWrite } from './folder-blocks.js';

type Handle = fs.promises.FileHandle;

/** Pieces asked for at the same time. */
const WINDOW = 6;

/** Errors: those of the source, N0502 for more than `limit` bytes, N0503 for a target that cannot be written. */
export async function fetchFile(source: BlockSource, cid: CID, limit: number, target: string): Promise<void> {
  const onDisk = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw cannotWrite(target, cause);
    }
  };
  if (await isThere(source, cid, limit, target)) return;
  const partial = `${target}.partial`;
  let opened: Promise<Handle> | undefined;
  const partialFile = (): Promise<Handle> => (opened ??= onDisk(() => openPartial(partial)));
  try {
    let end = 0;
    const pieces = ahead(fileLeaves(source, cid, limit), WINDOW, async (leaf) => {
      const file = await partialFile();
      // What an earlier attempt has written counts if it is what the CID names.
      const known = await onDisk(() => isAt(file, leaf));
      return { ...leaf, found: known ? undefined : await leaf.bytes() };
    });
    for await (const { offset, size, found } of pieces) {
      const file = await partialFile();
      if (found) await onDisk(() => file.write(found, 0, size, offset));
      end = offset + size;
    }
    const file = await partialFile();
    await onDisk(async () => {
      await file.truncate(end);
      await file.sync();
      await fs.promises.rename(partial, target);
    });
  } finally {
    await (await opened?.catch(() => undefined))?.close().catch(() => undefined);
  }
}

/** Is the file on disk, and is it what the CID names? Errors: those of the source. */
async function isThere(source: BlockSource, cid: CID, limit: number, target: string): Promise<boolean> {
  const file = await fs.promises.open(target, 'r').catch(() => undefined);
  if (!file) return false;
  try {
    let end = 0;
    for await (const leaf of fileLeaves(source, cid, limit)) {
      if (!(await isAt(file, leaf))) return false;
      end = leaf.offset + leaf.size;
    }
    return (await file.stat()).size === end;
  } finally {
    await file.close();
  }
}

async function isAt(file: Handle, { offset, size, raw }: Leaf): Promise<boolean> {
  if (!raw) return false;
  const bytes = new Uint8Array(size);
  const { bytesRead } = await file.read(bytes, 0, size, offset);
  return bytesRead === size && matches(raw, bytes);
}

async function openPartial(file: string): Promise<Handle> {
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  // A link in its place would lead elsewhere.
  const flags = fs.constants.O_RDWR | fs.constants.O_CREAT | (fs.constants.O_NOFOLLOW ?? 0);
  return fs.promises.open(file, flags, 0o644);
}

/** Bytes of a file in memory. Errors: those of the source, N0502 for more than `limit`. */
export async function readFile(source: BlockSource, cid: CID, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const bytes of ahead(fileLeaves(source, cid, limit), WINDOW, (leaf) => leaf.bytes()))
    pieces.push(bytes);
  return pieces.length === 1 ? pieces[0]! : new Uint8Array(Buffer.concat(pieces));
}
