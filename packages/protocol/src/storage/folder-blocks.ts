/** The embedded store: a folder with one file for each block, which any number of processes may use at the same time. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { GensynError } from '@gensyn/ir';
import type { CID } from 'multiformats/cid';
import { MAX_BLOCK, matches, type BlockSource } from './blocks.js';

/** What a killed process leaves behind is removed after an hour. */
const STALE = 3_600_000;

export interface FolderBlocks extends BlockSource {
  has(cid: CID): boolean;
  /** A killed process leaves a whole block or none. Errors: N0503. */
  put(cid: CID, bytes: Uint8Array): Promise<void>;
}

/** Errors: N0503 for a folder that cannot be made. */
export function folderBlocks(folder: string): FolderBlocks {
  const [blocks, unfinished] = [path.join(folder, 'blocks'), path.join(folder, 'unfinished')];
  try {
    fs.mkdirSync(blocks, { recursive: true });
    fs.mkdirSync(unfinished, { recursive: true });
    for (const name of fs.readdirSync(unfinished)) removeStale(path.join(unfinished, name));
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }
  // Of a CID's letters the last few differ most; the very last holds only some bits.
  const fileOf = (cid: CID): string => {
    const text = cid.toV1().toString();
    return path.join(blocks, text.slice(-3, -1), text);
  };
  const has = (cid: CID): boolean => fs.existsSync(fileOf(cid));
  return {
    name: folder,
    remote: false,
    has,
    async get(cid) {
      const file = fileOf(cid);
      let bytes: Uint8Array | undefined;
      try {
        if ((await fs.promises.stat(file)).size <= MAX_BLOCK) bytes = await fs.promises.readFile(file);
      } catch {
        throw new GensynError('N0501', `${folder} does not have ${cid}`);
      }
      if (bytes && matches(cid, bytes)) return bytes;
      // So that it can be added again.
      await fs.promises.rm(file, { force: true }).catch(() => undefined);
      throw new GensynError('N0501', `${cid} was damaged in ${folder}, and has been removed there`);
    },
    async put(cid, bytes) {
      if (has(cid)) return;
      const temporary = path.join(unfinished, `${process.pid}-${randomBytes(8).toString('hex')}`);
      try {
        // Not forced to the disk: a block that a power cut spoils is found out by its CID, and can be added again.
        await fs.promises.writeFile(temporary, bytes, { flag: 'wx' });
        const file = fileOf(cid);
        await fs.promises.mkdir(path.dirname(file), { recursive: true });
        await fs.promises.rename(temporary, file);
      } catch (cause) {
        await fs.promises.rm(temporary, { force: true }).catch(() => undefined);
        // Elsewhere a file that is open cannot be replaced; somebody else has written the same.
        if (!has(cid)) throw cannotWrite(folder, cause);
      }
    },
  };
}

function removeStale(file: string): void {
  try {
    if (Date.now() - fs.statSync(file).mtimeMs > STALE) fs.rmSync(file);
  } catch {
    // Its owner, or another process, has removed it.
  }
}

export function cannotWrite(what: string, cause: unknown): GensynError {
  const code = (cause as NodeJS.ErrnoException).code;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new GensynError('N0503', full ? `the disk of ${what} is full` : `${what} cannot be written`, {
    notes: [{ message: code ?? String(cause) }],
    cause,
  });
}
