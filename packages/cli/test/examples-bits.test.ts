/** The examples give the recorded roots, on every way of running that there is. */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { initialState, jobRoot, rootsOf } from '@gensyn/ir';
import {
  createExecutor,
  loadJob,
  makeReplayer,
  openCpu,
  readProof,
  train,
  type CpuOptions,
  type Job,
} from '@gensyn/runtime';
import { verifyRun, type VerificationReport } from '@gensyn/verifier';
import { compileExample, goldenOf, settingsOf, trainExample, type Golden, type Trained } from './example.js';
import { rootAfterKill } from './killed-run.js';

const CHILD = fileURLToPath(new URL('./example-child.js', import.meta.url));

/** The roots at the steps that golden.json records. */
function recorded({ states }: Trained, golden: Golden): Record<string, string> {
  return Object.fromEntries(Object.keys(golden.states).map((step) => [step, states[step]!]));
}

describe('examples', function () {
  this.timeout(120_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-bits-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const at = (...parts: string[]): string => path.join(folder, ...parts);

  /** Ways to compute the same: threads, and the kernel of exact products. */
  const WAYS: readonly [string, CpuOptions][] = [
    ['with one thread', { threads: 1 }],
    ['with two threads', { threads: 2 }],
    ['with one thread, without integer kernels', { threads: 1, products: 'float' }],
    ['with two threads, with integer kernels', { threads: 2, products: 'integer' }],
  ];

  for (const [name, holdout, ways] of [
    ['digits', 0.97, WAYS],
    ['names', 0.28, WAYS],
    ['iris', 0.9, WAYS.slice(0, 3)],
  ] as const) {
    describe(name, () => {
      const golden = goldenOf(name);
      let job: Job;
      before(async () => {
        await compileExample(name, at(name));
        job = await loadJob(at(name));
      });

      it('compiles to the recorded graph and data', () => {
        const { graphRoot, evalRoot, dataRoot, initRoot } = job.manifest;
        expect({ graphRoot, evalRoot, dataRoot, initRoot }).to.deep.equal({
          graphRoot: golden.graphRoot,
          evalRoot: golden.evalRoot,
          dataRoot: golden.dataRoot,
          initRoot: golden.states['0'],
        });
      });

      it('compiles to the same bytes again', async () => {
        await compileExample(name, at(`${name}-again`));
        // What a machine notes for itself begins with a point.
        const filesOf = (folder: string): string[] =>
          (fs.readdirSync(folder, { recursive: true }) as string[])
            .filter(
              (file) => fs.statSync(path.join(folder, file)).isFile() && !path.basename(file).startsWith('.'),
            )
            .sort();
        expect(filesOf(at(`${name}-again`))).to.deep.equal(filesOf(at(name)));
        for (const file of filesOf(at(name))) {
          expect(
            fs.readFileSync(at(name, file)).equals(fs.readFileSync(at(`${name}-again`, file))),
            file,
          ).to.equal(true);
        }
      });

      ways.forEach(([way, options], i) => {
        it(`trains to the recorded states on the processor ${way}`, async () => {
          const trained = await trainExample(job, at(`${name}-${i}`), await openCpu(options), i === 0);
          expect(recorded(trained, golden)).to.deep.equal(golden.states);
          expect(trained.end.step).to.be.at.least(200);
          if (i === 0) expect(trained.holdout!['accuracy']).to.be.at.least(holdout);
        });
      });

      it('verifies, on another number of threads', async () => {
        const { root, ...proof } = readProof(at(`${name}-0`));
        const run = { manifest: job.manifest, ...proof, proofRoot: root };
        const report = await verifyRun(
          run,
          makeReplayer(job, at(`${name}-0`), await openCpu({ threads: 2 })),
          { seed: 'test' },
        );
        expect([report.verdict, report.findings]).to.deep.equal(['verified', []]);
        expect(report.segments.length).to.be.within(1, report.of / 2);
      });
    });
  }

  describe('fashion-mnist, where its data is', () => {
    const golden = goldenOf('fashion-mnist');
    const home = at('fashion-mnist');
    let job: Job;
    before(async function () {
      const set = await settingsOf('fashion-mnist');
      if (set === undefined) return this.skip();
      await compileExample('fashion-mnist', home, { set });
      job = await loadJob(home);
    });

    it('compiles to the recorded graph and data', () => {
      const { graphRoot, evalRoot, dataRoot } = job.manifest;
      expect({ graphRoot, evalRoot, dataRoot }).to.deep.equal({
        graphRoot: golden.graphRoot,
        evalRoot: golden.evalRoot,
        dataRoot: golden.dataRoot,
      });
    });

    for (const [way, options] of [WAYS[2]!, WAYS[3]!]) {
      it(`reaches the recorded first checkpoint on the processor ${way}`, async () => {
        const until = job.manifest.checkpointEvery;
        const device = await openCpu(options);
        for await (const event of train(job, {
          folder: at(`clothes ${way}`),
          device,
          until,
          holdoutEvery: 0,
        }))
          if (event.kind === 'end') expect(event.stateRoot).to.equal(golden.states[until]);
      });
    }

    it('reaches it after kill -9', () => {
      const until = job.manifest.checkpointEvery;
      const root = rootAfterKill({ job: home, home: at('clothes-killed'), steps: until, until });
      expect(root).to.equal(golden.states[until]);
    });
  });

  it('digits, step by step as large states run: what a step still has to read is not written over', async () => {
    await compileExample('digits', at('digits'));
    const { step, manifest, columns, given } = await loadJob(at('digits'));
    const large = { ...manifest, size: { ...manifest.size, stateBytes: 2 ** 28 } };
    const device = await openCpu({ threads: 2 });
    const executor = await createExecutor(step, large, columns, device, initialState(manifest, given), 0);
    try {
      for (let i = 0; i < 5; i++) await executor.run(10);
      expect(rootsOf(await executor.state()).root).to.equal(goldenOf('digits').states['50']);
    } finally {
      await executor.close();
    }
  });

  describe('verified by replay', () => {
    /** Runs digits as `edit` has it, and claims that it was the job itself. */
    async function claimed(label: string, edit: (text: string) => string): Promise<VerificationReport> {
      await compileExample('digits', at(label), { edit });
      const home = at(`${label}-run`);
      await trainExample(await loadJob(at(label)), home, await openCpu());
      const { records, root } = readProof(home);
      const job = await loadJob(at('digits'));
      const run = { manifest: job.manifest, job: jobRoot(job.manifest), records, proofRoot: root };
      return verifyRun(run, makeReplayer(job, home, await openCpu()), { sample: 0.1, seed: label });
    }
    before(() => compileExample('digits', at('digits')));

    it('digits trained with another learning rate is found out', async () => {
      const report = await claimed('faster', (text) => text.replace('cosine(3e-3', 'cosine(3.0001e-3'));
      expect(report.verdict).to.equal('mismatch');
      // Two of twelve segments suffice: every one of them is wrong.
      expect(report.segments.map(({ match }) => match)).to.deep.equal([false, false]);
      expect(report.cost.stepShare).to.be.lessThan(0.2);
    });

    it('digits with dropout: masks and all, on other kernels and threads', async () => {
      await compileExample('digits', at('dropout'), {
        edit: (text) =>
          text
            .replace(
              /relu\(linear\(h, width\)\)/,
              'dropout(layer_norm(gelu(linear(dropout(h, 0.3), width))), 0.1)',
            )
            .replace(/steps += 600/, 'steps = 110'),
      });
      const job = await loadJob(at('dropout'));
      const home = at('dropout-run');
      const trained = await trainExample(job, home, await openCpu({ threads: 1, products: 'integer' }), true);
      expect(trained.holdout!['accuracy']).to.be.greaterThan(0.85);
      const { root, ...proof } = readProof(home);
      const replayer = makeReplayer(job, home, await openCpu({ threads: 2, products: 'float' }));
      const report = await verifyRun({ manifest: job.manifest, ...proof, proofRoot: root }, replayer, {
        all: true,
      });
      expect([report.verdict, report.segments.map(({ from, to }) => [from, to])]).to.deep.equal([
        'verified',
        [
          [0, 50],
          [50, 100],
          [100, 110],
        ],
      ]);
    });

    it('digits trained from other weights is found out without a replay', async () => {
      const report = await claimed('reseeded', (text) => text.replace(/seed( +)= 1$/m, 'seed$1= 2'));
      expect(report.findings.map(({ code }) => code)).to.deep.equal(['V0109']);
      expect(report.segments).to.deep.equal([]);
    });
  });

  describe('killed', () => {
    for (const name of ['digits', 'names']) {
      it(`${name} ends with the recorded state after kill -9 at a random step`, async () => {
        const golden = goldenOf(name);
        const steps = Number(Object.keys(golden.states).at(-1));
        const home = at(`${name}-killed`);
        const killAt = 1 + Math.floor(Math.random() * (steps * 0.6));
        const reached = await killedAt(killAt, [at(name), home, 'cpu']);
        expect(reached).to.be.at.least(killAt);
        const output = execFileSync(process.execPath, [CHILD, at(name), home, 'cpu'], { encoding: 'utf8' });
        expect(Number(/^start (\d+)/m.exec(output)![1])).to.be.at.most(reached);
        expect(output).to.include(`end ${golden.states[steps]}`);
      });
    }

    it('iris, which is over too soon to be killed from outside, ends with it too', () => {
      const { states } = goldenOf('iris');
      const root = rootAfterKill({ job: at('iris'), home: at('iris-killed'), steps: 400 });
      expect(root).to.equal(states['400']);
    });
  });
});

/** Lets a run go on until `step`, kills it, and returns the last step that it reported. */
function killedAt(step: number, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    let reached = 0;
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString();
      for (const match of output.matchAll(/^progress (\d+)\n/gm)) reached = Number(match[1]);
      if (reached >= step) child.kill('SIGKILL');
    });
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(reached);
      else reject(new Error(`the run ended by itself (${code ?? signal}): ${output}`));
    });
  });
}
