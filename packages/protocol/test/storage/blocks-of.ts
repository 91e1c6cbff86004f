/** Blocks made by hand, and the blocks of a store's folder, by CID. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { encode, prepare } from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import { CID } from 'multiformats/cid';
import { create } from 'multiformats/hashes/digest';

export type Blocks = Map<string, Uint8Array>;

export function blocksOf(folder: string): Blocks {
  const found: Blocks = new Map();
  for (const name of fs.readdirSync(path.join(folder, 'blocks'), { recursive: true })) {
    const file = path.join(folder, 'blocks', String(name));
    if (fs.statSync(file).isFile()) found.set(path.basename(file), new Uint8Array(fs.readFileSync(file)));
  }
  return found;
}

export function putBlock(blocks: Blocks, bytes: Uint8Array, codec = 0x70): CID {
  const cid = CID.createV1(codec, create(0x12, createHash('sha256').update(bytes).digest()));
  blocks.set(cid.toString(), bytes);
  return cid;
}

export const putRaw = (blocks: Blocks, bytes: Uint8Array): CID => putBlock(blocks, bytes, 0x55);

export interface HandLink {
  readonly name?: string;
  readonly cid: CID;
  readonly total?: number;
}

/** A node of any kind, with links in the order of their names, as the format wants it. */
export function putNode(blocks: Blocks, data: UnixFS, links: readonly HandLink[]): CID {
  const Links = links.map(({ name = '', cid, total = 1 }) => ({ Name: name, Tsize: total, Hash: cid }));
  return putBlock(blocks, encode(prepare({ Data: data.marshal(), Links })));
}

export const putFolder = (blocks: Blocks, links: readonly HandLink[]): CID =>
  putNode(blocks, new UnixFS({ type: 'directory' }), links);

/** A file whose parts are said to have these sizes. */
export function putFile(blocks: Blocks, parts: readonly (readonly [CID, number])[]): CID {
  const data = new UnixFS({ type: 'file' });
  for (const [, size] of parts) data.addBlockSize(BigInt(size));
  return putNode(
    blocks,
    data,
    parts.map(([cid]) => ({ cid })),
  );
}
