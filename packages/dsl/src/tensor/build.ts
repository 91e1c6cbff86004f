/** Constructors of the tensor program: each checks shapes and computes the shape of its result. */
import type { Span } from '@gensyn/ir';
import { broadcastShape } from '@gensyn/ir';
import { ArgumentError } from '../library/function.js';
import type { Attribute, ElementType, Init, Shape, Tensor } from './tensor.js';

let current: Span | undefined;

/** Runs `build` with every tensor it makes attributed to `span`. */
export function at<T>(span: Span | undefined, build: () => T): T {
  const before = current;
  current = span;
  try {
    return build();
  } finally {
    current = before;
  }
}

export function make(
  op: string,
  inputs: readonly Tensor[],
  shape: Shape,
  attributes: Readonly<Record<string, Attribute>> = {},
  type: ElementType = 'f32',
): Tensor {
  return { op, inputs, attributes, type, shape, span: current };
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

function needFloat(x: Tensor, argument?: string): void {
  if (x.type !== 'f32')
    throw new ArgumentError(`expected f32 values, found ${x.type}${formatShape(x.shape)}`, argument);
}

// Leaves

export const scalar = (value: number): Tensor => make('constant', [], [], { value });

export const weight = (name: string, shape: Shape, init: Init): Tensor =>
  make('weight', [], shape, { name, init });

/** One batch of a column: (stored - offset) / divisor, [batch, ...row shape]. */
export const column = (dataset: string, name: string, shape: Shape, type: ElementType): Tensor =>
  make('column', [], shape, { dataset, column: name }, type);

// Elementwise

function elementwise(op: string, a: Tensor, b: Tensor): Tensor {
  needFloat(a);
  needFloat(b);
  const shape = broadcastShape([a.shape, b.shape]);
  if (!shape)
    throw new ArgumentError(`shapes ${formatShape(a.shape)} and ${formatShape(b.shape)} do not fit together`);
  return make(op, [a, b], shape);
}

export const add = (a: Tensor, b: Tensor): Tensor => elementwise('add', a, b);
export const sub = (a: Tensor, b: Tensor): Tensor => elementwise('sub', a, b);
export const mul = (a: Tensor, b: Tensor): Tensor => elementwise('mul', a, b);
export const div = (a: Tensor, b: Tensor): Tensor => elementwise('div', a, b);

/** Functions of one value, by the name of their row in the tables of gradients and lowerings. */
export const UNARY = [
  'neg',
  'abs',
  'exp',
  'log',
  'sqrt',
  'relu',
  'tanh',
  'sigmoid',
  'erf',
  'gelu',
  'gelu_tanh',
  'silu',
  'softplus',
  'positive',
  'sign',
  'gelu_gradient',
  'gelu_tanh_gradient',
  'silu_gradient',
  'erf_gradient',
] as const;
export type Unary = (typeof UNARY)[number];

export function unary(op: Unary, x: Tensor): Tensor {
  needFloat(x, 'x');
  return make(op, [x], x.shape);
}

export const neg = (x: Tensor): Tensor => unary('neg', x);

export function leakyRelu(x: Tensor, slope: number): Tensor {
  needFloat(x, 'x');
  return make('leaky_relu', [x], x.shape, { slope });
}

/** 1 where the label of a row is the class of the column, else 0: [..., classes]. */
export function oneHot(labels: Tensor, classes: number): Tensor {
  return make('one_hot', [labels], [...labels.shape, classes], { classes });
}

// Products

/** Matrix product over the last two axes, either side transposed on request; leading axes broadcast. */
export function matmul(
  a: Tensor,
  b: Tensor,
  transposeA = false,
  transposeB = false,
  gradient: 'a' | 'b' | 'neither' = 'neither',
  precision?: 1 | 2 | 3,
): Tensor {
  needFloat(a);
  needFloat(b);
  const [m, ka] = transposeA ? [a.shape.at(-1), a.shape.at(-2)] : [a.shape.at(-2), a.shape.at(-1)];
  const [kb, n] = transposeB ? [b.shape.at(-1), b.shape.at(-2)] : [b.shape.at(-2), b.shape.at(-1)];
  const lead = broadcastShape([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  if (m === undefined || n === undefined || ka !== kb || !lead) {
    throw new ArgumentError(
      `matrices ${formatShape(a.shape)} and ${formatShape(b.shape)} cannot be multiplied`,
    );
  }
  return make('matmul', [a, b], [...lead, m, n], {
    transposeA,
    transposeB,
    gradient,
    ...(precision ? { precision } : {}),
  });
}

// Folds

function axesOf(x: Tensor, axes: readonly number[]): number[] {
  return [...new Set(axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis)))].sort((a, b) => a - b);
}

/**
 * Sum over axes, which stay with length 1 unless `keep` is false. `shared` says that a product uses x too, so that the sum is best taken on
 * the digits of that product.
 */
export function sum(x: Tensor, axes: readonly number[], keep = true, shared = false): Tensor {
  needFloat(x, 'x');
  const list = axesOf(x, axes);
  if (list.some((axis) => axis < 0 || axis >= x.shape.length))
    throw new ArgumentError(`no such axis in ${formatShape(x.shape)}`, 'axis');
  const kept = x.shape.map((dim, axis) => (list.includes(axis) ? 1 : dim));
  if (list.length === 0) return x;
  const folded = make('sum', [x], kept, { axes: list, shared });
  return keep
    ? folded
    : reshape(
        folded,
        kept.filter((_, axis) => !list.includes(axis)),
      );
}

export function mean(x: Tensor, axes: readonly number[], keep = true): Tensor {
  const list = axesOf(x, axes);
  const count = list.reduce((product, axis) => product * x.shape[axis]!, 1);
  return mul(sum(x, list, keep), scalar(1 / count));
}

export const meanAll = (x: Tensor): Tensor =>
  mean(
    x,
    x.shape.map((_, axis) => axis),
    false,
  );

/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  needFloat(x, 'x');
  return make('softmax', [x], x.shape);
}

