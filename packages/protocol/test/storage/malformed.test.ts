/** Content that is what its CID says and still not what it should be: made by hand, served as real blocks. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { UnixFS } from 'ipfs-unixfs';
import { CID } from 'multiformats/cid';
import { create } from 'multiformats/hashes/digest';
import { expect } from 'chai';
import { openStore, type Store } from '../../src/index.js';
import { codeOf } from '../code-of.js';
import { putBlock, putFile, putFolder, putNode, putRaw, type Blocks, type HandLink } from './blocks-of.js';
import { fakeNode, type FakeNode } from './fake-node.js';
import { noise } from './sample-files.js';

const KIB = 1024;
const LIMIT = 2 ** 20;

describe('malformed content', () => {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-malformed-'));
  const target = path.join(base, 'target');
  let node: FakeNode;
  let blocks: Blocks;
  let store: Store;
  before(async () => {
    node = await fakeNode();
    ({ blocks } = node);
    store = await openStore(node.address, { timeout: 2000, tries: 1 });
  });
  after(async () => {
    await node.close();
    fs.rmSync(base, { recursive: true });
  });
  beforeEach(() => {
    blocks.clear();
    node.asked.length = 0;
  });

  const piece = (size: number, seed = size): readonly [CID, number] => [
    putRaw(blocks, noise(size, seed)),
    size,
  ];
  const refused = async (file: CID): Promise<void> => {
    const cid = putFolder(blocks, [{ name: 'f', cid: file }]).toString();
    expect(await codeOf(() => store.read(cid, 'f', LIMIT))).equal('N0502');
    expect(await codeOf(() => store.fetch(cid, 'f', LIMIT, target))).equal('N0502');
    expect(fs.existsSync(target)).equal(false);
  };

  it('a file that is as it should be, in two layers', async () => {
    const inner = putFile(blocks, [piece(64 * KIB), piece(65 * KIB)]);
    const file = putFile(blocks, [
      [inner, 129 * KIB],
      [putRaw(blocks, noise(3)), 3],
    ]);
    const cid = putFolder(blocks, [{ name: 'f', cid: file }]).toString();
    expect((await store.read(cid, 'f', LIMIT)).length).equal(129 * KIB + 3);
    await store.fetch(cid, 'f', LIMIT, target);
    expect(fs.statSync(target).size).equal(129 * KIB + 3);
    fs.rmSync(target);
  });

  describe('of a file', () => {
    it('longer than expected, known before a piece is fetched', async () => {
      const [leaf] = piece(256 * KIB);
      const file = putFile(
        blocks,
        Array.from({ length: 5 }, () => [leaf, 256 * KIB] as const),
      );
      await refused(file);
      expect(node.asked.some((line) => line.includes(leaf.toString()))).equal(false);
    });
    it('whose pieces are longer or shorter than it says', async () => {
      await refused(putFile(blocks, [[piece(70 * KIB)[0], 71 * KIB], piece(3)]));
      await refused(putFile(blocks, [[piece(70 * KIB)[0], 69 * KIB], piece(3)]));
    });
    it('whose layers contradict each other', async () => {
      const inner = putFile(blocks, [piece(64 * KIB), piece(66 * KIB)]);
      await refused(putFile(blocks, [[inner, 64 * KIB]]));
    });
    it('that ends in pieces of nothing, or of less', async () => {
      await refused(putFile(blocks, [piece(64 * KIB), [piece(0)[0], 0]]));
      const data = new UnixFS({ type: 'file' });
      data.addBlockSize(2n ** 64n - 1n);
      await refused(putNode(blocks, data, [{ cid: piece(1)[0] }]));
    });
    it('of many small pieces', async () => {
      await refused(
        putFile(
          blocks,
          Array.from({ length: 100 }, (_, i) => piece(100, i + 1)),
        ),
      );
    });
    it('without end of layers', async () => {
      let [file] = piece(10);
      for (let i = 0; i < 20; i++) file = putFile(blocks, [[file, 10]]);
      await refused(file);
      expect(node.asked.length).below(40);
    });
    it('with a piece larger than any block', async () => {
      const big = putRaw(blocks, noise(3 * LIMIT));
      const cid = putFolder(blocks, [{ name: 'f', cid: putFile(blocks, [[big, 3 * LIMIT]]) }]).toString();
      expect(await codeOf(() => store.fetch(cid, 'f', 4 * LIMIT, target))).equal('N0502');
      // Announced to be so large that memory for it would be the harm.
      const huge = putFile(blocks, [[big, 2 ** 46]]);
      const other = putFolder(blocks, [{ name: 'f', cid: huge }]).toString();
      expect(await codeOf(() => store.fetch(other, 'f', 2 ** 47, target))).equal('N0502');
    });
    it('that is a folder, a link, or nothing known', async () => {
      await refused(putFolder(blocks, []));
      await refused(putNode(blocks, new UnixFS({ type: 'symlink', data: Buffer.from('/etc/passwd') }), []));
      await refused(putBlock(blocks, Buffer.from([1, 2, 3])));
      await refused(putBlock(blocks, Buffer.from([10, 2, 8, 99])));
      await refused(putBlock(blocks, Buffer.alloc(0)));
      await refused(putBlock(blocks, Buffer.from([0xa0]), 0x71));
    });
    it('by another hash than SHA-256, or that is in its own CID', async () => {
      await refused(CID.createV1(0x55, create(0, Buffer.from('inline'))));
      await refused(CID.createV1(0x55, create(0x12, Buffer.alloc(20))));
    });
  });

  describe('of a folder', () => {
    const listed = (links: readonly HandLink[]) =>
      codeOf(() => store.list(putFolder(blocks, links).toString(), 10));

    it('with names that lead elsewhere', async () => {
      const [file] = piece(5);
      for (const name of [
        '',
        '.',
        '..',
        'a/b',
        '../x',
        '/etc',
        'a\\b',
        'C:x',
        'a\0',
        'a\n',
        'x'.repeat(256),
      ]) {
        expect(await listed([{ name, cid: file }]), JSON.stringify(name)).equal('N0502');
        const cid = putFolder(blocks, [{ name, cid: file }]).toString();
        // `a/b` is looked for as b in a, which is not there.
        expect(await codeOf(() => store.fetch(cid, name, 10, target))).equal(
          name === 'a/b' ? 'N0501' : 'N0502',
        );
      }
    });
    it('with one name twice', async () => {
      const [file] = piece(5);
      expect(await listed([file, file].map((cid) => ({ name: 'a', cid })))).equal('N0502');
    });
    it('of more files than expected', async () => {
      const [file] = piece(5);
      const links = (count: number) =>
        Array.from({ length: count }, (_, i) => ({ name: `f${i}`, cid: file }));
      expect(await listed(links(10))).equal(undefined);
      expect(await listed(links(11))).equal('N0502');
      expect(await listed(links(20_000))).equal('N0502');
    });
    it('without end of folders, deep or wide', async () => {
      const [file] = piece(5);
      let deep = putFolder(blocks, [{ name: 'f', cid: file }]);
      for (let i = 0; i < 12; i++) deep = putFolder(blocks, [{ name: 'd', cid: deep }]);
      expect(await listed([{ name: 'd', cid: deep }])).equal('N0502');
      // Each holds the next a thousand times: 10^15 empty folders in five blocks.
      let wide = putFolder(blocks, []);
      for (let i = 0; i < 5; i++)
        wide = putFolder(
          blocks,
          Array.from({ length: 1000 }, (_, k) => ({ name: `d${k}`, cid: wide })),
        );
      node.asked.length = 0;
      expect(await listed([{ name: 'd', cid: wide }])).equal('N0502');
      expect(node.asked.length).below(200);
    });
    it('in shards without end, or of another width', async () => {
      const shard = (fanout = 256n) =>
        new UnixFS({ type: 'hamt-sharded-directory', fanout, hashType: 0x22n, data: Uint8Array.of(1) });
      let chain = putNode(blocks, shard(), []);
      for (let i = 0; i < 12; i++) chain = putNode(blocks, shard(), [{ name: '00', cid: chain }]);
      expect(await codeOf(() => store.list(chain.toString(), 10))).equal('N0502');
      expect(await codeOf(() => store.list(putNode(blocks, shard(7n), []).toString(), 10))).equal('N0502');
      const all = Array.from({ length: 256 }, (_, i) => i.toString(16).toUpperCase().padStart(2, '0'));
      let every = putNode(blocks, shard(), []);
      for (let i = 0; i < 12; i++)
        every = putNode(
          blocks,
          shard(),
          all.map((name) => ({ name, cid: every })),
        );
      expect(await codeOf(() => store.read(every.toString(), 'f', 10))).equal('N0502');
    });
    it('that is a file', async () => {
      expect(await codeOf(() => store.list(piece(5)[0].toString(), 10))).equal('N0502');
      expect(await codeOf(() => store.read(piece(5)[0].toString(), 'f', 10))).equal('N0501');
    });
  });

  it('CIDs that are none', async () => {
    for (const cid of ['', 'x', 'bafy', '../..', 'Q'.repeat(10_000), 'bafkrei\0', '0x1234'])
      expect(await codeOf(() => store.list(cid, 10)), cid.slice(0, 20)).equal('N0502');
  });

  it('settings that name no store', async () => {
    for (const spec of ['', ' , ', 'ftp://x', 'http://', `${base},https://[`])
      expect(await codeOf(() => openStore(spec)), spec).equal('N0505');
    fs.writeFileSync(path.join(base, 'file'), '');
    expect(await codeOf(() => openStore(path.join(base, 'file')))).equal('N0503');
  });
});
