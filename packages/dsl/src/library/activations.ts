/** Elementwise functions and shape changes. */
import {
  concat,
  formatShape,
  leakyRelu,
  logSoftmax,
  mean,
  reshape,
  slice,
  softmax,
  sum,
  transpose,
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
  elementwise(
    'gelu_tanh',
    'activation',
    'x (1 + tanh z) / 2, z = sqrt(2 / pi) (x + 0.044715 x^3): gelu as GPT-2 has it, cheaper than gelu.',
  ),
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
      {
        name: 'shape',
        type: 'integer',
        rest: true,
        min: -1,
        doc: 'lengths of the axes after the first; -1 for one of them: what is left over',
      },
    ],
    build(_scope, args) {
      const input = args['x'] as Tensor;
      if (input.shape.length === 0) throw new ArgumentError('a scalar cannot be reshaped', 'x');
      return reshape(input, [input.shape[0]!, ...filled(input, args['shape'] as readonly number[])]);
    },
  },
  {
    name: 'transpose',
    kind: 'shape',
    doc: 'Axis d of the result is axis axes[d] of x; the first stays (the batch).',
    parameters: [
      x,
      { name: 'axes', type: 'integer', rest: true, min: 0, doc: 'every axis once: transpose(x, 0, 2, 1)' },
    ],
    build(_scope, args) {
      const input = args['x'] as Tensor;
      const axes = args['axes'] as readonly number[];
      const every = input.shape.every((_, axis) => axes.includes(axis));
      if (axes.length !== input.shape.length || !every) {
        const all = input.shape.map((_, axis) => axis).join(', ');
        throw new ArgumentError(`axes must be ${all} in some order, found ${axes.join(', ')}`, 'axes');
      }
      return transpose(input, axes);
    },
  },
  {
    name: 'slice',
    kind: 'shape',
    doc: 'The elements from `start` up to, not including, `end` of one axis.',
    parameters: [
      x,
      { name: 'axis', type: 'integer', doc: 'which axis; -1 is the last' },
      { name: 'start', type: 'integer', min: 0, doc: 'the first element' },
      { name: 'end', type: 'integer', min: 1, doc: 'the element after the last' },
    ],
    build(_scope, args) {
      const input = args['x'] as Tensor;
      const [given, start, end] = ['axis', 'start', 'end'].map((name) => args[name] as number) as [
        number,
        number,
        number,
      ];
      const axis = axisOf(input, given);
      if (end > input.shape[axis]! || start >= end)
        throw new ArgumentError(`${start} to ${end} does not lie in an axis of ${input.shape[axis]}`, 'end');
      return slice(input, axis, start, end);
    },
  },
  {
    name: 'concat',
    kind: 'shape',
    doc: 'Two tensors joined along an axis.',
    parameters: [
      { name: 'a', type: 'tensor', doc: '[..., p]' },
      { name: 'b', type: 'tensor', doc: '[..., q]' },
      { name: 'axis', type: 'integer', optional: true, doc: 'which axis; the last if absent' },
    ],
    build(_scope, args) {
      const a = args['a'] as Tensor;
      return concat([a, args['b'] as Tensor], axisOf(a, (args['axis'] as number | undefined) ?? -1));
    },
  },
];

function axisOf(x: Tensor, axis: number): number {
  const at = axis < 0 ? axis + x.shape.length : axis;
  if (at >= 0 && at < x.shape.length) return at;
  throw new ArgumentError(`${formatShape(x.shape)} has no axis ${axis}`, 'axis');
}

/** The lengths with -1 replaced by what is left over. */
function filled(x: Tensor, shape: readonly number[]): readonly number[] {
  if (shape.includes(0) || shape.filter((dim) => dim === -1).length > 1)
    throw new ArgumentError('lengths are at least 1, and one of them may be -1', 'shape');
  const rest = x.shape.slice(1).reduce((a, b) => a * b, 1);
  const known = shape.reduce((a, b) => (b === -1 ? a : a * b), 1);
  if (shape.includes(-1) && rest % known !== 0)
    throw new ArgumentError(`${rest} elements cannot be shared out among ${known}`, 'shape');
  return shape.map((dim) => (dim === -1 ? rest / known : dim));
}
