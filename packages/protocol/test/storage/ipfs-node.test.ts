/** Against a real IPFS node: the same CIDs as its own, and everything there and back. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { openStore, type Store } from '../../src/index.js';
import { codeOf } from '../code-of.js';
import { ipfsNodeInstalled, startIpfsNode, type IpfsTestNode } from './ipfs-node.js';
import { noise, samples } from './sample-files.js';

interface Client {
  addAll(
    files: Iterable<{ path: string; content: Uint8Array }>,
    options: object,
  ): AsyncIterable<{ path: string; cid: { toString(): string } }>;
  pin: { ls(options: object): AsyncIterable<{ cid: { toString(): string }; type: string }> };
  block: { rm(cid: unknown, options: object): AsyncIterable<unknown> };
}

describe('a real IPFS node', function () {
  let node: IpfsTestNode;
  let store: Store;
  let client: Client;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-node-'));
  before(async function () {
    if (!ipfsNodeInstalled()) {
      console.log('      not installed: `npm run test:ipfs` installs one and runs these tests');
      this.skip();
    }
    node = await startIpfsNode();
    store = await openStore(node.address);
    client = (await import('ipfs-http-client')).create({ url: node.address }) as unknown as Client;
  });
  after(async () => {
    await node?.stop();
    fs.rmSync(folder, { recursive: true });
  });

  for (const { name, files, cid } of samples)
    it(`gives ${name} the same CID by its own add`, async () => {
      let root: string | undefined;
      const candidates = files.map((file) => ({ path: file.path, content: file.content as Uint8Array }));
      // This node goes by the number of names where newer ones go by their bytes.
      const shardSplitThreshold = files.length > 1000 ? files.length : 1_000_000;
      const options = {
        cidVersion: 1,
        rawLeaves: true,
        wrapWithDirectory: true,
        pin: false,
        shardSplitThreshold,
      };
      for await (const entry of client.addAll(candidates, options))
        if (entry.path === '') root = entry.cid.toString();
      expect(root).equal(cid);
    });

  it('takes a folder in, pins it, and gives it back', async () => {
    const files = [
      { path: 'a/small', content: noise(100, 7) },
      { path: 'a/large', content: noise(20 * 2 ** 20, 8) },
      { path: 'empty', content: new Uint8Array() },
    ];
    const cid = await store.add(files);
    const pins: string[] = [];
    for await (const pin of client.pin.ls({ type: 'recursive' })) pins.push(pin.cid.toString());
    expect(pins).deep.equal([cid]);
    expect((await store.list(cid, 3)).map((file) => file.path)).deep.equal(['a/large', 'a/small', 'empty']);
    for (const file of files)
      expect(Buffer.compare(await store.read(cid, file.path, 2 ** 25), file.content)).equal(0);
    const target = path.join(folder, 'large');
    await store.fetch(cid, 'a/large', 2 ** 25, target);
    expect(Buffer.compare(fs.readFileSync(target), files[1]!.content)).equal(0);
  });

  it('has a folder of many names, which another store finds one of', async () => {
    const { files, cid } = samples.at(-1)!;
    expect(await store.add(files)).equal(cid);
    const other = await openStore(node.address);
    const one = files[1234]!;
    expect(await other.read(cid, one.path, 8)).deep.equal(one.content);
  });

  it('says soon that it does not have something', async () => {
    const elsewhere = await openStore(path.join(folder, 'elsewhere'));
    const cid = await elsewhere.add([{ path: 'x', content: noise(5, 99) }]);
    expect(await codeOf(() => store.read(cid, 'x', 100))).equal('N0501');
  });

  it('is given again what has been taken from it', async () => {
    const files = [{ path: 'f', content: noise(2 ** 20, 12) }];
    const cid = await store.add(files);
    const other = await openStore(`${path.join(folder, 'both')},${node.address}`);
    for (const block of fs.readdirSync(path.join(node.repo, 'blocks'), { recursive: true }))
      if (String(block).endsWith('.data')) fs.rmSync(path.join(node.repo, 'blocks', String(block)));
    expect(await codeOf(() => store.read(cid, 'f', 2 ** 21))).equal('N0501');
    expect(await other.add(files)).equal(cid);
    expect(Buffer.compare(await store.read(cid, 'f', 2 ** 21), files[0]!.content)).equal(0);
  });
});
