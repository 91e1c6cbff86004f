/** Layers with many parts and many axes become operators that a check on chain can read. */
import { expect } from 'chai';
import { MAX_OPERANDS, MAX_RANK, verifyCanonical, type Graph } from '@gensyn/ir';
import type { PreparedColumn, PreparedDataset } from '../src/data/prepared.js';
import { trainingStep } from '../src/lowering/step.js';
import { check } from '../src/semantics/check.js';

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

/** The step of a network whose examples have this shape. */
function stepOf(shape: number[], body: string): Graph {
  const dims = shape.join(', ');
  const text =
    `data set {\n  x: f32[${dims}] = "x.npy"\n  y: f32[2] = "y.npy"\n}\n\n` +
    `model network(x: f32[n, ${dims}]) -> f32[n, 2] {\n${body}\n}\n\n` +
    `train {\n  model = network(set.x)\n  loss = mse(model, set.y)\n  optimizer = adam(lr = 0.01)\n  batch = 2\n  steps = 8\n}\n`;
  const { program, diagnostics } = check({ path: 'job.gml', text }, () => '');
  if (!program) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  const datasets: PreparedDataset[] = [
    { name: 'set', rows: 4, columns: [column('x', shape), column('y', [2])], root: '' },
  ];
  return trainingStep(program, datasets);
}

const NINE = [2, 1, 2, 1, 2, 1, 2];
const NETWORKS: Readonly<Record<string, readonly [number[], string]>> = {
  'a kernel of 49': [[1, 8, 8], '  linear(flatten(relu(conv2d(x, 2, 7, padding = 3))), 2)'],
  'windows of 40': [[1, 40, 40], '  linear(flatten(max_pool(relu(conv2d(x, 1, 1)), 40)), 2)'],
  'eight axes, as they are': [NINE, '  linear(flatten(gelu(linear(x, 3))), 2)'],
  'eight axes, normalised': [NINE, '  linear(flatten(softmax(layer_norm(linear(x, 3)))), 2)'],
  'eight axes, in another order': [
    NINE,
    '  linear(flatten(dropout(transpose(linear(x, 3), 0, 2, 1, 4, 3, 6, 5, 7), 0.5)), 2)',
  ],
};

describe('operators that can be judged', () => {
  for (const [name, [shape, body]] of Object.entries(NETWORKS)) {
    it(`come from ${name}`, () => {
      const graph = stepOf(shape, body);
      expect(verifyCanonical(graph)).to.deep.equal([]);
      const operands = graph.nodes.map(({ inputs }) => inputs.length);
      expect(Math.max(...operands)).to.be.at.most(MAX_OPERANDS);
      const ranks = graph.nodes.map(({ type }) => type.shape.length);
      expect(Math.max(...ranks)).to.be.at.most(MAX_RANK);
    });
  }
});
