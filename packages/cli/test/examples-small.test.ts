/**
 * Examples in versions that a GPU in software gets through, and that need no data from elsewhere: pictures of clothes that are drawn here.
 * They give the same states on the processor, whatever its threads and kernels, on WebGPU, and after kill -9.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadJob, openCpu, readProof } from '@gensyn/runtime';
import { expect } from 'chai';
import { compileExample, EXAMPLES, trainExample, type ExampleOptions } from './example.js';
import { rootAfterKill, wholeRun } from './killed-run.js';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Ten kinds of stripes, as IDX files like those of Fashion-MNIST. */
function drawClothes(folder: string, count: number): { images: string; labels: string } {
  const idx = (name: string, dims: readonly number[], cell: (i: number) => number): string => {
    const file = path.join(folder, name);
    const header = Buffer.alloc(4 + 4 * dims.length);
    header.writeUInt32BE(0x0800 + dims.length, 0);
    dims.forEach((dim, i) => header.writeUInt32BE(dim, 4 + 4 * i));
    const cells = Uint8Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => cell(i));
    fs.writeFileSync(file, Buffer.concat([header, cells]));
    return file;
  };
  const kindOf = (image: number): number => (image * 7) % 10;
  return {
    images: idx('images.idx', [count, 28, 28], (i) => {
      const [image, y, x] = [Math.floor(i / 784), Math.floor((i % 784) / 28), i % 28];
      return ((kindOf(image) + 1) * (x + 2 * y) * 5 + image * 3) & 255;
    }),
    labels: idx('labels.idx', [count], kindOf),
  };
}

/** Edits of a job's text, each of which must find something. */
function edited(...edits: readonly (readonly [RegExp, string])[]): (text: string) => string {
  return (text) =>
    edits.reduce((before, [pattern, by]) => {
      if (!pattern.test(before)) throw new Error(`the job does not say ${pattern}`);
      return before.replace(pattern, by);
    }, text);
}

describe('examples, small', function () {
  this.timeout(180_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-small-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const clothes = drawClothes(folder, 80);

  const SMALL: Readonly<Record<string, ExampleOptions>> = {
    iris: {
      set: { hidden: '4' },
      edit: edited(
        [/steps += 400/, 'steps = 8'],
        [/every 50 steps/, 'every 4 steps'],
        [/warmup = 20/, 'warmup = 2'],
      ),
    },
    'digits-onnx': {
      edit: edited(
        [/\.\.\/digits/, path.join(EXAMPLES, 'digits')],
        [/batch += 64/, 'batch = 4'],
        [/steps += 200/, 'steps = 4'],
        [/every 50 steps/, 'every 2 steps'],
      ),
    },
    'fashion-mnist': {
      set: { ...clothes, hidden: '8' },
      edit: edited(
        [/batch += 64/, 'batch = 8'],
        [/steps += 3000/, 'steps = 8'],
        [/every 250 steps/, 'every 4 steps'],
      ),
    },
    'fashion-cnn': {
      set: { ...clothes, channels: '2', hidden: '8', rows: '4', length: '6', interval: '2' },
    },
  };

  let env: NodeJS.ProcessEnv;
  before(async () => {
    const { swiftshader } = (await import(here('../../../../scripts/swiftshader.mjs'))) as {
      swiftshader: () => Record<string, string> | undefined;
    };
    env = { ...process.env, ...swiftshader(), GENSYN_CACHE: path.join(folder, 'cache') };
  });

  for (const [name, options] of Object.entries(SMALL)) {
    describe(name, () => {
      const at = (part: string): string => path.join(folder, name, part);
      let states: Readonly<Record<string, string>>;
      let steps: number;

      before(async () => {
        fs.mkdirSync(path.join(folder, name));
        await compileExample(name, at('job'), options);
        const job = await loadJob(at('job'));
        ({ steps } = job.manifest);
        ({ states } = await trainExample(job, at('one'), await openCpu({ threads: 1, products: 'integer' })));
        // It learns something at each step that is compared.
        expect(new Set(Object.values(states)).size).to.equal(1 + steps / job.manifest.checkpointEvery);
      });

      it('the same with two threads and without integer kernels', async () => {
        const device = await openCpu({ threads: 2, products: 'float' });
        expect((await trainExample(await loadJob(at('job')), at('two'), device)).states).to.deep.equal(
          states,
        );
      });

      it('the same after kill -9', () => {
        expect(rootAfterKill({ job: at('job'), home: at('killed'), steps })).to.equal(states[steps]);
      });

      // Of all the sessions that go on from a state on a GPU, those of a convolution: they take the longest to make.
      const killed = name === 'fashion-cnn';
      it(`the same on WebGPU, where there is one${killed ? ', after kill -9' : ''}`, function () {
        const run = { job: at('job'), home: at('gpu'), device: 'webgpu', env } as const;
        try {
          if (killed) rootAfterKill({ ...run, steps });
          else wholeRun(run);
        } catch (error) {
          if (String(error).includes('R0301')) return this.skip();
          throw error;
        }
        const { records } = readProof(run.home);
        const roots = records.map(({ step, stateRoot }) => [String(step), stateRoot]);
        expect(Object.fromEntries(roots)).to.deep.equal(states);
      });
    });
  }
});
