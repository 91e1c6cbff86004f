/** Jobs and claims go through a store, and come back only as what the chain says they are. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { canonicalJson, jobRoot, rootsOf, initialState } from '@gensyn/ir';
import { loadJob } from '@gensyn/runtime';
import {
  claimStates,
  fetchClaim,
  fetchJob,
  fetchState,
  isUnavailable,
  nodeTree,
  openStore,
  publishClaim,
  publishJob,
  stateFile,
  type ClaimRecord,
  type Store,
  type StoredFile,
} from '../../src/index.js';
import { codeOf } from '../code-of.js';
import { blocksOf } from '../storage/blocks-of.js';
import { trainedJob, type TrainedJob } from './trained-job.js';

describe('artefacts', () => {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-artefacts-'));
  const at = (...parts: string[]): string => path.join(base, ...parts);
  let store: Store;
  let trained: TrainedJob;
  before(async () => {
    trained = await trainedJob(base);
    store = await openStore(at('store'));
  });
  after(() => fs.rmSync(base, { recursive: true }));
  let count = 0;
  const fresh = (): string => at(`fresh-${++count}`);

  const filesOf = (folder: string): StoredFile[] =>
    fs
      .readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => fs.statSync(path.join(folder, name)).isFile())
      .map((name) => ({ path: name, content: new Uint8Array(fs.readFileSync(path.join(folder, name))) }));

  describe('of a job', () => {
    it('are published and fetched, and are the job', async () => {
      const cid = await publishJob(store, trained.folder);
      const folder = fresh();
      await fetchJob(store, cid, folder);
      expect(jobRoot((await loadJob(folder)).manifest)).equal(jobRoot(trained.job.manifest));
      // Whoever has fetched it can publish it, too.
      expect(await publishJob(store, folder)).equal(cid);
      // Again: nothing is written.
      const written = fs.statSync(path.join(folder, 'job.json')).mtimeMs;
      await fetchJob(store, cid, folder);
      expect(fs.statSync(path.join(folder, 'job.json')).mtimeMs).equal(written);
    });

    it('hold nothing else that lies in the folder', async () => {
      fs.writeFileSync(path.join(trained.folder, 'secret.txt'), 'mine');
      const cid = await publishJob(store, trained.folder);
      const paths = (await store.list(cid, 100)).map((file) => file.path);
      expect(paths).include('job.json').and.not.include('secret.txt');
      fs.rmSync(path.join(trained.folder, 'secret.txt'));
    });

    const spoiled: Record<string, (files: StoredFile[]) => StoredFile[]> = {
      'without job.json': (files) => files.filter((file) => file.path !== 'job.json'),
      'with a job.json that is none': (files) => replaced(files, 'job.json', () => '{}'),
      'without the training step': (files) => files.filter((file) => file.path !== 'job.onnx'),
      'without its data': (files) => files.filter((file) => !file.path.startsWith('data')),
      'with more data than announced': (files) =>
        files.map((file) =>
          file.path.startsWith('data')
            ? { ...file, content: Buffer.concat([file.content as Uint8Array, Buffer.alloc(1)]) }
            : file,
        ),
      'that names a file outside': (files) =>
        replaced(files, 'job.json', (text) => text.replace(/"file":"[^"]*"/, '"file":"../../outside"')),
      'of too many files': (files) => [
        ...files,
        ...Array.from({ length: 20 }, (_, i) => ({ path: `more/${i}`, content: new Uint8Array() })),
      ],
    };
    const replaced = (files: StoredFile[], name: string, change: (text: string) => string): StoredFile[] =>
      files.map((file) =>
        file.path === name
          ? { ...file, content: Buffer.from(change(Buffer.from(file.content as Uint8Array).toString())) }
          : file,
      );

    for (const [what, spoil] of Object.entries(spoiled))
      it(`${what} are no job, and as good as missing`, async () => {
        const cid = await store.add(spoil(filesOf(trained.folder)));
        const folder = fresh();
        const failure = await fetchJob(store, cid, folder, { bytes: 2 ** 24, files: 20 }).catch(
          (e: unknown) => e,
        );
        expect(isUnavailable(failure), String(failure)).equal(true);
        expect(fs.existsSync(path.join(folder, 'job.json'))).equal(false);
        expect(fs.existsSync(at('outside'))).equal(false);
      });

    it('of more bytes than allowed are not fetched', async () => {
      const cid = await publishJob(store, trained.folder);
      const folder = fresh();
      const most = fs.statSync(path.join(trained.folder, 'job.json')).size;
      expect(await codeOf(() => fetchJob(store, cid, folder, { bytes: most, files: 20 }))).equal('N0502');
    });

    it('that are not where their CID says are missing', async () => {
      const cid = await publishJob(store, trained.folder);
      const empty = await openStore(at('empty'));
      const failure = await fetchJob(empty, cid, fresh()).catch((error: unknown) => error);
      expect((failure as { code: string }).code).equal('N0501');
      expect(isUnavailable(failure)).equal(true);
    });
  });

  describe('of a claim', () => {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    const expected = (records: readonly ClaimRecord[], from = 0) => ({
      from,
      steps: records.at(-1)!.step - from,
      interval: 15,
      root: `0x${hex(nodeTree(records.map(({ stateRoot }) => Buffer.from(stateRoot, 'hex'))).root)}`,
    });
    const publish = (records: readonly ClaimRecord[], from = 0): Promise<string> =>
      publishClaim(store, { from, records }, trained.checkpoint);

    it('are published step by step, and fetched', async () => {
      const { records, job } = trained;
      expect(records.map(({ step }) => step)).deep.equal([15, 30, 40]);
      await publish(records.slice(0, 2));
      const before = blocksOf(at('store')).size;
      const cid = await publish(records);
      // One state, claim.json and two folders: what was there is not added again.
      expect(blocksOf(at('store')).size - before).equal(4);
      const claim = await fetchClaim(store, cid, expected(records));
      expect(claim.records).deep.equal(
        records.map(({ step, stateRoot, loss }) => ({ step, stateRoot, loss })),
      );
      const states = claimStates(store, cid, job.manifest, claim, fresh());
      expect(rootsOf(await states.at(30)).root).equal(records[1]!.stateRoot);
      expect(rootsOf(await states.at(0)).root).equal(rootsOf(initialState(job.manifest)).root);
      expect(await codeOf(() => states.at(29))).equal('N0501');
    });

    it('that goes on from another are told by their own steps', async () => {
      const records = trained.records.slice(1);
      const cid = await publish(records, 15);
      expect((await fetchClaim(store, cid, expected(records, 15))).from).equal(15);
      expect(await codeOf(() => fetchClaim(store, cid, expected(records, 10)))).equal('N0506');
    });

    it('are fetched once, and again when they have been damaged', async () => {
      const { records, job } = trained;
      const [cid, folder, record] = [await publish(records), fresh(), records[0]!];
      await fetchState(store, cid, job.manifest, record, folder);
      const [file] = fs.readdirSync(folder);
      const empty = await openStore(at('empty'));
      await fetchState(empty, cid, job.manifest, record, folder);
      fs.truncateSync(path.join(folder, file!), 100);
      expect(await codeOf(() => fetchState(empty, cid, job.manifest, record, folder))).equal('N0501');
      await fetchState(store, cid, job.manifest, record, folder);
    });

    it('whose records are others are refused', async () => {
      const { records } = trained;
      const right = expected(records);
      const plain = records.map(({ step, stateRoot }) => ({ step, stateRoot }));
      const wrong: unknown[] = [
        { format: 'gensyn-claim/2', from: 0, records: plain },
        { format: 'gensyn-claim/1', from: 1, records: plain },
        { format: 'gensyn-claim/1', from: 0, records: plain.slice(0, 2) },
        { format: 'gensyn-claim/1', from: 0, records: [...plain].reverse() },
        {
          format: 'gensyn-claim/1',
          from: 0,
          records: plain.map((r) => ({ ...r, stateRoot: 'ff'.repeat(32) })),
        },
        { format: 'gensyn-claim/1', from: 0, records: plain.map((r) => ({ ...r, stateRoot: 5 })) },
        { format: 'gensyn-claim/1', from: 0, records: plain.map((r) => ({ ...r, loss: 'x' })) },
        { format: 'gensyn-claim/1', from: 0, records: [null, null, null] },
        { format: 'gensyn-claim/1', from: 0, records: { length: 3 } },
        [],
        null,
        5,
      ];
      const texts = ['', '{', '\u0000', ...wrong.map((value) => canonicalJson(value))];
      for (const text of texts) {
        const cid = await store.add([{ path: 'claim.json', content: Buffer.from(text) }]);
        expect(await codeOf(() => fetchClaim(store, cid, right)), text.slice(0, 60)).equal('N0506');
      }
      const long = await store.add([{ path: 'claim.json', content: Buffer.alloc(5000, ' ') }]);
      expect(await codeOf(() => fetchClaim(store, long, right))).equal('N0502');
      const none = await store.add([{ path: 'other.json', content: Buffer.from('{}') }]);
      expect(await codeOf(() => fetchClaim(store, none, right))).equal('N0501');
    });

    it('whose states are others are refused, and leave no file', async () => {
      const { records, job } = trained;
      const [record, another] = [records[0]!, records[1]!];
      const file = (step: number): Uint8Array => new Uint8Array(fs.readFileSync(trained.checkpoint(step)));
      const right = file(record.step);
      const changed = right.slice();
      changed[changed.length - 1]! ^= 1;
      const cases: [string, Uint8Array, string][] = [
        ['of another step', file(another.step), 'N0506'],
        ['with one bit changed', changed, 'N0506'],
        ['cut short', right.slice(0, -1), 'N0506'],
        ['empty', new Uint8Array(), 'N0506'],
        ['garbage', Buffer.alloc(64, 255), 'N0506'],
        ['longer than any', Buffer.concat([right, Buffer.alloc(2 ** 17)]), 'N0502'],
      ];
      for (const [what, content, code] of cases) {
        const cid = await store.add([{ path: stateFile(record.step), content }]);
        const folder = fresh();
        expect(await codeOf(() => fetchState(store, cid, job.manifest, record, folder)), what).equal(code);
        expect(fs.existsSync(folder) ? fs.readdirSync(folder) : [], what).deep.equal([]);
      }
    });
  });
});
