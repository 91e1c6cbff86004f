/** Random canonical graphs on the GPU, real or in software: the bytes of the definitions. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { OPERATORS } from '@gensyn/ir';
import { expect } from 'chai';
import type { Compared } from './random-graphs-child.js';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const GRAPHS = 200;

describe('random graphs on webgpu', function () {
  this.timeout(180_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-random-gpu-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it(`computes ${GRAPHS} of them byte for byte, legalised and bare`, async function () {
    const { swiftshader } = (await import(here('../../../../scripts/swiftshader.mjs'))) as {
      swiftshader: () => Record<string, string> | undefined;
    };
    const env = { ...process.env, ...swiftshader(), GENSYN_CACHE: path.join(folder, 'cache') };
    let output: string;
    try {
      output = execFileSync(
        process.execPath,
        [here('./random-graphs-child.js'), 'webgpu', '1', String(GRAPHS), '100', folder],
        { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 26 },
      );
    } catch (error) {
      const said = String((error as { stderr?: string }).stderr);
      if (!said.includes('R0301')) throw error;
      console.log('      skipped: there is no GPU, and SwiftShader does not run here');
      return this.skip();
    }
    const { operators, onDevice, values, elements, different } = JSON.parse(output) as Compared;
    expect(different).to.deep.equal([]);
    expect(Object.keys(operators)).to.have.members(Object.keys(OPERATORS));
    for (const [operator, times] of Object.entries(operators)) expect(times, operator).to.be.greaterThan(50);
    expect(values).to.be.greaterThan(5_000);
    expect(elements).to.be.greaterThan(50_000);
    // Nearly all of the instruction set has a kernel there; the rest is the processor's, as in a run.
    expect(onDevice).to.include.members([
      'Add',
      'Sub',
      'Mul',
      'MatMul',
      'ReduceMax',
      'Where',
      'Gather',
      'Cast',
    ]);
    expect(onDevice.length).to.be.greaterThan(20);
  });
});
