/** Predict blocks: what they compile to, and that a pass over the data gives what the network gives of each batch. */
import { expect } from 'chai';
import { evaluate, graphRoot, inputsOf, verifyCanonical, type Graph, type TensorValue } from '@gensyn/ir';
import type { PreparedDataset } from '../src/data/prepared.js';
import { openModel } from '../src/import/model-files.js';
import { inferenceGraph } from '../src/lowering/inference.js';
import { PREDICTIONS, predictionStep } from '../src/lowering/prediction.js';
import { check } from '../src/semantics/check.js';
import type { Prediction } from '../src/semantics/program.js';
import { fileOf, input, model, network, node, weight } from './import/make-model.js';

const net = model({
  nodes: [node('Gemm', ['x', 'w', 'b'], ['h']), node('Relu', ['h'], ['r']), node('Gemm', ['r', 'v'], ['y'])],
  inputs: [input('x', ['n', 5])],
  initializers: [weight('w', [5, 6]), weight('b', [6]), weight('v', [6, 3])],
  outputs: ['y'],
});

function predictionOf(predict: string, value = 'm(d.x)'): Prediction {
  const { prediction, diagnostics } = check(
    {
      path: 'job.gml',
      text: `data d from "d.npy" { x: f32[5] = whole; kind: class[3] = whole from "k.npy" }
             model m = onnx("m.onnx")
             predict { model = ${value}; batch = 4; ${predict} }`,
    },
    () => undefined,
    { openModel: (path) => (path === 'm.onnx' ? fileOf(net) : openModel(path)) },
  );
  expect(diagnostics).to.deep.equal([]);
  return prediction!;
}

const column = (name: string, type: 'f32' | 'class'): PreparedDataset['columns'][number] => ({
  ...{ name, type, storage: type === 'f32' ? ('f32' as const) : ('u8' as const) },
  ...{ shape: type === 'f32' ? [5] : [], file: '', bytes: 0, dims: [], start: 0, stride: 1, root: '' },
  ...{ min: type === 'f32' ? -2 : 0, max: 2, tiny: 2 ** -20, quantum: 2 ** -20, flushed: 0 },
  ...{ divisor: 1, offset: 0, ...(type === 'class' ? { classes: 3 } : {}) },
});
const DATA: PreparedDataset = {
  name: 'd',
  rows: 10,
  columns: [column('x', 'f32'), column('kind', 'class')],
  root: '',
};

const batchOf = (step: number): TensorValue => ({
  dtype: 'f32',
  shape: [4, 5],
  data: Float32Array.from({ length: 20 }, (_, i) => (((step * 20 + i) * 37) % 128) / 64 - 1),
});

/** All steps, each from the state that the one before has left. */
function run(graph: Graph, steps: number): Map<string, TensorValue> {
  let state = new Map<string, TensorValue>(
    inputsOf(graph).flatMap(({ node: { name, type, source } }) => {
      if (source?.kind !== 'state') return [];
      const size = type.shape.reduce((a, b) => a * b, 1);
      const data = type.dtype === 'i32' ? new Int32Array(size) : new Float32Array(size);
      return [[name!, { ...type, data }] as const];
    }),
  );
  for (let step = 0; step < steps; step++) {
    const kind = { dtype: 'i32' as const, shape: [4], data: Int32Array.of(0, 1, 2, 0) };
    const values = evaluate(graph, { ...Object.fromEntries(state), 'd.x': batchOf(step), 'd.kind': kind });
    state = new Map(
      graph.outputs.flatMap(({ name, node: id, role }) =>
        role === 'state' ? [[name, values[id]!] as const] : [],
      ),
    );
  }
  return state;
}

describe('a predict block', () => {
  it('collects what the network gives of each batch, in order', () => {
    const graph = predictionStep(predictionOf(''), 3, [DATA]);
    expect(verifyCanonical(graph)).to.deep.equal([]);
    expect(graph.outputs.map(({ role }) => role)).to.deep.equal(['state', 'state']);
    const collected = run(graph, 3).get(PREDICTIONS)!;
    expect(collected.shape).to.deep.equal([3, 4, 3]);
    const forward = inferenceGraph(network(net), { axes: { n: 4 }, inputBound: 2 });
    const of = forward.graph.outputs.find(({ name }) => name === 'y')!.node;
    for (let step = 0; step < 3; step++) {
      const expected = evaluate(forward.graph, { x: batchOf(step) })[of]!.data;
      const found = collected.data.subarray(step * 12, step * 12 + 12);
      for (let i = 0; i < 12; i++) expect(found[i]).to.be.closeTo(expected[i]!, 1e-3);
    }
  });

  it('takes integers as well', () => {
    const graph = predictionStep(predictionOf('', 'd.kind'), 3, [DATA]);
    const { dtype, shape, data } = run(graph, 3).get(PREDICTIONS)!;
    expect([dtype, shape]).to.deep.equal(['i32', [3, 4]]);
    expect([...data]).to.deep.equal([0, 1, 2, 0, 0, 1, 2, 0, 0, 1, 2, 0]);
  });

  it('knows the column that an accuracy compares with, and tells metrics without a loss', () => {
    const prediction = predictionOf('metrics = [accuracy(model, d.kind), cross_entropy(model, d.kind)]');
    expect(prediction).to.include({ dataset: 'd', label: 'kind', batch: 4 });
    expect(prediction.metrics.map(({ name }) => name)).to.deep.equal(['accuracy', 'cross_entropy']);
    expect(predictionOf('metrics = cross_entropy(model, d.kind)').label).to.equal(undefined);
    const roles = predictionStep(prediction, 3, [DATA]).outputs.map(({ role }) => role);
    expect(roles).to.deep.equal(['state', 'state', 'metric', 'metric']);
  });

  it('commits to the weights by the root of its graph', () => {
    const root = (graph: Graph): string => Buffer.from(graphRoot(graph)).toString('hex');
    const prediction = predictionOf('');
    const one = root(predictionStep(prediction, 3, [DATA]));
    expect(root(predictionStep(predictionOf(''), 3, [DATA]))).to.equal(one);
    const weights = prediction.weights.map((each, i) => {
      const { data } = each.attributes['init'] as { data: Float32Array };
      const changed = data.map((value, k) => (i === 0 && k === 0 ? value + 1 : value));
      return {
        ...each,
        attributes: { ...each.attributes, init: { kind: 'given' as const, data: changed, root: '' } },
      };
    });
    expect(root(predictionStep({ ...prediction, weights }, 3, [DATA]))).to.not.equal(one);
  });
});
