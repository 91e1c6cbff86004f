/** Folders and IPFS nodes as one store. */
import fs from 'node:fs';
import { GensynError, type Note } from '@gensyn/ir';
import type { CID } from 'multiformats/cid';
import { firstOf, parseCid } from './blocks.js';
import { ahead } from './ahead.js';
import { fetchFile, readFile } from './fetch-file.js';
import { folderBlocks } from './folder-blocks.js';
import { findEntry, listFolder } from './folder-entries.js';
import { importContent, importFolder, type ImportedFile } from './import-files.js';
import type { StoreOptions } from './open-store.js';
import type { Store, StoredFile } from './store.js';

/** The disk takes its time to make each of them durable. */
const FILES_AT_ONCE = 8;

/** Errors: N0503 for a folder that cannot be made. */
export async function joinStores(
  folders: readonly string[],
  addresses: readonly string[],
  options: StoreOptions,
): Promise<Store> {
  const local = folders.map(folderBlocks);
  const { ipfsNode } = addresses.length > 0 ? await import('./ipfs-node.js') : {};
  const nodes = await Promise.all(addresses.map((address) => ipfsNode!(address, options)));
  const sources = firstOf([...local, ...nodes]);
  const known = new Map<string, ImportedFile>();

  /** Adds to all folders; a file that has not changed since is not read again. */
  async function imported({ content }: StoredFile): Promise<ImportedFile> {
    const key = content instanceof Uint8Array ? undefined : identity(content.file);
    const before = key === undefined ? undefined : known.get(key);
    if (before && local.every((folder) => folder.has(before.cid))) return before;
    const file = await importContent(content, async (cid, bytes) => {
      await Promise.all(local.map((folder) => folder.put(cid, bytes)));
    });
    if (key !== undefined) known.set(key, file);
    return file;
  }

  return {
    name: sources.name,
    async add(files) {
      const entries: (StoredFile & { file: ImportedFile })[] = [];
      const work = ahead(inOrder(files), FILES_AT_ONCE, async (each) => ({
        ...each,
        file: await imported(each),
      }));
      for await (const entry of work) entries.push(entry);
      const tree: { cid: CID; bytes: Uint8Array }[] = [];
      const root = await importFolder(entries, async (cid, bytes) => {
        tree.push({ cid, bytes });
      });
      for (const { cid, bytes } of tree) await Promise.all(local.map((folder) => folder.put(cid, bytes)));
      const failures: GensynError[] = [];
      for (const node of nodes) {
        try {
          await node.add(entries, tree);
        } catch (error) {
          if (!(error instanceof GensynError)) throw error;
          failures.push(error);
        }
      }
      if (nodes.length > 0 && failures.length === nodes.length) throw nobodyTook(failures);
      return root.toString();
    },
    list: (cid, limit) => listFolder(sources, parseCid(cid), limit),
    async read(cid, path, limit) {
      return readFile(sources, await findEntry(sources, parseCid(cid), path), limit);
    },
    async fetch(cid, path, limit, target) {
      await fetchFile(sources, await findEntry(sources, parseCid(cid), path), limit, target);
    },
    async close() {
      await Promise.all(nodes.map((node) => node.close()));
    },
  };
}

async function* inOrder<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** The same file with the same bytes, as far as that can be seen from outside. */
function identity(file: string): string | undefined {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = fs.statSync(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return undefined;
  }
}

function nobodyTook(failures: readonly GensynError[]): GensynError {
  if (failures.length === 1) return failures[0]!;
  const code = failures.every((failure) => failure.code === 'N0504') ? 'N0504' : 'N0503';
  const notes: Note[] = failures.map(({ message }) => ({ message }));
  return new GensynError(code, 'no node took the files in', { notes });
}
