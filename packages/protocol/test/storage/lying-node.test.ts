/** Nodes that lie, stall, flood or fail: a clear error in time, or the next node. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { openStore, type Store } from '../../src/index.js';
import { codeOf } from '../code-of.js';
import { blocksOf } from './blocks-of.js';
import { fakeNode, type Answer, type FakeNode } from './fake-node.js';
import { noise } from './sample-files.js';

const SIZE = 3 * 2 ** 20;

describe('an IPFS node that', () => {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-liars-'));
  const target = path.join(base, 'target');
  const content = noise(SIZE);
  let [node, honest]: FakeNode[] = [];
  let store: Store;
  let cid: string;
  let leaf: string;

  before(async () => {
    const embedded = await openStore(path.join(base, 'embedded'));
    cid = await embedded.add([{ path: 'f', content }]);
  });
  beforeEach(async () => {
    [node, honest] = [await fakeNode(), await fakeNode()];
    for (const [key, block] of blocksOf(path.join(base, 'embedded'))) {
      for (const each of [node, honest]) each.blocks.set(key, block);
      if (block.length === 262_144) leaf = key;
    }
    store = await openStore(node.address, { timeout: 600, tries: 3 });
  });
  afterEach(async () => {
    await Promise.all([node!.close(), honest!.close()]);
    fs.rmSync(target, { force: true });
    fs.rmSync(`${target}.partial`, { force: true });
  });
  after(() => fs.rmSync(base, { recursive: true }));

  const get = (from: Store = store): Promise<void> => from.fetch(cid, 'f', SIZE, target);
  const fetched = () => expect(Buffer.compare(fs.readFileSync(target), content)).equal(0);

  const only =
    (wanted: () => string, answer: (response: Parameters<Answer>[1]) => void): Answer =>
    ({ arg }, response) => {
      if (arg !== wanted()) return false;
      answer(response);
      return true;
    };

  const lies: Record<string, { code: string; answer: (response: Parameters<Answer>[1]) => void }> = {
    'answers other bytes': { code: 'N0501', answer: (response) => response.end(noise(262_144, 5)) },
    'answers nothing': { code: 'N0501', answer: (response) => response.end() },
    'answers without end': {
      code: 'N0501',
      answer(response) {
        const piece = Buffer.alloc(2 ** 20);
        const flood = (): void => {
          while (!response.destroyed && response.write(piece));
          if (!response.destroyed) response.once('drain', flood);
        };
        flood();
      },
    },
    'says that it does not have it': {
      code: 'N0501',
      answer: (response) => response.writeHead(500).end('ipld: could not find it'),
    },
    'is silent': { code: 'N0504', answer: () => undefined },
    'begins to answer, and stops': {
      code: 'N0504',
      answer: (response) => void response.writeHead(200).write('x'),
    },
    'breaks off again and again': { code: 'N0504', answer: (response) => void response.destroy() },
    'leads elsewhere': {
      code: 'N0504',
      answer: (response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(),
    },
    'has no such API': { code: 'N0504', answer: (response) => response.writeHead(404).end('no') },
  };

  for (const [what, { code, answer }] of Object.entries(lies)) {
    it(`${what} (${code}), and goes unheard where another has it`, async () => {
      node!.answer = only(() => leaf, answer);
      const memory = process.memoryUsage().rss;
      expect(await codeOf(get)).equal(code);
      expect(fs.existsSync(target)).equal(false);
      expect(process.memoryUsage().rss - memory).below(128 * 2 ** 20);
      const both = await openStore(`${node!.address},${honest!.address}`, { timeout: 600, tries: 2 });
      await get(both);
      fetched();
    });
  }

  it('fails now and then is asked again', async () => {
    const failed = new Set<string>();
    node!.answer = ({ arg }, response) => {
      if (failed.has(arg)) return false;
      failed.add(arg);
      response.writeHead(503).end('busy');
      return true;
    };
    await get();
    fetched();
    expect(failed.size).above(2);
  });

  it('breaks off is gone on with where it broke off', async () => {
    let served = 0;
    node!.answer = (_, response) => {
      if (++served <= 8) return false;
      response.destroy();
      return true;
    };
    expect(await codeOf(get)).equal('N0504');
    const before = node!.asked.length;
    node!.answer = () => false;
    // It rests for a moment; another process would not know.
    await get(await openStore(node!.address));
    fetched();
    const again = node!.asked.slice(before).filter((line) => node!.asked.indexOf(line) < 8);
    // Folder and file once more to know the pieces; none of the pieces that had arrived in order.
    expect(again.length).below(6);
  });

  it('is not there is said so soon, and not asked for every block', async () => {
    await node!.close();
    expect(await codeOf(get)).equal('N0504');
    const begun = performance.now();
    expect(await codeOf(get)).equal('N0504');
    expect(performance.now() - begun).below(300);
  });

  it('wants a password gets it, and no message shows it', async () => {
    node!.answer = (request, response) => {
      if (request.authorization === `Basic ${Buffer.from('me:p@ss').toString('base64')}`) return false;
      response.writeHead(401).end('who?');
      return true;
    };
    const address = node!.address.replace('//', '//me:p%40ss@');
    await get(await openStore(address));
    fetched();
    expect((await openStore(address)).name).equal(node!.address);
    fs.rmSync(target);
    expect(await codeOf(get)).equal('N0504');
  });

  it('pins something else', async () => {
    node!.answer = ({ path: called }, response) => {
      if (called !== 'dag/import') return false;
      response.end(JSON.stringify({ Root: { Cid: { '/': leaf }, PinErrorMsg: '' } }));
      return true;
    };
    expect(await codeOf(() => store.add([{ path: 'f', content }]))).equal('N0503');
  });

  it('does not pin, or answers garbage', async () => {
    for (const body of ['', '{"Root":{"Cid":{"/":"x"}}}', '{', 'null', '{"Root":{}}']) {
      node!.answer = ({ path: called }, response) => {
        if (called !== 'dag/import') return false;
        response.end(body);
        return true;
      };
      const fresh = await openStore(node!.address, { timeout: 600, tries: 1 });
      expect(await codeOf(() => fresh.add([{ path: 'f', content }]))).match(/^N050[34]$/);
    }
  });

  it('cannot pin what it was given gets all of it again, once', async () => {
    node!.answer = ({ path: called }, response) => {
      if (called !== 'dag/import') return false;
      response.end(JSON.stringify({ Root: { Cid: { '/': cid }, PinErrorMsg: 'block not found' } }));
      return true;
    };
    expect(await codeOf(() => store.add([{ path: 'f', content }]))).equal('N0503');
    expect(node!.asked.filter((line) => line.startsWith('dag/import')).length).below(8);
  });
});
