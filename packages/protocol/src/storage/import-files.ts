/** Cuts files and folders into blocks as `ipfs add --cid-version=1 -r` does. */
import fs from 'node:fs';
import { GensynError } from '@gensyn/ir';
import { UnixFS } from 'ipfs-unixfs';
import { importer, importFile, type ImporterOptions } from 'ipfs-unixfs-importer';
import { fixedSize } from 'ipfs-unixfs-importer/chunker';
import { balanced } from 'ipfs-unixfs-importer/layout';
import type { CID } from 'multiformats/cid';
import { safeParts } from './stored-path.js';
import type { StoredFile } from './store.js';

/** Receives blocks: those of a file end with its root, so whoever has the root has had all the others. */
export type BlockSink = (cid: CID, bytes: Uint8Array) => Promise<void>;

export interface ImportedFile {
  readonly cid: CID;
  /** Of the file. */
  readonly bytes: number;
  /** Of all its blocks. */
  readonly total: number;
}

const OPTIONS: ImporterOptions = {
  cidVersion: 1,
  rawLeaves: true,
  reduceSingleLeafToSelf: true,
  chunker: fixedSize({ chunkSize: 262_144 }),
  layout: balanced({ maxChildrenPerNode: 174 }),
  shardSplitThresholdBytes: 262_144,
  shardSplitStrategy: 'links-bytes',
  blockWriteConcurrency: 8,
};

/** Errors: N0503 for a file that cannot be read, and the sink's. */
export async function importContent(content: StoredFile['content'], sink: BlockSink): Promise<ImportedFile> {
  let bytes = 0;
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    if (content instanceof Uint8Array) {
      bytes = content.length;
      yield content;
      return;
    }
    try {
      for await (const piece of fs.createReadStream(content.file, { highWaterMark: 2 ** 20 })) {
        bytes += (piece as Buffer).length;
        yield piece as Buffer;
      }
    } catch (cause) {
      throw new GensynError('N0503', `${content.file} cannot be read`, {
        notes: [{ message: (cause as NodeJS.ErrnoException).code ?? String(cause) }],
        cause,
      });
    }
  };
  const result = await importFile({ content: pieces() }, storage(sink), OPTIONS);
  return { cid: result.cid, bytes, total: Number(result.size) };
}

/** The folder over files that are imported already. Errors: N0502 for a path that is none, the sink's. */
export async function importFolder(
  files: readonly { readonly path: string; readonly file: ImportedFile }[],
  sink: BlockSink,
): Promise<CID> {
  for (const { path } of files) safeParts(path);
  let root: CID | undefined;
  const source = files.map(({ path }) => ({ path, content: new Uint8Array() }));
  const entries = importer(source, storage(sink), {
    ...OPTIONS,
    wrapWithDirectory: true,
    // Instead of reading the files once more.
    async *dagBuilder() {
      for (const { path, file } of files) {
        const unixfs = new UnixFS({ type: 'file' });
        unixfs.addBlockSize(BigInt(file.bytes));
        yield async () => ({ cid: file.cid, path, originalPath: path, size: BigInt(file.total), unixfs });
      }
    },
  });
  for await (const entry of entries) if (entry.path === '') root = entry.cid;
  return root!;
}

function storage(sink: BlockSink) {
  return {
    async put(cid: CID, bytes: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<CID> {
      await sink(cid, bytes as Uint8Array);
      return cid;
    },
  };
}
