/** The imported network that is trained further: its file, its roots, and the values that travel with the job. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { compileJob } from '@gensyn/dsl';
import {
  GensynError,
  JOB_FILES,
  decodeModel,
  encodeModel,
  initialName,
  initialState,
  rootsOf,
} from '@gensyn/ir';
import { loadJob, makeReplayer, openCpu, readProof, train, type CpuOptions, type Job } from '@gensyn/runtime';
import { compileExample, EXAMPLES, goldenOf, trainExample } from './example.js';
import { rootAfterKill } from './killed-run.js';

const WAYS: readonly [string, CpuOptions][] = [
  ['one thread, integer kernels', { threads: 1, products: 'integer' }],
  ['two threads, without integer kernels', { threads: 2, products: 'float' }],
];

describe('examples: digits-onnx', function () {
  this.timeout(120_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-imported-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const golden = goldenOf('digits-onnx');
  const compiled = path.join(folder, 'job');
  let job: Job;

  before(async () => {
    await compileExample('digits-onnx', compiled);
    job = await loadJob(compiled);
  });

  it('starts from a network that its script makes again, byte for byte', () => {
    const made = path.join(folder, 'made.onnx');
    execFileSync(process.execPath, [path.join(EXAMPLES, 'digits-onnx/make-network.mjs'), made]);
    const committed = fs.readFileSync(path.join(EXAMPLES, 'digits-onnx/digits.onnx'));
    expect(fs.readFileSync(made).equals(committed)).to.equal(true);
  });

  it('compiles to the recorded graph and data', () => {
    const { graphRoot, evalRoot, dataRoot } = job.manifest;
    expect({ graphRoot, evalRoot, dataRoot }).to.deep.equal({
      graphRoot: golden.graphRoot,
      evalRoot: golden.evalRoot,
      dataRoot: golden.dataRoot,
    });
  });

  for (const [way, options] of WAYS) {
    it(`trains to the recorded states with ${way}`, async () => {
      const trained = await trainExample(job, path.join(folder, way), await openCpu(options), true);
      const { states, holdout } = trained;
      expect(
        Object.fromEntries(Object.keys(golden.states).map((step) => [step, states[step]])),
      ).to.deep.equal(golden.states);
      // 82.3% before.
      expect(holdout!['accuracy']).to.be.at.least(0.94);
    });
  }

  it('ends with the recorded state after kill -9 at a random step', () => {
    const root = rootAfterKill({ job: compiled, home: path.join(folder, 'killed'), steps: 200 });
    expect(root).to.equal(golden.states['200']);
  });

  it('resumes and replays from the given values', async () => {
    const run = path.join(folder, 'resumed');
    const device = await openCpu({ threads: 1 });
    for await (const event of train(job, { folder: run, device, holdoutEvery: 0 }))
      if (event.kind === 'checkpoint') break;
    fs.rmSync(path.join(run, 'checkpoints'), { recursive: true });
    for await (const event of train(job, { folder: run, device, holdoutEvery: 0, resume: true }))
      if (event.kind === 'end') expect(event.stateRoot).to.equal(golden.states['200']);
    const { records } = readProof(run);
    const replayer = makeReplayer(job, run, device);
    expect(await replayer.initialRoot()).to.equal(golden.states['0']);
    expect((await replayer.replay(records[0]!, records[1]!.step)).stateRoot).to.equal(records[1]!.stateRoot);
  });

  it('starts the averages of its weights from the same values', async () => {
    const source = path.join(folder, 'averaged');
    fs.cpSync(path.join(EXAMPLES, 'digits-onnx'), path.join(source, 'digits-onnx'), { recursive: true });
    fs.cpSync(path.join(EXAMPLES, 'digits'), path.join(source, 'digits'), { recursive: true });
    const file = path.join(source, 'digits-onnx/job.gml');
    const text = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, text.replace('holdout   = 20%', 'holdout   = 20%\n  average   = 0.99'));
    const { manifest } = await compileJob({ job: file, out: path.join(source, 'out') });
    expect(manifest.state.filter(({ init }) => init.kind === 'given')).to.have.length(8);
    const opened = await loadJob(path.join(source, 'out'));
    expect(rootsOf(initialState(manifest, opened.given)).root).to.equal(manifest.initRoot);
  });

  it('does not start from other values than those that its graph commits to', async () => {
    const other = path.join(folder, 'other');
    const code = async (
      change: (name: string, bytes: Uint8Array) => Uint8Array | undefined,
    ): Promise<unknown> => {
      fs.cpSync(compiled, other, { recursive: true });
      const file = path.join(other, JOB_FILES.init);
      const model = decodeModel(fs.readFileSync(file));
      const initializer = model.graph!.initializer!.flatMap((tensor) => {
        const rawData = change(tensor.name!, tensor.rawData!.slice());
        return rawData ? [{ ...tensor, rawData }] : [];
      });
      fs.writeFileSync(file, encodeModel({ ...model, graph: { ...model.graph!, initializer } }));
      return loadJob(other).then(
        () => undefined,
        (error: GensynError) => error.code,
      );
    };
    const name = initialName('net.conv/bias');
    expect(await code((_, bytes) => bytes)).to.equal(undefined);
    expect(await code((each, bytes) => (each === name ? bytes.fill(1, 0, 1) : bytes))).to.equal('R0106');
    expect(await code((each, bytes) => (each === name ? undefined : bytes))).to.equal('R0106');
    fs.rmSync(path.join(other, JOB_FILES.init));
    expect(await loadJob(other).catch((error: GensynError) => error.code)).to.equal('R0104');
  });
});
