/** The canonical inference graph of a network: its file computes what the network computes, and the same bits as the definitions. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import {
  decodeModel,
  encodeModel,
  evaluate,
  fromOnnx,
  graphRoot,
  inputsOf,
  type ModelProto,
} from '@gensyn/ir';
import { compileInference, INFERENCE_FILE } from '../../src/compile/compile-inference.js';
import { fileOf, input, model, node, noise, weight } from './make-model.js';
import { gptBlock, residual } from './networks.js';

const session = (bytes: Uint8Array): Promise<ort.InferenceSession> =>
  ort.InferenceSession.create(bytes, { logSeverityLevel: 3, graphOptimizationLevel: 'disabled' });

describe('compileInference', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gensyn-inference-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const compile = (proto: ModelProto, settings: object = {}) =>
    compileInference({ model: 'net.onnx', out: folder, open: () => fileOf(proto), ...settings });

  const next = noise(4);
  const pictures = Float32Array.from({ length: 2 * 300 }, () => Math.fround(next()));
  const tokens = Int32Array.of(1, 4, 10, 0, 3, 7, 7, 2, 9, 5);
  const cases = [
    ['a residual block', residual(), pictures, [2, 3, 10, 10], { batch: 2 }],
    ['a GPT-2 block', gptBlock(), tokens, [2, 5], { batch: 2, length: 5 }],
  ] as const;

  for (const [what, proto, data, shape, axes] of cases) {
    it(`of ${what}`, async () => {
      const compiled = await compile(proto, { axes, precision: 3 });
      const bytes = readFileSync(join(folder, INFERENCE_FILE));
      const graph = fromOnnx(decodeModel(bytes));
      expect(Buffer.from(graphRoot(graph)).toString('hex')).to.equal(compiled.graphRoot);
      expect(compiled.inputs).to.deep.equal([
        { name: 'x', type: data instanceof Float32Array ? 'f32' : 'i32', shape: [...shape] },
      ]);

      const canonical = await session(bytes);
      const dtype = data instanceof Float32Array ? ('float32' as const) : ('int32' as const);
      const feed = new ort.Tensor(dtype, data as Float32Array, [...shape]);
      const { y } = await canonical.run({ x: feed });
      const plain = await session(encodeModel(proto));
      const given =
        data instanceof Float32Array
          ? feed
          : new ort.Tensor('int64', BigInt64Array.from(data, BigInt), [...shape]);
      const { y: wanted } = await plain.run({ x: given });
      const expected = wanted!.data as Float32Array;
      const scale = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      expected.forEach((x, i) => expect((y!.data as Float32Array)[i]).to.be.closeTo(x, 2e-5 * scale));

      const values = evaluate(graph, { x: { dtype: dtype === 'float32' ? 'f32' : 'i32', shape, data } });
      expect(Buffer.from((y!.data as Float32Array).buffer)).to.deep.equal(
        Buffer.from(values[graph.outputs[0]!.node]!.data.buffer),
      );
    }).timeout(20_000);
  }

  it('binds its inputs to a data set where one is named', async () => {
    const { graph } = await compile(residual(), { dataset: 'photos' });
    expect(inputsOf(graph).map(({ node: each }) => each.source)).to.deep.equal([
      { kind: 'batch', dataset: 'photos', column: 'x' },
    ]);
  });

  it('keeps every output, and the weights in its root', async () => {
    const proto = (name: string) =>
      model({
        nodes: [node('MatMul', ['x', name], ['y']), node('Relu', ['y'], ['z'])],
        initializers: [weight(name, [4, 3])],
        outputs: ['y', 'z'],
      });
    const [a, b] = [await compile(proto('u')), await compile(proto('v'))];
    expect(a.outputs.map(({ name, shape }) => `${name} ${shape.join()}`)).to.deep.equal(['y 1,3', 'z 1,3']);
    expect(a.parameters).to.equal(12);
    expect(a.graphRoot).to.not.equal(b.graphRoot);
  });

  it('refuses inputs that it cannot give a shape or a value', async () => {
    const code = async (proto: ModelProto, settings: object = {}): Promise<unknown> =>
      compile(proto, settings).then(
        () => undefined,
        (error: { code: string }) => error.code,
      );
    const relu = [node('Relu', ['x'], ['y'])];
    const open = { name: 'x', type: { tensorType: { elemType: 1 } } };
    expect(await code(model({ nodes: relu, inputs: [open] }))).to.equal('L0816');
    expect(await code(model({ nodes: relu, inputs: [input('x', ['n'], 9)] }))).to.equal('L0816');
    expect(await code(model({ nodes: relu }), { axes: { n: 0 } })).to.equal('L0816');
    expect(await code(model({ nodes: relu }), { axes: { n: 2 ** 40 } })).to.equal('L0816');
  });
});
