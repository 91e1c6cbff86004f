/** Several processes on one store, and processes that are killed in the middle of their work. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openStore } from '../../src/index.js';
import { codeOf } from '../code-of.js';
import { blocksOf } from './blocks-of.js';
import { fakeNode } from './fake-node.js';
import { noise } from './sample-files.js';

const CHILD = fileURLToPath(new URL('./store-child.js', import.meta.url));

function start(...args: string[]): { child: ChildProcess; output: Promise<string> } {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout!.on('data', (piece: Buffer) => (text += piece.toString()));
  return { child, output: once(child, 'exit').then(() => text.trim()) };
}

describe('processes', () => {
  let base: string;
  const at = (...parts: string[]): string => path.join(base, ...parts);
  beforeEach(() => {
    base = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-processes-'));
    fs.mkdirSync(at('files'));
    for (const [i, size] of [10, 262_144, 2_000_000, 8_000_000].entries())
      fs.writeFileSync(at('files', `f${i}`), noise(size, i + 1));
  });
  afterEach(() => fs.rmSync(base, { recursive: true }));

  const stored = async (folder: string, cid: string): Promise<void> => {
    const store = await openStore(at(folder));
    for (const name of fs.readdirSync(at('files'))) {
      const bytes = await store.read(cid, name, 2 ** 24);
      expect(Buffer.compare(bytes, fs.readFileSync(at('files', name)))).equal(0);
    }
  };

  it('add the same files to one folder at the same time', async () => {
    const outputs = await Promise.all([0, 1, 2].map(() => start('add', at('store'), at('files')).output));
    expect(new Set(outputs).size).equal(1);
    await stored('store', outputs[0]!);
    expect(fs.readdirSync(at('store', 'unfinished'))).deep.equal([]);
  });

  it('killed while they add leave nothing that is wrong, and the next one goes on', async () => {
    const { child, output } = start('add', at('store'), at('files'));
    const begun = Date.now();
    // Somewhere in the middle: as soon as there are some blocks.
    while (
      Date.now() - begun < 10_000 &&
      !(fs.existsSync(at('store/blocks')) && blocksOf(at('store')).size > 3)
    )
      await sleep(1);
    child.kill('SIGKILL');
    await output;
    const before = blocksOf(at('store')).size;
    expect(before).above(0).and.below(45);
    const store = await openStore(at('store'));
    const files = fs
      .readdirSync(at('files'))
      .map((name) => ({ path: name, content: { file: at('files', name) } }));
    await stored('store', await store.add(files));
  });

  it('killed while they fetch leave no file, and the next one asks only for the rest', async () => {
    const embedded = await openStore(at('store'));
    const cid = await embedded.add([{ path: 'f', content: { file: at('files', 'f3') } }]);
    const node = await fakeNode();
    for (const [key, block] of blocksOf(at('store'))) node.blocks.set(key, block);
    try {
      // Slowly, so that there is a middle.
      node.answer = ({ arg }, response) => {
        void sleep(20).then(() => response.end(node.blocks.get(arg)));
        return true;
      };
      const { child, output } = start('fetch', node.address, cid, 'f', at('target'));
      const begun = Date.now();
      while (Date.now() - begun < 20_000 && node.asked.length < 18) await sleep(2);
      child.kill('SIGKILL');
      await output;
      expect(fs.existsSync(at('target'))).equal(false);
      expect(fs.existsSync(at('target.partial'))).equal(true);
      const first = new Set(node.asked);
      node.asked.length = 0;
      node.answer = () => false;
      await (await openStore(node.address)).fetch(cid, 'f', 2 ** 24, at('target'));
      expect(Buffer.compare(fs.readFileSync(at('target')), fs.readFileSync(at('files', 'f3')))).equal(0);
      expect(fs.existsSync(at('target.partial'))).equal(false);
      // 33 blocks in all: folder, file and those in flight are asked for twice.
      expect(first.size).above(15);
      expect(node.asked.filter((line) => first.has(line)).length).below(12);
      // There already: only the tree above the pieces is looked at.
      node.asked.length = 0;
      await (await openStore(node.address)).fetch(cid, 'f', 2 ** 24, at('target'));
      expect(node.asked.length).equal(2);
    } finally {
      await node.close();
    }
  });

  it('find a damaged block out, remove it, and add it again', async () => {
    const store = await openStore(at('store'));
    const files = [{ path: 'f', content: { file: at('files', 'f1') } }];
    const cid = await store.add(files);
    const [name] = [...blocksOf(at('store'))].find(([, block]) => block.length === 262_144)!;
    const file = at('store/blocks', name.slice(-3, -1), name);
    for (const damage of [noise(262_144, 77), new Uint8Array(), noise(3 * 2 ** 20)]) {
      fs.writeFileSync(file, damage);
      expect(await codeOf(() => store.read(cid, 'f', 2 ** 20))).equal('N0501');
      expect(fs.existsSync(file)).equal(false);
      expect(await store.add(files)).equal(cid);
      expect((await store.read(cid, 'f', 2 ** 20)).length).equal(262_144);
    }
  });

  it('see a partial file of something else for what it is', async () => {
    const store = await openStore(at('store'));
    const cid = await store.add([{ path: 'f', content: { file: at('files', 'f2') } }]);
    fs.writeFileSync(at('target.partial'), noise(5_000_000, 9));
    fs.writeFileSync(at('target'), noise(2_000_000, 9));
    await store.fetch(cid, 'f', 2 ** 24, at('target'));
    expect(Buffer.compare(fs.readFileSync(at('target')), fs.readFileSync(at('files', 'f2')))).equal(0);
    fs.writeFileSync(at('elsewhere'), 'mine');
    fs.symlinkSync(at('elsewhere'), at('linked.partial'));
    expect(await codeOf(() => store.fetch(cid, 'f', 2 ** 24, at('linked')))).equal('N0503');
    expect(fs.readFileSync(at('elsewhere'), 'utf8')).equal('mine');
  });
});
