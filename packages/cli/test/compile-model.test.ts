/** gensyn compile of an ONNX network: its canonical inference graph. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import ort from 'onnxruntime-node';
import { decodeModel, fromOnnx, graphRoot } from '@gensyn/ir';
import { EXAMPLES } from './example.js';
import { gensyn, gensynJson, temporaryFolder, writeTinyJob } from './gensyn.js';

interface Facts {
  readonly graphRoot: string;
  readonly file: string;
  readonly parameters: number;
  readonly inputs: readonly { readonly shape: readonly number[] }[];
  readonly error?: { readonly code: string };
}

describe('compile of an .onnx file', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  const network = join(EXAMPLES, 'digits-onnx/digits.onnx');
  const model = join(folder, 'net.onnx');
  before(() => writeFileSync(model, readFileSync(network)));

  it('writes a canonical graph that computes what the network computes', async () => {
    const { code, document } = await gensynJson<Facts>(['compile', model, '--axis', 'batch=3']);
    expect(code).to.equal(0);
    expect(document.file).to.equal(join(folder, 'build/net/inference.onnx'));
    expect(document).to.include({ parameters: 810 });
    expect(document.inputs.map(({ shape }) => shape)).to.deep.equal([[3, 64]]);
    const bytes = readFileSync(document.file);
    const graph = fromOnnx(decodeModel(bytes));
    expect(Buffer.from(graphRoot(graph)).toString('hex')).to.equal(document.graphRoot);
    expect((await gensyn(['lint', document.file])).code).to.equal(0);

    const pixels = Float32Array.from({ length: 3 * 64 }, (_, i) => ((i * 7) % 17) / 16);
    const feed = { pixels: new ort.Tensor('float32', pixels, [3, 64]) };
    const [plain, canonical] = await Promise.all(
      [readFileSync(network), bytes].map(async (each) => {
        const session = await ort.InferenceSession.create(each, { graphOptimizationLevel: 'disabled' });
        return (await session.run(feed))['logits']!.data as Float32Array;
      }),
    );
    const scale = plain!.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(scale).to.be.greaterThan(0.1);
    plain!.forEach((x, i) => expect(canonical![i]).to.be.closeTo(x, 1e-3 * scale));
  });

  it('tells of it, and writes where it is told', async () => {
    const out = join(folder, 'elsewhere');
    const { code, stdout } = await gensyn(['compile', model, '--out', out, '--precision', '3']);
    expect(code).to.equal(0);
    expect(stdout)
      .to.include('pixels f32[1, 64]')
      .and.include('810 parameters')
      .and.match(/\d+ Dot/);
    expect(stdout).to.match(/root\s+[0-9a-f]{64}/);
    expect(existsSync(join(out, 'inference.onnx'))).to.equal(true);
  });

  it('refuses files that are no networks, and options that belong to jobs', async () => {
    writeFileSync(join(folder, 'cut.onnx'), readFileSync(network).subarray(0, 300));
    mkdirSync(join(folder, 'job'));
    writeTinyJob(join(folder, 'job'));
    const cases: readonly [readonly string[], string][] = [
      [[join(folder, 'cut.onnx')], 'L0811'],
      [[join(folder, 'none.onnx')], 'L0810'],
      [[model, '--set', 'width=2'], 'U0106'],
      [[model, '--float'], 'U0106'],
      [[model, '--axis', 'batch=few'], 'U0107'],
      [[model, '--axis', 'batch'], 'U0107'],
      [[join(folder, 'job'), '--axis', 'batch=2'], 'U0106'],
      [[join(folder, 'job'), '--precision', '2'], 'U0106'],
    ];
    const outcomes = await Promise.all(cases.map(([args]) => gensynJson<Facts>(['compile', ...args])));
    expect(outcomes.map(({ document }) => document.error?.code)).to.deep.equal(
      cases.map(([, expected]) => expected),
    );
  });
});