/** Softmax over the last axis of [..., t, t] where row i sees the columns up to i alone; the others get nothing that a digit could show. */
export function causalSoftmax(x: Tensor): Tensor {
  needFloat(x, 'x');
  if (x.shape.length < 2 || x.shape.at(-1) !== x.shape.at(-2))
    throw new ArgumentError(`a causal softmax needs [..., t, t], found ${formatShape(x.shape)}`, 'x');
  return make('causal_softmax', [x], x.shape);
}

export function logSoftmax(x: Tensor): Tensor {
  needFloat(x, 'x');
  return make('log_softmax', [x], x.shape);
}

/** (x - mean) / sqrt(variance + epsilon) over the last axis. */
export function normalize(x: Tensor, epsilon: number): Tensor {
  needFloat(x, 'x');
  return make('normalize', [x], x.shape, { epsilon });
}

/** 1 / sqrt(variance + epsilon) over the last axis, which stays with length 1. */
export function inverseDeviation(x: Tensor, epsilon: number): Tensor {
  return make('inverse_deviation', [x], [...x.shape.slice(0, -1), 1], { epsilon });
}

function needClasses(logits: Tensor, labels: Tensor): void {
  needFloat(logits, 'logits');
  const lead = logits.shape.slice(0, -1);
  const fits =
    labels.type === 'i32' &&
    labels.shape.length === lead.length &&
    lead.every((dim, axis) => dim === labels.shape[axis]);
  if (!fits) {
    throw new ArgumentError(
      `labels must be classes of shape ${formatShape(lead)} for logits of shape ${formatShape(logits.shape)}, found ${labels.type}${formatShape(labels.shape)}`,
      'labels',
      labels.type === 'f32' ? 'declare the column as class[n], or use mse for real targets' : undefined,
    );
  }
}

/** Mean over all rows of -log softmax(logits)[label]. Scalar. */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  needClasses(logits, labels);
  return make('cross_entropy', [logits, labels], []);
}

/** -log softmax(logits)[label] of each row. */
export function surprise(logits: Tensor, labels: Tensor): Tensor {
  needClasses(logits, labels);
  return make('surprise', [logits, labels], labels.shape);
}

/** Fraction of rows whose largest logit is the label's (ties count as right). Scalar. */
export function accuracy(logits: Tensor, labels: Tensor): Tensor {
  needClasses(logits, labels);
  return make('accuracy', [logits, labels], []);
}

/** Zeroes each element with probability `rate` and scales the rest by 1/(1-rate), while training. */
export function dropout(x: Tensor, rate: number, stream: number): Tensor {
  needFloat(x, 'x');
  return rate === 0 ? x : masked(x, 1 - rate, stream);
}

/** x times the dropout mask of `stream`; its own gradient. */
export function masked(x: Tensor, keep: number, stream: number): Tensor {
  return make('dropout', [x], x.shape, { keep, stream });
}

// Moves

export function reshape(x: Tensor, shape: Shape): Tensor {
  const count = (dims: Shape) => dims.reduce((product, dim) => product * dim, 1);
  if (count(shape) !== count(x.shape)) {
    throw new ArgumentError(
      `${formatShape(x.shape)} has ${count(x.shape)} elements and cannot become ${formatShape(shape)} with ${count(shape)}`,
      'shape',
    );
  }
  return make('reshape', [x], shape, {}, x.type);
}

export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  return make(
    'transpose',
    [x],
    perm.map((axis) => x.shape[axis]!),
    { perm },
    x.type,
  );
}

/** Elements from `start` up to `end` of one axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  return make(
    'slice',
    [x],
    x.shape.map((dim, d) => (d === axis ? end - start : dim)),
    { axis, start },
    x.type,
  );
}

/** Zeros before and after one axis: the gradient of `slice`. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  return make(
    'pad',
    [x],
    x.shape.map((dim, d) => (d === axis ? before + dim + after : dim)),
    { axis, before, after },
  );
}

export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  if (
    !first ||
    !parts.every(
      (p) =>
        p.type === first.type &&
        p.shape.length === first.shape.length &&
        p.shape.every((dim, d) => d === axis || dim === first.shape[d]),
    )
  ) {
    throw new ArgumentError(
      `cannot join ${parts.map((p) => formatShape(p.shape)).join(' and ')} along axis ${axis}`,
    );
  }
  return make(
    'concat',
    parts,
    first.shape.map((dim, d) => (d === axis ? parts.reduce((total, p) => total + p.shape[d]!, 0) : dim)),
    { axis },
    first.type,
  );
}

/** Repeats axes of length 1, and adds leading axes. */
export function expand(x: Tensor, shape: Shape): Tensor {
  return make('expand', [x], shape, {}, x.type);
}

/** Rows of a table chosen by i32 indices: [V, D] and [...] give [..., D]. */
export function gather(table: Tensor, indices: Tensor): Tensor {
  if (indices.type !== 'i32') throw new ArgumentError(`indices must be i32, found ${indices.type}`, 'x');
  return make('gather', [table, indices], [...indices.shape, ...table.shape.slice(1)], {}, table.type);
}

/** Adds rows of `updates` [..., D] into a zero table [V, D] at the given indices: the gradient of `gather`. */
export function scatterAdd(updates: Tensor, indices: Tensor, rows: number): Tensor {
  return make('scatter_add', [updates, indices], [rows, ...updates.shape.slice(indices.shape.length)], {
    rows,
  });
}
