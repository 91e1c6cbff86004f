/** Names in stored folders, of either kind: flat, or in shards where they are many. */
import { GensynError } from '@gensyn/ir';
import { murmur3128 } from '@multiformats/murmur3';
import type { CID } from 'multiformats/cid';
import { RAW, type BlockSource } from './blocks.js';
import { safeName, safeParts } from './stored-path.js';
import type { FoundFile } from './store.js';
import { broken, readNode, type UnixfsNode } from './unixfs-node.js';

/** Folders in folders, as deep as artefacts may be. */
const MAX_LEVELS = 8;
/** A shard for each byte of 64 bits of a name's hash. */
const MAX_SHARDS = 8;

/**
 * Files below a folder. Errors: those of the source; N0502 for more than `limit` files, for names that are no plain names, and for
 * folders without end.
 */
export async function listFolder(source: BlockSource, cid: CID, limit: number): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  // Every folder and every shard holds something, so there are not many more of them than files.
  let nodes = 64 + 4 * limit;
  const root = await readNode(source, cid);
  if (!isFolder(root)) broken(cid, 'is a file, no folder');
  await visit(cid, root, '', 0, 0, new Set());
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));

  async function visit(
    at: CID,
    node: UnixfsNode,
    prefix: string,
    level: number,
    shards: number,
    names: Set<string>,
  ): Promise<void> {
    if (!isFolder(node)) return;
    for (const { name, cid: below, total, isShard } of entriesOf(node)) {
      if (isShard) {
        if (shards >= MAX_SHARDS) broken(at, 'has shards without end');
        const shard = await next(below);
        if (shard.kind !== 'shard') broken(at, 'has a shard that is none');
        await visit(below, shard, prefix, level, shards + 1, names);
        continue;
      }
      const path = prefix + safeName(name);
      if (names.has(name)) broken(at, `holds ${JSON.stringify(path)} twice`);
      names.add(name);
      const entry = below.code === RAW ? undefined : await next(below);
      if (entry && isFolder(entry)) {
        if (level >= MAX_LEVELS) broken(at, `holds folders more than ${MAX_LEVELS} deep`);
        await visit(below, entry, `${path}/`, level + 1, 0, new Set());
        continue;
      }
      if (found.length >= limit) throw new GensynError('N0502', `${cid} holds more than ${limit} files`);
      found.push({ path, announced: total });
    }
  }

  async function next(below: CID): Promise<UnixfsNode> {
    if (--nodes < 0) broken(cid, `is a folder of more parts than ${limit} files need`);
    return readNode(source, below);
  }
}

/** CID of a file or folder below a folder. Errors: those of the source; N0501 there is no such file, N0502. */
export async function findEntry(source: BlockSource, cid: CID, path: string): Promise<CID> {
  let at = cid;
  for (const name of safeParts(path)) {
    const below = await findName(source, at, name);
    if (!below) throw new GensynError('N0501', `${cid} holds no ${JSON.stringify(path)}`);
    at = below;
  }
  return at;
}

async function findName(source: BlockSource, folder: CID, name: string): Promise<CID | undefined> {
  const hash = await murmur3128.encode(new TextEncoder().encode(name));
  let at = folder;
  for (let depth = 0; depth < MAX_SHARDS; depth++) {
    const node = await readNode(source, at);
    if (!isFolder(node)) return undefined;
    const place = hash[depth]!.toString(16).toUpperCase().padStart(2, '0');
    const entry = entriesOf(node).find((each) =>
      each.isShard
        ? each.place === place
        : each.name === name && (node.kind === 'folder' || each.place === place),
    );
    if (!entry?.isShard) return entry?.cid;
    at = entry.cid;
  }
  return broken(folder, 'has shards without end');
}

function isFolder(node: UnixfsNode): node is UnixfsNode & { kind: 'folder' | 'shard' } {
  return node.kind === 'folder' || node.kind === 'shard';
}

/** In a shard every name has two digits before it, its place by its hash; without more than these it is a further shard. */
function entriesOf(node: UnixfsNode & { kind: 'folder' | 'shard' }) {
  const digits = node.kind === 'shard' ? 2 : 0;
  return node.links.map((link) => ({
    cid: link.cid,
    total: link.total,
    place: link.name.slice(0, digits),
    name: link.name.slice(digits),
    isShard: node.kind === 'shard' && link.name.length === digits,
  }));
}
