/** Gradient accumulation, averaged weights and running statistics over several steps of the canonical graph. */
import { expect } from 'chai';
import { evaluate, verifyCanonical, type Graph, type TensorValue } from '@gensyn/ir';
import type { PreparedColumn, PreparedDataset } from '../src/data/prepared.js';
import { evaluationStep, trainingStep } from '../src/lowering/step.js';
import { check } from '../src/semantics/check.js';
import type { Program } from '../src/semantics/program.js';

const column = (name: string, shape: number[]): PreparedColumn => ({
  name,
  type: 'f32',
  storage: 'f32',
  shape,
  file: name,
  bytes: 0,
  dims: [4, ...shape],
  start: 0,
  stride: 1,
  root: '',
  min: -4,
  max: 4,
  tiny: 2 ** -20,
  quantum: 2 ** -20,
  flushed: 0,
  divisor: 1,
  offset: 0,
});
const datasets: PreparedDataset[] = [
  { name: 'set', rows: 4, columns: [column('x', [3]), column('y', [2])], root: '' },
];

function programOf(body: string, train: string): Program {
  const text =
    `data set {\n  x: f32[3] = "x.npy"\n  y: f32[2] = "y.npy"\n}\n\n` +
    `model network(x: f32[n, 3]) -> f32[n, 2] {\n${body}\n}\n\n` +
    `train {\n  model = network(set.x)\n  loss = mse(model, set.y)\n  steps = 8\n  precision = 3\n${train}\n}\n`;
  const { program, diagnostics } = check({ path: 'job.gml', text }, () => '');
  if (!program) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return program;
}

const X = Float32Array.from({ length: 12 }, (_, i) => Math.fround(Math.round(Math.sin(i * 3 + 1) * 64) / 64));
const Y = Float32Array.from({ length: 8 }, (_, i) => Math.fround(Math.round(Math.cos(i * 5) * 64) / 64));

type Values = Record<string, TensorValue>;

function start(graph: Graph): Values {
  const state: Values = {};
  for (const node of graph.nodes) {
    if (node.source?.kind !== 'state') continue;
    const { init } = node.source;
    const size = node.type.shape.reduce((a, b) => a * b, 1);
    // Any start will do, as long as a weight and its average have the same.
    const fill = (i: number): number =>
      init.kind === 'uniform' ? Math.fround(0.25 - i / 16) : init.kind === 'constant' ? init.value : 0;
    state[node.name!] = {
      ...node.type,
      data:
        node.type.dtype === 'i32'
          ? new Int32Array(size)
          : Float32Array.from({ length: size }, (_, i) => fill(i)),
    };
  }
  return state;
}

function step(graph: Graph, state: Values, from: number, to: number): Values {
  const rows = (data: Float32Array, width: number): TensorValue => ({
    dtype: 'f32',
    shape: [to - from, width],
    data: data.slice(from * width, to * width),
  });
  const values = evaluate(graph, { ...state, 'set.x': rows(X, 3), 'set.y': rows(Y, 2) });
  return Object.fromEntries(graph.outputs.map((output) => [output.name, values[output.node]!]));
}

function close(a: TensorValue, b: ArrayLike<number>, tolerance: number): void {
  a.data.forEach((x, i) => expect(x).to.be.closeTo(b[i]!, tolerance));
}

describe('state beside the weights', () => {
  for (const optimizer of ['sgd(lr = 0.1, momentum = 0.9)', 'adam(lr = linear(0.1, warmup = 1))']) {
    it(`two accumulated batches are one of twice the rows: ${optimizer}`, () => {
      const body = '  linear(tanh(linear(x, 4)), 2)';
      const halves = trainingStep(
        programOf(body, `  optimizer = ${optimizer}\n  batch = 2\n  accumulate = 2`),
        datasets,
      );
      // Half as many steps, so that the rates of the updates are the same.
      const whole = trainingStep(
        { ...programOf(body, `  optimizer = ${optimizer}\n  batch = 4`), steps: 4 },
        datasets,
      );
      expect(verifyCanonical(halves)).to.deep.equal([]);
      let [a, b] = [start(halves), start(whole)];
      const name = 'network.linear1.weight';
      for (let round = 0; round < 3; round++) {
        const before = a[name]!.data.slice();
        a = step(halves, a, 0, 2);
        expect([...a[name]!.data], 'nothing is updated between').to.deep.equal([...before]);
        a = step(halves, a, 2, 4);
        b = step(whole, b, 0, 4);
        for (const weight of [name, 'network.linear2.bias']) close(a[weight]!, b[weight]!.data, 2e-4);
      }
    });
  }

  it('the averages follow the weights, and evaluation reads them', () => {
    const program = programOf('  linear(x, 2)', '  optimizer = sgd(lr = 0.2)\n  batch = 4\n  average = 0.75');
    const graph = trainingStep(program, datasets);
    const evaluation = evaluationStep(program, datasets);
    expect([...verifyCanonical(graph), ...verifyCanonical(evaluation)]).to.deep.equal([]);
    let state = start(graph);
    let average = Float64Array.from(state['network.linear1.weight']!.data);
    for (let i = 0; i < 3; i++) {
      state = step(graph, state, 0, 4);
      average = average.map((x, k) => 0.75 * x + 0.25 * state['network.linear1.weight']!.data[k]!);
      close(state['network.linear1.weight.average']!, average, 1e-6);
    }
    const inputs = evaluation.nodes.flatMap((n) => (n.source?.kind === 'state' ? [n.name!] : []));
    expect(inputs).to.include('network.linear1.weight.average').and.not.include('network.linear1.weight');
  });

  it('batch statistics run along, and evaluation reads them', () => {
    const program = programOf(
      '  linear(batch_norm(x, momentum = 0.5), 2)',
      '  optimizer = sgd(lr = 0.1)\n  batch = 4',
    );
    const graph = trainingStep(program, datasets);
    const evaluation = evaluationStep(program, datasets);
    expect([...verifyCanonical(graph), ...verifyCanonical(evaluation)]).to.deep.equal([]);
    const state = step(graph, start(graph), 0, 4);
    const mean = [0, 1, 2].map((c) => [0, 1, 2, 3].reduce((sum, row) => sum + X[row * 3 + c]!, 0) / 4);
    const variance = mean.map(
      (m, c) => [0, 1, 2, 3].reduce((sum, row) => sum + (X[row * 3 + c]! - m) ** 2, 0) / 3,
    );
    close(
      state['network.batch_norm1.mean']!,
      mean.map((m) => m / 2),
      1e-6,
    );
    close(
      state['network.batch_norm1.variance']!,
      variance.map((v) => 0.5 + v / 2),
      1e-6,
    );
    const { loss } = step(evaluation, state, 0, 4);
    expect(loss!.data[0]).to.be.within(0.01, 10);
  });
});
