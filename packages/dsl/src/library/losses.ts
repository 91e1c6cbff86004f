/** Losses and metrics: scalars averaged over the batch. */
import {
  accuracy,
  add,
  crossEntropy,
  div,
  formatShape,
  logSoftmax,
  mean,
  meanAll,
  mul,
  neg,
  scalar,
  sub,
  surprise,
  unary,
} from '../tensor/build.js';
import type { Tensor } from '../tensor/tensor.js';
import { ArgumentError, type LibraryFunction } from './function.js';

const logits = {
  name: 'logits',
  type: 'tensor',
  doc: '[n, classes] or [n, t, classes], before any softmax',
} as const;
const labels = { name: 'labels', type: 'tensor', doc: 'classes, i32 [n] or [n, t]' } as const;
const output = { name: 'output', type: 'tensor', doc: '[n, ...]' } as const;
const target = { name: 'target', type: 'tensor', doc: 'of the same shape' } as const;

function difference(args: Readonly<Record<string, unknown>>): Tensor {
  const a = args['output'] as Tensor;
  const b = args['target'] as Tensor;
  if (b.type !== 'f32')
    throw new ArgumentError(`the target must be f32, found ${b.type}`, 'target', 'declare the column as f32');
  if (a.shape.length !== b.shape.length || a.shape.some((dim, axis) => dim !== b.shape[axis])) {
    throw new ArgumentError(
      `the target must have shape ${formatShape(a.shape)}, found ${formatShape(b.shape)}`,
      'target',
    );
  }
  return sub(a, b);
}

export const losses: readonly LibraryFunction[] = [
  {
    name: 'cross_entropy',
    kind: 'loss',
    doc: 'Mean of -log softmax(logits)[label].',
    parameters: [
      logits,
      labels,
      {
        name: 'smoothing',
        type: 'number',
        optional: true,
        min: 0,
        max: 0.999,
        doc: 'share of each target that is spread over all classes (Szegedy et al. 2016); none if absent',
      },
    ],
    build(_scope, args) {
      const z = args['logits'] as Tensor;
      const hard = crossEntropy(z, args['labels'] as Tensor);
      const share = (args['smoothing'] as number | undefined) ?? 0;
      if (share === 0) return hard;
      const even = meanAll(neg(logSoftmax(z)));
      return add(mul(hard, scalar(1 - share)), mul(even, scalar(share)));
    },
  },
  {
    name: 'masked_cross_entropy',
    kind: 'loss',
    doc: 'Mean of -log softmax(logits)[label] over the rows where the mask is 1, or weighted by it; 0 when it is 0 everywhere.',
    parameters: [
      logits,
      labels,
      { name: 'mask', type: 'tensor', doc: 'weights of the rows, f32 like labels' },
    ],
    build(_scope, args) {
      const rows = surprise(args['logits'] as Tensor, args['labels'] as Tensor);
      const mask = args['mask'] as Tensor;
      if (mask.type !== 'f32' || mask.shape.join() !== rows.shape.join())
        throw new ArgumentError(
          `the mask must be f32${formatShape(rows.shape)}, found ${mask.type}${formatShape(mask.shape)}`,
          'mask',
        );
      const all = rows.shape.map((_, axis) => axis);
      // A mean rather than a sum: the number of rows cancels, and the ranges stay small.
      return div(mean(mul(rows, mask), all, false), mean(mask, all, false));
    },
  },
  {
    name: 'mse',
    kind: 'loss',
    doc: 'Mean of (output - target)^2.',
    parameters: [output, target],
    build(_scope, args) {
      const d = difference(args);
      return meanAll(mul(d, d));
    },
  },
  {
    name: 'bce',
    kind: 'loss',
    doc: 'Binary cross entropy of a logit z and a target t in 0..1: mean of softplus(z) - t z.',
    parameters: [{ ...output, doc: 'logits, before any sigmoid' }, target],
    build(_scope, args) {
      difference(args);
      const z = args['output'] as Tensor;
      return meanAll(sub(unary('softplus', z), mul(args['target'] as Tensor, z)));
    },
  },
  {
    name: 'accuracy',
    kind: 'metric',
    doc: "Share of rows whose largest logit is the label's; ties count as right.",
    parameters: [logits, labels],
    build: (_scope, args) => accuracy(args['logits'] as Tensor, args['labels'] as Tensor),
  },
  {
    name: 'mae',
    kind: 'metric',
    doc: 'Mean of |output - target|.',
    parameters: [output, target],
    build: (_scope, args) => meanAll(unary('abs', difference(args))),
  },
];
