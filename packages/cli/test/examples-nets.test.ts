/** The short versions of the convolutional network and of the GPT give the recorded roots, whatever computes them. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { loadJob, openCpu, type CpuOptions, type Job } from '@gensyn/runtime';
import { compileExample, goldenOf, settingsOf, trainExample } from './example.js';
import { rootAfterKill } from './killed-run.js';

const CHILD = fileURLToPath(new URL('./example-child.js', import.meta.url));
const SWIFTSHADER = '../../../../scripts/swiftshader.mjs';

const WAYS: readonly [string, CpuOptions][] = [
  ['one thread, integer kernels', { threads: 1, products: 'integer' }],
  ['two threads, without integer kernels', { threads: 2, products: 'float' }],
];

describe('examples: short versions', function () {
  this.timeout(120_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-nets-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  for (const name of ['fashion-cnn', 'moby-gpt']) {
    describe(name, () => {
      const golden = goldenOf(name);
      let job: Job;

      before(async function () {
        const set = await settingsOf(name, { short: true });
        if (set === undefined) return this.skip();
        await compileExample(name, path.join(folder, name), { set });
        job = await loadJob(path.join(folder, name));
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
          const { states } = await trainExample(
            job,
            path.join(folder, `${name}-${way}`),
            await openCpu(options),
          );
          expect(
            Object.fromEntries(Object.keys(golden.states).map((step) => [step, states[step]])),
          ).to.deep.equal(golden.states);
        });
      }

      it('ends with the recorded state after kill -9 at a random step', () => {
        const { steps } = job.manifest;
        const home = path.join(folder, `${name}-killed`);
        const root = rootAfterKill({ job: path.join(folder, name), home, steps });
        expect(root).to.equal(golden.states[steps]);
      });
    });
  }

  it('moby-gpt, tiny: the root of the processor on WebGPU, where there is one', async function () {
    const set = { context: '6', size: '8', layers: '1', heads: '2', rows: '2', length: '2', interval: '1' };
    const at = (name: string): string => path.join(folder, `tiny-${name}`);
    await compileExample('moby-gpt', at('job'), { set });
    const { end } = await trainExample(await loadJob(at('job')), at('cpu'), await openCpu());
    const { swiftshader } = (await import(fileURLToPath(new URL(SWIFTSHADER, import.meta.url)))) as {
      swiftshader: () => Record<string, string> | undefined;
    };
    const env = { ...process.env, ...swiftshader(), GENSYN_CACHE: at('cache') };
    const onGpu = (): string =>
      execFileSync(process.execPath, [CHILD, at('job'), at('gpu'), 'webgpu'], {
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    let first: string;
    try {
      first = onGpu();
    } catch (error) {
      if (String((error as { stderr?: string }).stderr).includes('R0301')) return this.skip();
      throw error;
    }
    expect(first).to.include(`end ${end.stateRoot}`);
  });
});
