/** Reads one block as what it may be: a stranger's. */
import { GensynError } from '@gensyn/ir';
import { decode } from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import { MAX_BLOCK, RAW, checkKind, type BlockSource } from './blocks.js';

/** Links of a shard, in all of IPFS. */
const WIDTH = 256n;

export interface Link {
  readonly name: string;
  readonly cid: CID;
  /** Announced size of all below. */
  readonly total: number;
}

export type UnixfsNode =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** `sizes`: bytes of the file below each link. */
  | { readonly kind: 'file'; readonly links: readonly Link[]; readonly sizes: readonly number[] }
  | { readonly kind: 'folder'; readonly links: readonly Link[] }
  /** Part of a folder of many names. */
  | { readonly kind: 'shard'; readonly links: readonly Link[] };

/** Errors: those of the source, N0502 for a block that is no part of a file or folder. */
export async function readNode(source: BlockSource, cid: CID): Promise<UnixfsNode> {
  checkKind(cid);
  const block = await source.get(cid);
  if (block.length > MAX_BLOCK) broken(cid, `is a block of more than ${MAX_BLOCK} bytes`);
  if (cid.code === RAW) return { kind: 'bytes', bytes: block };
  try {
    return decodeNode(cid, block);
  } catch (cause) {
    if (cause instanceof GensynError) throw cause;
    throw new GensynError('N0502', `${cid} is malformed`, { cause });
  }
}

function decodeNode(cid: CID, block: Uint8Array): UnixfsNode {
  const { Data, Links } = decode(block);
  if (!Data) return broken(cid, 'is neither file nor folder');
  const data = UnixFS.unmarshal(Data);
  const links = Links.map(({ Name, Tsize, Hash }) => ({
    name: Name ?? '',
    cid: Hash as unknown as CID,
    total: Number(Tsize ?? 0),
  }));
  switch (data.type) {
    case 'directory':
      return { kind: 'folder', links };
    case 'hamt-sharded-directory':
      if (data.fanout !== WIDTH) broken(cid, 'is a folder in shards of unknown width');
      return { kind: 'shard', links };
    case 'raw':
    case 'file': {
      if (links.length === 0) return { kind: 'bytes', bytes: data.data ?? new Uint8Array() };
      const sizes = data.blockSizes.map(Number);
      if (data.data?.length || sizes.length !== links.length)
        broken(cid, 'has sizes that do not fit its parts');
      return { kind: 'file', links, sizes };
    }
    default:
      return broken(cid, `is a ${data.type}, neither file nor folder`);
  }
}

export function broken(cid: CID, why: string): never {
  throw new GensynError('N0502', `${cid} ${why}`);
}
