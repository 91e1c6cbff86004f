/** Small jobs on the GPU, real or in software: the bits of the processor. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { loadJob, makeReplayer, openCpu, readProof } from '@gensyn/runtime';
import { verifyRun } from '@gensyn/verifier';
import { compileExample, EXAMPLES, trainExample } from './example.js';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The environment in which WebGPU works: SwiftShader where it can be had, else this machine's own. */
async function environment(): Promise<NodeJS.ProcessEnv> {
  const { swiftshader } = (await import(here('../../../../scripts/swiftshader.mjs'))) as {
    swiftshader: () => Record<string, string> | undefined;
  };
  return { ...process.env, ...swiftshader() };
}

/** Whole jobs are slow in software: fewer neurons, rows and steps. */
const SMALLER: Readonly<Record<string, readonly (readonly [RegExp, string])[]>> = {
  digits: [
    [/width += 128/, 'width = 16'],
    [/batch += 64/, 'batch = 16'],
    [/steps += 600/, 'steps = 12'],
    [/every 50 steps/, 'every 4 steps'],
    [/warmup += 50/, 'warmup = 5'],
  ],
  names: [
    [/hidden += 128/, 'hidden = 16'],
    [/batch += 128/, 'batch = 16'],
    [/steps += 1000/, 'steps = 8'],
    [/every 50 steps/, 'every 4 steps'],
    [/warmup += 50/, 'warmup = 5'],
  ],
  // A job that predicts, in place of the one that trains.
  'digits-onnx': [
    [/[^]*/, fs.readFileSync(path.join(EXAMPLES, 'digits-onnx/predict.gml'), 'utf8')],
    [/\.\.\/digits/, path.join(EXAMPLES, 'digits')],
    [/batch += 64/, 'batch = 450'],
    [/every 10 steps/, 'every 2 steps'],
  ],
};

function smaller(name: string, text: string): string {
  return SMALLER[name]!.reduce((edited, [pattern, by]) => {
    if (!pattern.test(edited)) throw new Error(`${name} does not say ${pattern}`);
    return edited.replace(pattern, by);
  }, text);
}

describe('examples on webgpu', function () {
  this.timeout(120_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-example-gpu-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  for (const name of Object.keys(SMALLER))
    it(`${name}, smaller: the states of the processor, which also verifies the run`, async function () {
      const at = (part: string): string => path.join(folder, name, part);
      fs.mkdirSync(path.join(folder, name));
      await compileExample(name, at('job'), { edit: (text) => smaller(name, text) });
      const job = await loadJob(at('job'));
      const expected = await trainExample(job, at('cpu'), await openCpu({ threads: 1 }));
      const home = at('gpu');
      let output: string;
      try {
        output = execFileSync(process.execPath, [here('./example-child.js'), at('job'), home, 'webgpu'], {
          env: { ...(await environment()), GENSYN_CACHE: path.join(folder, 'cache') },
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        });
      } catch (error) {
        const said = String((error as { stderr?: string }).stderr);
        if (!said.includes('R0301')) throw error;
        console.log('      skipped: there is no GPU, and SwiftShader does not run here');
        return this.skip();
      }
      expect(output).to.include(`end ${expected.end.stateRoot}`);
      const { root, ...proof } = readProof(home);
      expect(proof.records.map(({ stateRoot }) => stateRoot)).to.deep.equal(Object.values(expected.states));
      const report = await verifyRun(
        { manifest: job.manifest, ...proof, proofRoot: root },
        makeReplayer(job, home, await openCpu({ threads: 2 })),
        { all: true },
      );
      expect(report.verdict).to.equal('verified');
    });
});
