/** Exact arithmetic trains as well as plain f32: the first steps of digits both ways, over three seeds. `npm run quality` compares whole jobs. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

interface Comparison {
  readonly exact: readonly number[];
  readonly plain: readonly number[];
  readonly holdout?: Record<'exact' | 'plain', Record<string, number>>;
}

interface Quality {
  finalLoss(losses: readonly number[]): number;
  mean(values: readonly number[]): number;
  withSeed(name: string, seed: number, folder: string): string;
  compareNumerics(job: string, folder: string): Promise<Comparison>;
}

const script = fileURLToPath(new URL('../../../../scripts/quality.mjs', import.meta.url));
const { compareNumerics, finalLoss, mean, withSeed } = (await import(script)) as Quality;

const apart = (a: number, b: number): number => Math.abs(a / b - 1);

describe('quality', function () {
  this.timeout(120_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-quality-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** 100 of the steps, with so many digits a number. */
  async function shortened(precision: number): Promise<Comparison[]> {
    const runs: Comparison[] = [];
    for (const seed of [1, 2, 3]) {
      const at = path.join(folder, `${precision}-${seed}`);
      const job = withSeed('digits', seed, `${at}-source`);
      const text = fs.readFileSync(job, 'utf8');
      const edited = text.replace(/steps += 600/, `steps = 100\n  precision = ${precision}`);
      expect(edited).to.not.equal(text);
      fs.writeFileSync(job, edited);
      runs.push(await compareNumerics(job, at));
    }
    return runs;
  }

  /** The step at which the losses differ most, averaged over the runs. */
  const worst = (runs: readonly Comparison[]): number =>
    mean(runs.map(({ exact, plain }) => Math.max(...exact.map((loss, step) => apart(loss, plain[step]!)))));

  it('of digits: two digits lose nothing against plain f32, and one digit is worse', async () => {
    const two = await shortened(2);
    const final = (side: 'exact' | 'plain'): number => mean(two.map((run) => finalLoss(run[side])));
    expect(apart(final('exact'), final('plain'))).to.be.lessThan(0.01);
    for (const { exact, plain, holdout } of two) {
      expect(exact.length).to.equal(100);
      expect(finalLoss(plain)).to.be.lessThan(plain[0]! / 5);
      expect(apart(mean(exact), mean(plain))).to.be.lessThan(0.003);
      expect(apart(holdout!.exact['loss']!, holdout!.plain['loss']!)).to.be.lessThan(0.02);
    }
    expect(worst(two)).to.be.lessThan(0.04);
    // Shows that the comparison can tell.
    expect(worst(await shortened(1))).to.be.greaterThan(1.5 * worst(two));
  });

  it('of names: follows plain f32 closely where the gradient is clipped at some steps only', async () => {
    const job = withSeed('names', 1, path.join(folder, 'names-source'));
    const text = fs.readFileSync(job, 'utf8');
    const edits: readonly (readonly [RegExp, string])[] = [
      [/optimizer += .*/, 'optimizer = sgd(lr = 0.5)'],
      [/clip += .*/, 'clip = 1'],
      [/steps += .*/, 'steps = 50'],
    ];
    fs.writeFileSync(
      job,
      edits.reduce((edited, [pattern, by]) => edited.replace(pattern, by), text),
    );
    const { exact, plain } = await compareNumerics(job, path.join(folder, 'names'));
    expect(plain[49]).to.be.lessThan(plain[0]! - 0.2);
    expect(Math.max(...exact.map((loss, step) => apart(loss, plain[step]!)))).to.be.lessThan(0.003);
  });
});
