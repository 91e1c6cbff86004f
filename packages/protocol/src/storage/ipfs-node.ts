/** An IPFS node reached by its HTTP API. Its word counts for nothing: bytes count when they fit their CID. */
import { GensynError } from '@gensyn/ir';
import type { CID } from 'multiformats/cid';
import { matches, type BlockSource } from './blocks.js';
import { carOf, type Block } from './car.js';
import { importContent, type ImportedFile } from './import-files.js';
import { ipfsClient } from './ipfs-client.js';
import type { StoreOptions } from './open-store.js';
import { asking } from './request.js';
import type { StoredFile } from './store.js';

/** Blocks that are sent in one request: so much is sent again where one gets lost. */
const BATCH = 8 * 2 ** 20;
/** Files as small as this are sent without asking whether they are there. */
const SMALL = 64 * 2 ** 10;
/** Milliseconds to look for a block among its own, for nodes that would go on to look elsewhere. */
const LOOK = 2_000;
/** So much longer than for a block a node may take to take a batch in, or to pin a folder. */
const IMPORT_TIMES = 6;

export interface IpfsNode extends BlockSource {
  /**
   * Sends what the node does not have of a folder, and has the folder pinned. `tree`: the blocks of the folder itself, the root last.
   * Errors: N0503, N0504.
   */
  add(files: readonly Importing[], tree: readonly Block[]): Promise<void>;
  close(): Promise<void>;
}

export interface Importing {
  readonly content: StoredFile['content'];
  readonly file: ImportedFile;
}

export async function ipfsNode(address: string, options: StoreOptions): Promise<IpfsNode> {
  const { timeout = 20_000, tries = 4 } = options;
  const { name, client } = await ipfsClient(address);
  const ask = asking(name, tries);
  /** Files that the node has as parts of folders pinned there. */
  const pinned = new Set<string>();

  async function has(cid: CID): Promise<boolean> {
    try {
      // As the last block of a file it came after all others.
      await ask((signal) => client.block.stat(cid, { signal, offline: true, timeout: LOOK }), timeout);
      return true;
    } catch (error) {
      if (error instanceof GensynError && error.code === 'N0501') return false;
      throw error;
    }
  }

  async function send(blocks: readonly Block[], pinRoots: boolean): Promise<void> {
    const root = blocks.at(-1)!.cid;
    await ask(async (signal) => {
      const roots: string[] = [];
      for await (const { root: told } of client.dag.import([carOf(blocks)], { signal, pinRoots })) {
        if (told.pinErrorMsg) throw new GensynError('N0501', `${name} cannot pin: ${told.pinErrorMsg}`);
        roots.push(told.cid.toString());
      }
      if (pinRoots && !(roots.length === 1 && roots[0] === root.toString()))
        throw new GensynError(
          'N0503',
          `${name} has pinned ${roots[0] ?? 'nothing'} where it was given ${root}`,
        );
    }, timeout * IMPORT_TIMES);
  }

  async function sendAll(files: readonly Importing[], tree: readonly Block[], asked: boolean): Promise<void> {
    let [batch, bytes] = [[] as Block[], 0];
    const flush = async (): Promise<void> => {
      const blocks = batch;
      [batch, bytes] = [[], 0];
      if (blocks.length > 0) await send(blocks, false);
    };
    const sink = async (block: Block): Promise<void> => {
      batch.push(block);
      bytes += block.bytes.length;
      if (bytes >= BATCH) await flush();
    };
    const done = new Set<string>();
    for (const { content, file } of files) {
      const key = file.cid.toString();
      if (done.has(key) || (asked && pinned.has(key))) continue;
      done.add(key);
      if (asked && file.bytes > SMALL && (await has(file.cid))) continue;
      const { cid } = await importContent(
        content,
        inOrder((cid, data) => sink({ cid, bytes: data })),
      );
      if (!cid.equals(file.cid))
        throw new GensynError('N0503', 'a file has changed while it was added', {
          help: 'Add it again.',
        });
    }
    for (const block of tree) await sink(block);
    await flush();
    await send(tree.slice(-1), true);
    for (const { file } of files) pinned.add(file.cid.toString());
  }

  return {
    name,
    remote: true,
    async get(cid) {
      let bytes: Uint8Array;
      try {
        bytes = await ask((signal) => client.block.get(cid, { signal, timeout: timeout * 0.8 }), timeout);
      } catch (error) {
        if (!(error instanceof GensynError)) throw error;
        // Who refuses the question has said nothing about the block; who floods has.
        const code = error.code === 'N0502' ? 'N0501' : error.code === 'N0503' ? 'N0504' : error.code;
        throw new GensynError(code, error.message, { cause: error });
      }
      if (!matches(cid, bytes))
        throw new GensynError('N0501', `${name} has answered other bytes than ${cid}`);
      return bytes;
    },
    async add(files, tree) {
      try {
        await sendAll(files, tree, true);
      } catch (error) {
        // Something that was there has gone, or was never whole: this time everything is sent.
        if (!(error instanceof GensynError) || error.code !== 'N0501') throw error;
        try {
          await sendAll(files, tree, false);
        } catch (again) {
          if (!(again instanceof GensynError) || again.code !== 'N0501') throw again;
          throw new GensynError('N0503', again.message, { cause: again });
        }
      }
    },
    async close() {},
  };
}

/** One at a time, whatever the importer does at the same time. */
function inOrder(sink: (cid: CID, bytes: Uint8Array) => Promise<void>) {
  let last = Promise.resolve();
  return (cid: CID, bytes: Uint8Array): Promise<void> => (last = last.then(() => sink(cid, bytes)));
}
