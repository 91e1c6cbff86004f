/** Several stores as one: everything is added to all that answer, and read from the first that has it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { openStore } from '../../src/index.js';
import { codeOf } from '../code-of.js';
import { blocksOf } from './blocks-of.js';
import { fakeNode, type FakeNode } from './fake-node.js';
import { noise } from './sample-files.js';

describe('several stores', () => {
  let base: string;
  const at = (name: string): string => path.join(base, name);
  const nodes: FakeNode[] = [];
  const files = [
    { path: 'a', content: noise(300_000) },
    { path: 'b/c', content: noise(10) },
  ];
  let cid: string;
  before(() => void (base = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-joined-'))));
  beforeEach(async () => {
    nodes.push(await fakeNode(), await fakeNode());
    cid = await (await openStore(at('elsewhere'))).add(files);
    // Takes everything in, as far as it says.
    for (const node of nodes)
      node.answer = ({ path: called }, response) => {
        if (called === 'dag/import') response.end(JSON.stringify({ Root: { Cid: { '/': cid } } }));
        return called === 'dag/import';
      };
  });
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.close();
  });
  after(() => fs.rmSync(base, { recursive: true }));
  const quick = { timeout: 1000, tries: 1 };
  const imports = (node: FakeNode): number =>
    node.asked.filter((line) => line.startsWith('dag/import')).length;

  it('are all added to', async () => {
    const store = await openStore(
      `${at('one')}, ${at('two')},${nodes[0]!.address},${nodes[1]!.address}`,
      quick,
    );
    expect(await store.add(files)).equal(cid);
    expect([...blocksOf(at('one')).keys()].sort()).deep.equal([...blocksOf(at('elsewhere')).keys()].sort());
    expect(blocksOf(at('two')).size).equal(blocksOf(at('one')).size);
    // The blocks, and the root once more to have it pinned.
    expect(nodes.map(imports)).deep.equal([2, 2]);
    await store.add(files);
    expect(nodes.map(imports)).deep.equal([4, 4]);
  });

  it('are enough if one node answers, and too few if none does', async () => {
    const [up, down] = nodes as [FakeNode, FakeNode];
    await down.close();
    const store = await openStore(`${down.address},${up.address}`, quick);
    expect(await store.add(files)).equal(cid);
    await up.close();
    const alone = await openStore(`${at('three')},${up.address},${down.address}`, quick);
    expect(await codeOf(() => alone.add(files))).equal('N0504');
    nodes.length = 0;
  });

  it('are asked in order, the folder first', async () => {
    const [empty, full] = nodes as [FakeNode, FakeNode];
    for (const [key, block] of blocksOf(at('elsewhere'))) full.blocks.set(key, block);
    const spec = `${empty.address},${full.address}`;
    const far = await openStore(`${at('four')},${spec}`, quick);
    expect(Buffer.compare(await far.read(cid, 'a', 300_000), files[0]!.content)).equal(0);
    expect(empty.asked.length).equal(full.asked.length);
    const before = full.asked.length;
    const near = await openStore(`${spec},${at('elsewhere')}`, quick);
    expect(await near.read(cid, 'b/c', 10)).deep.equal(files[1]!.content);
    expect(full.asked.length).equal(before);
  });

  it('have nothing that a node knows of and none has', async () => {
    const [empty, down] = nodes as [FakeNode, FakeNode];
    await down.close();
    nodes.length = 1;
    const read = async (spec: string) =>
      codeOf(async () => (await openStore(spec, quick)).read(cid, 'a', 300_000));
    expect(await read(`${down.address},${empty.address}`)).equal('N0501');
    expect(await read(down.address)).equal('N0504');
    expect(await read(`${at('five')},${down.address}`)).equal('N0504');
  });
});
