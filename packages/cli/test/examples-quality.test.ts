/** Exact arithmetic trains as well as plain f32: the first steps of digits both ways. `npm run quality` compares whole jobs. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { EXAMPLES } from './example.js';

interface Quality {
  finalLoss(losses: readonly number[]): number;
  mean(values: readonly number[]): number;
  compareNumerics(
    job: string,
    folder: string,
  ): Promise<{
    exact: number[];
    plain: number[];
    nudged: number[];
    holdout?: Record<'exact' | 'plain', Record<string, number>>;
  }>;
}

const script = fileURLToPath(new URL('../../../../scripts/quality.mjs', import.meta.url));
const { compareNumerics, finalLoss, mean } = (await import(script)) as Quality;

describe('quality of digits', function () {
  this.timeout(120_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-quality-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** 200 of the steps, with so many digits a product. */
  async function shortened(precision: number): ReturnType<Quality['compareNumerics']> {
    const source = path.join(folder, `source-${precision}`);
    fs.cpSync(path.join(EXAMPLES, 'digits'), source, { recursive: true });
    const job = path.join(source, 'job.gml');
    const text = fs.readFileSync(job, 'utf8');
    const edited = text.replace('steps = 600', `steps = 200\n  precision = ${precision}`);
    expect(edited).to.not.equal(text);
    fs.writeFileSync(job, edited);
    return compareNumerics(job, path.join(folder, `job-${precision}`));
  }

  const apart = (a: number, b: number): number => Math.abs(a / b - 1);

  it('with two digits: losses within 1% of plain f32, step for step within 5%', async () => {
    const { exact, plain, holdout } = await shortened(2);
    expect(exact.length).to.equal(200);
    expect(plain[199]).to.be.lessThan(plain[0]! / 10);
    expect(apart(finalLoss(exact), finalLoss(plain))).to.be.lessThan(0.01);
    expect(apart(mean(exact), mean(plain))).to.be.lessThan(0.002);
    expect(apart(holdout!.exact['loss']!, holdout!.plain['loss']!)).to.be.lessThan(0.01);
    expect(Math.max(...exact.map((loss, step) => apart(loss, plain[step]!)))).to.be.lessThan(0.05);
  });

  it('with one digit: measurably worse, so the comparison can tell', async () => {
    const { exact, plain } = await shortened(1);
    expect(Math.max(...exact.map((loss, step) => apart(loss, plain[step]!)))).to.be.greaterThan(0.05);
  });
});
