/** Layers: functions with weights of their own. */
import { add, gather, matmul, mul, normalize, oneHot, reshape, dropout } from '../tensor/build.js';
import type { Tensor } from '../tensor/tensor.js';
import { ArgumentError, type LibraryFunction } from './function.js';

/** Uniform in +-1/sqrt(fan-in), the usual start of a linear layer (He et al. 2015, with a = sqrt 5). */
function fanIn(inputs: number): { kind: 'uniform'; bound: number } {
  return { kind: 'uniform', bound: 1 / Math.sqrt(inputs) };
}

export const layers: readonly LibraryFunction[] = [
  {
    name: 'linear',
    kind: 'layer',
    doc: 'x W + b over the last axis; W and b start uniform in +-1/sqrt(inputs).',
    parameters: [
      { name: 'x', type: 'tensor', doc: '[..., inputs]' },
      { name: 'units', type: 'integer', min: 1, doc: 'length of the last axis of the result' },
      { name: 'bias', type: 'boolean', default: true, doc: 'whether to add b' },
      {
        name: 'precision',
        type: 'integer',
        optional: true,
        min: 1,
        max: 3,
        doc: "digits of this layer's products; the job's if absent",
      },
    ],
    build(scope, args) {
      const x = args['x'] as Tensor;
      const units = args['units'] as number;
      const inputs = x.shape.at(-1);
      if (inputs === undefined || x.shape.length < 2)
        throw new ArgumentError('linear needs a batch of rows, [n, inputs]', 'x');
      const init = fanIn(inputs);
      const w = scope.weight('weight', [inputs, units], init);
      const rows = x.shape.slice(0, -1).reduce((a, b) => a * b, 1);
      const flat = x.shape.length === 2 ? x : reshape(x, [rows, inputs]);
      let y = matmul(flat, w, false, false, 'neither', args['precision'] as 1 | 2 | 3 | undefined);
      if (args['bias']) y = add(y, scope.weight('bias', [units], init));
      return x.shape.length === 2 ? y : reshape(y, [...x.shape.slice(0, -1), units]);
    },
  },
  {
    name: 'embedding',
    kind: 'layer',
    doc: 'A learned vector for each index; vectors start uniform with unit variance.',
    parameters: [
      { name: 'x', type: 'tensor', doc: 'indices, i32 [...]' },
      { name: 'count', type: 'integer', min: 1, doc: 'number of vectors' },
      { name: 'size', type: 'integer', min: 1, doc: 'length of each' },
    ],
    build(scope, args) {
      const x = args['x'] as Tensor;
      const table = scope.weight('weight', [args['count'] as number, args['size'] as number], {
        kind: 'uniform',
        bound: Math.sqrt(3),
      });
      return gather(table, x);
    },
  },
  {
    name: 'layer_norm',
    kind: 'layer',
    doc: 'Each row shifted and scaled to mean 0 and variance 1, then by learned gain (from 1) and shift (from 0).',
    parameters: [
      { name: 'x', type: 'tensor', doc: '[..., features]' },
      { name: 'epsilon', type: 'number', default: 1e-5, min: 1e-12, max: 1, doc: 'added to the variance' },
    ],
    build(scope, args) {
      const x = args['x'] as Tensor;
      const features = x.shape.at(-1) ?? 1;
      const gain = scope.weight('gain', [features], { kind: 'constant', value: 1 });
      const shift = scope.weight('shift', [features], { kind: 'constant', value: 0 });
      return add(mul(normalize(x, args['epsilon'] as number), gain), shift);
    },
  },
  {
    name: 'dropout',
    kind: 'layer',
    doc: 'While training, zeroes each element with probability `rate` and scales the others by 1/(1 - rate).',
    parameters: [
      { name: 'x', type: 'tensor', doc: '[...]' },
      {
        name: 'rate',
        type: 'number',
        default: 0.5,
        min: 0,
        max: 0.95,
        doc: 'share of the elements that is dropped',
      },
    ],
    build: (scope, args) => dropout(args['x'] as Tensor, args['rate'] as number, scope.stream('mask')),
  },
  {
    name: 'one_hot',
    kind: 'shape',
    doc: '1 in the column of the index, 0 elsewhere.',
    parameters: [
      { name: 'x', type: 'tensor', doc: 'indices, i32 [...]' },
      { name: 'classes', type: 'integer', min: 1, doc: 'length of the new last axis' },
    ],
    build(_scope, args) {
      const x = args['x'] as Tensor;
      if (x.type !== 'i32') throw new ArgumentError(`one_hot needs integer indices, found ${x.type}`, 'x');
      return oneHot(x, args['classes'] as number);
    },
  },
];
