/** What becomes of a compiled job on the way out: the exported model predicts, and the processor gets its integer kernels. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import ort from 'onnxruntime-node';
import { batchOrder, encodeModelPieces } from '@gensyn/ir';
import { checkOrThrow, exportModel, prepareDataset } from '@gensyn/dsl';
import { legalise, loadJob, openCpu, readCheckpoint } from '@gensyn/runtime';
import { compileExample, EXAMPLES, trainExample } from './example.js';

describe('a compiled example', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gensyn-export-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('exports a float model that predicts the holdout rows as well as the run says', async function () {
    this.timeout(60_000);
    const out = join(folder, 'digits');
    const { manifest } = await compileExample('digits', out);
    const run = join(folder, 'run');
    const trained = await trainExample(await loadJob(out), run, await openCpu({ threads: 2 }), true);
    const state = readCheckpoint(run, manifest, trained.end.records.at(-1)!);

    const path = join(EXAMPLES, 'digits', 'job.gml');
    const rows = manifest.holdoutRows;
    const program = checkOrThrow({ path, text: readFileSync(path, 'utf8') }, () => undefined, { rows });
    const dataset = await prepareDataset(program.datasets[0]!, {
      baseDir: join(EXAMPLES, 'digits'),
      outDir: join(out, 'data'),
    });
    const session = await ort.InferenceSession.create(
      Buffer.concat(encodeModelPieces(exportModel(program, [dataset], state))),
    );

    const pixels = readFileSync(join(out, 'data/digits.pixels.bin'));
    const labels = readFileSync(join(out, 'data/digits.label.bin'));
    const order = batchOrder(manifest.seed, rows, dataset.rows, rows).holdout(0);
    const input = Float32Array.from(
      Array.from(order).flatMap((row) => [...pixels.subarray(row * 64, (row + 1) * 64)]),
    );
    const { output } = await session.run({ 'digits.pixels': new ort.Tensor('float32', input, [rows, 64]) });
    const logits = output!.data as Float32Array;
    const right = Array.from(order).filter((row, i) => {
      const scores = Array.from(logits.subarray(i * 10, (i + 1) * 10));
      return scores.indexOf(Math.max(...scores)) === labels[row];
    });
    expect(right.length / rows).to.be.closeTo(trained.holdout!['accuracy']!, 1.5 / rows);
    expect(right.length / rows).to.be.at.least(0.97);
  });

  for (const name of ['digits', 'iris', 'names']) {
    it(`${name} runs all its products of digits on integer kernels`, async () => {
      const { step } = await compileExample(name, join(folder, `legal-${name}`));
      const products = step.nodes.filter(({ op }) => op === 'Dot').length;
      const kinds = (legalise(step, name, { integerProducts: true }).graph!.node ?? []).map(
        (node) => node.opType,
      );
      expect(products).to.be.greaterThan(0);
      expect(kinds).to.include('MatMulIntegerToFloat');
      expect(kinds).not.to.include('MatMul');
    });
  }
});
