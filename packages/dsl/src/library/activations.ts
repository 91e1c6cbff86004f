/** Elementwise functions and shape changes. */
import {
  concat,
  leakyRelu,
  logSoftmax,
  mean,
  reshape,
  softmax,
  sum,
  unary,
  type Unary,
} from '../tensor/build.js';
import type { Tensor } from '../tensor/tensor.js';
import { ArgumentError, type LibraryFunction } from './function.js';

const x = { name: 'x', type: 'tensor', doc: '[...]' } as const;

function elementwise(name: Unary, kind: 'activation' | 'math', doc: string): LibraryFunction {
  return { name, kind, doc, parameters: [x], build: (_scope, args) => unary(name, args['x'] as Tensor) };
}

function fold(name: 'sum' | 'mean', doc: string): LibraryFunction {
  return {
    name,
    kind: 'math',
    doc,
    parameters: [
      x,
      { name: 'axis', type: 'integer', default: -1, doc: 'the axis that disappears; -1 is the last' },
    ],
    build(_scope, args) {
      const input = args['x'] as Tensor;
      const axis = args['axis'] as number;
      if (axis < -input.shape.length || axis >= input.shape.length) {
        throw new ArgumentError(`there is no axis ${axis} in [${input.shape.join(', ')}]`, 'axis');
      }
      return (name === 'sum' ? sum : mean)(input, [axis], false);
    },
  };
}

export const activations: readonly LibraryFunction[] = [
  elementwise('relu', 'activation', 'max(x, 0).'),
  {
    name: 'leaky_relu',
    kind: 'activation',
    doc: 'x where positive, else slope * x.',
    parameters: [
      x,
      { name: 'slope', type: 'number', default: 0.01, min: 0, max: 1, doc: 'factor of negative values' },
    ],
    build: (_scope, args) => leakyRelu(args['x'] as Tensor, args['slope'] as number),
  },
  elementwise('tanh', 'activation', 'Hyperbolic tangent.'),
  elementwise('sigmoid', 'activation', '1 / (1 + exp(-x)).'),
  elementwise('gelu', 'activation', 'x times the normal distribution function of x (exact, by erf).'),
  elementwise('silu', 'activation', 'x * sigmoid(x).'),
  elementwise('softplus', 'activation', 'log(1 + exp(x)).'),
  {
    name: 'softmax',
    kind: 'activation',
    doc: 'exp(x) over its sum along the last axis.',
    parameters: [x],
    build: (_scope, args) => softmax(args['x'] as Tensor),
  },
  {
    name: 'log_softmax',
    kind: 'activation',
    doc: 'Logarithm of softmax along the last axis.',
    parameters: [x],
    build: (_scope, args) => logSoftmax(args['x'] as Tensor),
  },
  elementwise('exp', 'math', 'e^x.'),
  elementwise('log', 'math', 'Natural logarithm of a positive value.'),
  elementwise('sqrt', 'math', 'Square root of a non-negative value.'),
  elementwise('abs', 'math', '|x|.'),
  elementwise('erf', 'math', 'Error function.'),
  fold('sum', 'Sum along one axis.'),
  fold('mean', 'Mean along one axis.'),
  {
    name: 'flatten',
    kind: 'shape',
    doc: 'All axes but the first joined into one.',
    parameters: [x],
    build(_scope, args) {
      const input = args['x'] as Tensor;
      const [rows, ...rest] = input.shape;
      if (rows === undefined) throw new ArgumentError('a scalar cannot be flattened', 'x');
      return reshape(input, [rows, rest.reduce((a, b) => a * b, 1)]);
    },
  },
  {
    name: 'reshape',
    kind: 'shape',
    doc: 'The same elements with other axes after the first (the batch).',
    parameters: [
      x,
      { name: 'shape', type: 'integer', rest: true, min: 1, doc: 'lengths of the axes after the first' },
    ],
    build(_scope, args) {
      const input = args['x'] as Tensor;
      if (input.shape.length === 0) throw new ArgumentError('a scalar cannot be reshaped', 'x');
      return reshape(input, [input.shape[0]!, ...(args['shape'] as readonly number[])]);
    },
  },
  {
    name: 'concat',
    kind: 'shape',
    doc: 'Two tensors joined along the last axis.',
    parameters: [
      { name: 'a', type: 'tensor', doc: '[..., p]' },
      { name: 'b', type: 'tensor', doc: '[..., q]' },
    ],
    build: (_scope, args) =>
      concat([args['a'] as Tensor, args['b'] as Tensor], (args['a'] as Tensor).shape.length - 1),
  },
];
