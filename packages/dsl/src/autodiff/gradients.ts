/** Reverse-mode rules, one row per operator: the gradient of each input from the gradient of the output. */
import type { Tensor } from '../tensor/tensor.js';
import * as t from '../tensor/build.js';
import { NORMALIZATION_GRADIENTS } from './normalization.js';
import { SELECTION_GRADIENTS } from './selection.js';
import { unbroadcast } from './unbroadcast.js';
import * as windows from '../tensor/windows.js';

/** Undefined for an input through which nothing flows (labels, masks, indices). */
export type Gradient = (y: Tensor, g: Tensor) => readonly (Tensor | undefined)[];

const last = (x: Tensor): number[] => [x.shape.length - 1];
const none: Gradient = (y) => y.inputs.map(() => undefined);
const one = t.scalar(1);

export const GRADIENTS: Readonly<Record<string, Gradient>> = {
  add: ({ inputs: [a, b] }, g) => [
    unbroadcast(g, a!.shape, b!.op === 'matmul'),
    unbroadcast(g, b!.shape, a!.op === 'matmul'),
  ],
  sub: ({ inputs: [a, b] }, g) => [unbroadcast(g, a!.shape), unbroadcast(t.neg(g), b!.shape)],
  mul: ({ inputs: [a, b] }, g) => [unbroadcast(t.mul(g, b!), a!.shape), unbroadcast(t.mul(g, a!), b!.shape)],
  div: (y, g) => {
    const [a, b] = y.inputs;
    const quotient = t.div(g, b!);
    return [unbroadcast(quotient, a!.shape), unbroadcast(t.neg(t.mul(quotient, y)), b!.shape)];
  },
  neg: (_y, g) => [t.neg(g)],
  abs: ({ inputs: [x] }, g) => [t.mul(g, t.unary('sign', x!))],
  exp: (y, g) => [t.mul(g, y)],
  log: ({ inputs: [x] }, g) => [t.div(g, x!)],
  sqrt: (y, g) => [t.div(t.mul(g, t.scalar(0.5)), y)],
  relu: ({ inputs: [x] }, g) => [t.mul(g, t.unary('positive', x!))],
  leaky_relu: ({ inputs: [x], attributes }, g) => {
    const slope = attributes['slope'] as number;
    return [t.mul(g, t.add(t.mul(t.unary('positive', x!), t.scalar(1 - slope)), t.scalar(slope)))];
  },
  tanh: (y, g) => [t.mul(g, t.sub(one, t.mul(y, y)))],
  sigmoid: (y, g) => [t.mul(g, t.mul(y, t.sub(one, y)))],
  erf: ({ inputs: [x] }, g) => [t.mul(g, t.unary('erf_gradient', x!))],
  gelu: ({ inputs: [x] }, g) => [t.mul(g, t.unary('gelu_gradient', x!))],
  gelu_tanh: ({ inputs: [x] }, g) => [t.mul(g, t.unary('gelu_tanh_gradient', x!))],
  silu: ({ inputs: [x] }, g) => [t.mul(g, t.unary('silu_gradient', x!))],
  softplus: ({ inputs: [x] }, g) => [t.mul(g, t.unary('sigmoid', x!))],
  matmul: ({ inputs: [a, b], attributes }, g) => {
    const { transposeA, transposeB, precision } = attributes as {
      transposeA: boolean;
      transposeB: boolean;
      precision?: 1 | 2 | 3;
    };
    const da = transposeA
      ? t.matmul(b!, g, transposeB, true, 'b', precision)
      : t.matmul(g, b!, false, !transposeB, 'a', precision);
    const db = transposeB
      ? t.matmul(g, a!, true, transposeA, 'a', precision)
      : t.matmul(a!, g, !transposeA, false, 'b', precision);
    return [unbroadcast(da, a!.shape), unbroadcast(db, b!.shape)];
  },
  sum: ({ inputs: [x] }, g) => [t.expand(g, x!.shape)],
  softmax: (y, g) => [t.mul(y, t.sub(g, t.sum(t.mul(g, y), last(y))))],
  causal_softmax: (y, g) => [t.mul(y, t.sub(g, t.sum(t.mul(g, y), last(y))))],
  log_softmax: (y, g) => [t.sub(g, t.mul(t.softmax(y.inputs[0]!), t.sum(g, last(y))))],
  normalize: (y, g) => {
    const inverse = t.inverseDeviation(y.inputs[0]!, y.attributes['epsilon'] as number);
    const centred = t.sub(t.sub(g, t.mean(g, last(y))), t.mul(y, t.mean(t.mul(g, y), last(y))));
    return [t.mul(inverse, centred)];
  },
  cross_entropy: ({ inputs: [logits, labels] }, g) => {
    const rows = labels!.shape.reduce((product, dim) => product * dim, 1);
    const error = t.sub(t.softmax(logits!), t.oneHot(labels!, logits!.shape.at(-1)!));
    return [t.mul(error, t.mul(g, t.scalar(1 / rows))), undefined];
  },
  surprise: ({ inputs: [logits, labels] }, g) => {
    const error = t.sub(t.softmax(logits!), t.oneHot(labels!, logits!.shape.at(-1)!));
    return [t.mul(error, t.reshape(g, [...g.shape, 1])), undefined];
  },
  reshape: ({ inputs: [x] }, g) => [t.reshape(g, x!.shape)],
  transpose: ({ attributes }, g) => {
    const perm = attributes['perm'] as readonly number[];
    return [
      t.transpose(
        g,
        perm.map((_, axis) => perm.indexOf(axis)),
      ),
    ];
  },
  slice: ({ inputs: [x], attributes, shape }, g) => {
    const { axis, start } = attributes as { axis: number; start: number };
    return [t.pad(g, axis, start, x!.shape[axis]! - start - shape[axis]!)];
  },
  pad: ({ inputs: [x], attributes }, g) => {
    const { axis, before } = attributes as { axis: number; before: number };
    return [t.slice(g, axis, before, before + x!.shape[axis]!)];
  },
  concat: ({ inputs, attributes }, g) => {
    const axis = attributes['axis'] as number;
    let start = 0;
    return inputs.map((part) => {
      const from = start;
      start += part.shape[axis]!;
      return t.slice(g, axis, from, start);
    });
  },
  dropout: ({ attributes }, g) => [t.masked(g, attributes['keep'] as number, attributes['stream'] as number)],
  expand: ({ inputs: [x] }, g) => [unbroadcast(g, x!.shape)],
  gather: ({ inputs: [table, indices] }, g) => [t.scatterAdd(g, indices!, table!.shape[0]!), undefined],
  conv: (y, g) => [
    windows.convInputGradient(y, g),
    windows.convWeightGradient(y, g),
    ...(y.inputs.length > 2 ? [windows.channelSum(g)] : []),
  ],
  window_max: (y, g) => [windows.windowMaxGradient(y, g)],
  window_sum: (y, g) => [windows.windowSumGradient(y, g)],
  ...NORMALIZATION_GRADIENTS,
  ...SELECTION_GRADIENTS,
  constant: none,
  weight: none,
  column: none,
  one_hot: none,
  positive: none,
  sign: none,
};
