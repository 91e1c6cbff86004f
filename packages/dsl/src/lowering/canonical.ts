/** How each operator of the tensor program becomes canonical operators: one row each. */
import type { Value } from '@gensyn/ir';
import type { Tensor } from '../tensor/tensor.js';
import { add, atLeast, atMost, div, mask, mul, sub, total, unsignedZero } from './arithmetic.js';
import { joined, reshaped, type LoweringContext, type Precision } from './context.js';
import { erf, erfDerivative } from './functions/erf.js';
import { exp } from './functions/exp.js';
import { gelu, geluDerivative } from './functions/gelu.js';
import { geluTanh, geluTanhDerivative } from './functions/gelu-tanh.js';
import { log } from './functions/log.js';
import { sigmoid } from './functions/sigmoid.js';
import { silu, siluDerivative } from './functions/silu.js';
import { softplus } from './functions/softplus.js';
import { tanh } from './functions/tanh.js';
import {
  channelSum,
  convolution,
  convolutionInputGradient,
  convolutionWeightGradient,
} from './convolution.js';
import { windowMax, windowMaxGradient, windowSum, windowSumGradient } from './pooling.js';
import { product } from './product.js';
import { NORMALIZATIONS } from './normalization.js';
import { SELECTION } from './selection.js';
import { sumOver } from './sum.js';

export type Lowering = (ctx: LoweringContext, inputs: readonly Value[], tensor: Tensor) => Value;

/** Smallest argument of log, and smallest divisor that is told apart from zero. */
const POSITIVE_FLOOR = 2 ** -60;

function last(x: Value): number {
  return x.shape.length - 1;
}

/** x - max(x) over the last axis: never positive, 0 at the largest. */
function belowMax(ctx: LoweringContext, x: Value): Value {
  const y = unsignedZero(ctx, x);
  const max = ctx.builder.add('ReduceMax', [y], { axes: [last(y)] });
  return atMost(ctx, sub(ctx, y, max), 0);
}

function exponentials(ctx: LoweringContext, x: Value): { below: Value; parts: Value; sum: Value } {
  const below = belowMax(ctx, x);
  const parts = exp(ctx.builder, below);
  // One of the parts is exp(0) = 1, which interval arithmetic cannot see.
  const sum = atLeast(ctx, total(ctx, parts, last(parts), true), 1);
  return { below, parts, sum };
}

/** -log softmax(x), never negative. */
function surprise(ctx: LoweringContext, x: Value): Value {
  const { below, sum } = exponentials(ctx, x);
  return atLeast(ctx, sub(ctx, log(ctx.builder, sum), below), 0);
}

/** What a row of scores sees of later places: so little that its exponential is the smallest there is. */
const UNSEEN = -(2 ** 30);

/** [..., t, t] with the columns after the row at UNSEEN, whatever was there. */
export function causal(ctx: LoweringContext, x: Value): Value {
  const { builder } = ctx;
  const t = x.shape.at(-1)!;
  const places = Int32Array.from({ length: t }, (_, i) => i);
  const seen = builder.add('LessOrEqual', [
    builder.constant(places, [1, t]),
    builder.constant(places, [t, 1]),
  ]);
  const most = builder.add('Where', [seen, builder.scalar(-UNSEEN), builder.scalar(UNSEEN)]);
  return builder.add('Min', [x, most]);
}

function oneHot(ctx: LoweringContext, labels: Value, classes: number): Value {
  const { builder } = ctx;
  const column = builder.add('Reshape', [labels], { shape: [...labels.shape, 1] });
  return mask(
    ctx,
    builder.add('Equal', [
      column,
      builder.constant(
        Int32Array.from({ length: classes }, (_, i) => i),
        [classes],
      ),
    ]),
  );
}

/** The element of each row that the label picks, for rows that are nowhere negative: [..., 1]. */
function picked(ctx: LoweringContext, rows: Value, labels: Value): Value {
  const chosen = unsignedZero(ctx, mul(ctx, oneHot(ctx, labels, rows.shape.at(-1)!), rows));
  return ctx.builder.add('ReduceMax', [chosen], { axes: [last(chosen)] });
}

function meanOf(ctx: LoweringContext, x: Value): Value {
  const count = x.shape.reduce((a, b) => a * b, 1);
  const flat = ctx.builder.add('Reshape', [x], { shape: [count] });
  return mul(ctx, total(ctx, flat, 0, false), ctx.builder.scalar(1 / count));
}

function sumAxes(ctx: LoweringContext, x: Value, axes: readonly number[], shared: boolean): Value {
  if (shared && axes.length === 1) return sumOver(ctx, x, axes[0]!, true, 'digits');
  return axes.reduce((sum, axis) => total(ctx, sum, axis, true), x);
}

function centred(ctx: LoweringContext, x: Value): { difference: Value; inverse: (epsilon: number) => Value } {
  const features = ctx.builder.scalar(1 / x.shape.at(-1)!);
  const mean = mul(ctx, total(ctx, x, last(x), true), features);
  const difference = sub(ctx, x, mean);
  return {
    difference,
    inverse(epsilon) {
      const variance = mul(ctx, total(ctx, mul(ctx, difference, difference), last(x), true), features);
      const root = ctx.builder.add('Sqrt', [
        add(ctx, atLeast(ctx, variance, 0), ctx.builder.scalar(epsilon)),
      ]);
      return div(ctx, ctx.builder.scalar(1), root);
    },
  };
}

/**
 * In a backward product of a job with 2 digits, the weight or activation that meets the gradient is read with one: its rounding is far below the
 * noise of a batch, the gradient keeps both of its digits, and a third of the work goes. Jobs with 3 digits are there for exactness, so theirs keep all.
 */
function coarse(precision: Precision): { digits: 1 } | object {
  return precision === 2 ? { digits: 1 } : {};
}

function isTransposed(tensor: Tensor, side: 'transposeA' | 'transposeB'): boolean {
  return tensor.attributes[side] as boolean;
}

export const CANONICAL: Readonly<Record<string, Lowering>> = {
  ...NORMALIZATIONS,
  ...SELECTION,
  constant: (ctx, _inputs, tensor) => ctx.builder.scalar(tensor.attributes['value'] as number),
  weight: (ctx, _inputs, tensor) => ctx.state(tensor.attributes['name'] as string),
  column: (ctx, _inputs, tensor) => ctx.column(tensor),

  add: (ctx, [a, b]) => add(ctx, a!, b!),
  sub: (ctx, [a, b]) => sub(ctx, a!, b!),
  mul: (ctx, [a, b]) => mul(ctx, a!, b!),
  div(ctx, [a, b]) {
    if (b!.range.lo > 0 || b!.range.hi < 0) return div(ctx, a!, b!);
    if (b!.range.lo === 0) return div(ctx, a!, atLeast(ctx, b!, POSITIVE_FLOOR));
    // A divisor of either sign: its sign moves to the dividend, so that the proof sees it bounded away from zero.
    const negative = mask(ctx, ctx.builder.add('Less', [b!, ctx.builder.scalar(0)]));
    const sign = ctx.builder.add('Sub', [
      ctx.builder.scalar(1),
      ctx.builder.add('Mul', [negative, ctx.builder.scalar(2)]),
    ]);
    return div(ctx, mul(ctx, a!, sign), atLeast(ctx, ctx.builder.add('Abs', [b!]), POSITIVE_FLOOR));
  },
  neg: (ctx, [x]) => ctx.builder.add('Neg', [x!]),
  abs: (ctx, [x]) => ctx.builder.add('Abs', [x!]),
  sqrt: (ctx, [x]) => ctx.builder.add('Sqrt', [atLeast(ctx, x!, 0)]),
  exp: (ctx, [x]) => exp(ctx.builder, x!),
  log: (ctx, [x]) => log(ctx.builder, atLeast(ctx, x!, POSITIVE_FLOOR)),
  tanh: (ctx, [x]) => tanh(ctx.builder, x!),
  sigmoid: (ctx, [x]) => sigmoid(ctx.builder, x!),
  erf: (ctx, [x]) => erf(ctx.builder, x!),
  erf_gradient: (ctx, [x]) => erfDerivative(ctx.builder, x!),
  gelu: (ctx, [x]) => gelu(ctx.builder, x!),
  gelu_gradient: (ctx, [x]) => geluDerivative(ctx.builder, x!),
  gelu_tanh: (ctx, [x]) => geluTanh(ctx.builder, x!),
  gelu_tanh_gradient: (ctx, [x]) => geluTanhDerivative(ctx.builder, x!),
  silu: (ctx, [x]) => silu(ctx.builder, x!),
  silu_gradient: (ctx, [x]) => siluDerivative(ctx.builder, x!),
  softplus: (ctx, [x]) => softplus(ctx.builder, x!),
  relu: (ctx, [x]) => atLeast(ctx, x!, 0),
  leaky_relu(ctx, [x], tensor) {
    const y = unsignedZero(ctx, x!);
    return ctx.builder.add('Max', [
      y,
      unsignedZero(ctx, mul(ctx, y, ctx.builder.scalar(tensor.attributes['slope'] as number))),
    ]);
  },
  positive: (ctx, [x]) => mask(ctx, ctx.builder.add('Less', [ctx.builder.scalar(0), x!])),
  sign(ctx, [x]) {
    const zero = ctx.builder.scalar(0);
    const { builder } = ctx;
    return builder.add('Sub', [
      mask(ctx, builder.add('Less', [zero, x!])),
      mask(ctx, builder.add('Less', [x!, zero])),
    ]);
  },
  one_hot: (ctx, [labels], tensor) => oneHot(ctx, labels!, tensor.attributes['classes'] as number),

  matmul(ctx, [a, b], tensor) {
    const { gradient, precision = ctx.precision } = tensor.attributes as {
      gradient: 'a' | 'b' | 'neither';
      precision?: Precision;
    };
    const met = coarse(precision);
    return product(
      ctx,
      { value: a!, transpose: isTransposed(tensor, 'transposeA'), ...(gradient === 'b' ? met : {}) },
      { value: b!, transpose: isTransposed(tensor, 'transposeB'), ...(gradient === 'a' ? met : {}) },
      precision,
    );
  },
  sum: (ctx, [x], tensor) =>
    sumAxes(ctx, x!, tensor.attributes['axes'] as readonly number[], tensor.attributes['shared'] as boolean),

  conv: convolution,
  conv_input_gradient: convolutionInputGradient,
  conv_weight_gradient: convolutionWeightGradient,
  channel_sum: channelSum,
  window_max: windowMax,
  window_max_gradient: windowMaxGradient,
  window_sum: windowSum,
  window_sum_gradient: windowSumGradient,

  softmax(ctx, [x]) {
    const { parts, sum } = exponentials(ctx, x!);
    return div(ctx, parts, sum);
  },
  causal_softmax(ctx, [x]) {
    const { parts, sum } = exponentials(ctx, causal(ctx, x!));
    return div(ctx, parts, sum);
  },
  log_softmax: (ctx, [x]) => ctx.builder.add('Neg', [surprise(ctx, x!)]),
  cross_entropy: (ctx, [logits, labels]) => meanOf(ctx, picked(ctx, surprise(ctx, logits!), labels!)),
  surprise: (ctx, [logits, labels], tensor) =>
    reshaped(ctx, picked(ctx, surprise(ctx, logits!), labels!), tensor.shape),
  accuracy(ctx, [logits, labels]) {
    const gap = picked(ctx, ctx.builder.add('Abs', [belowMax(ctx, logits!)]), labels!);
    return meanOf(ctx, mask(ctx, ctx.builder.add('Equal', [gap, ctx.builder.scalar(0)])));
  },
  normalize(ctx, [x], tensor) {
    const { difference, inverse } = centred(ctx, x!);
    return mul(ctx, difference, inverse(tensor.attributes['epsilon'] as number));
  },
  inverse_deviation: (ctx, [x], tensor) => centred(ctx, x!).inverse(tensor.attributes['epsilon'] as number),
  dropout(ctx, [x], tensor) {
    if (!ctx.training) return x!;
    const { keep, stream } = tensor.attributes as { keep: number; stream: number };
    return mul(ctx, x!, ctx.dropoutMask(stream, keep, x!.shape));
  },

  reshape: (ctx, [x], tensor) => ctx.builder.add('Reshape', [x!], { shape: tensor.shape }),
  transpose: (ctx, [x], tensor) =>
    ctx.builder.add('Transpose', [x!], { perm: tensor.attributes['perm'] as readonly number[] }),
  slice(ctx, [x], tensor) {
    const { axis, start } = tensor.attributes as { axis: number; start: number };
    const starts = x!.shape.map((_, d) => (d === axis ? start : 0));
    return ctx.builder.add('Slice', [x!], {
      starts,
      ends: starts.map((from, d) => from + tensor.shape[d]!),
      steps: starts.map(() => 1),
    });
  },
  pad(ctx, [x], tensor) {
    const { axis, before, after } = tensor.attributes as { axis: number; before: number; after: number };
    const amounts = (n: number) => x!.shape.map((_, d) => (d === axis ? n : 0));
    return ctx.builder.add('Pad', [x!], { before: amounts(before), after: amounts(after) });
  },
  concat: (ctx, inputs, tensor) => joined(ctx, inputs, tensor.attributes['axis'] as number),
  expand: (ctx, [x], tensor) => ctx.builder.add('Expand', [x!], { shape: tensor.shape }),
  gather: (ctx, [table, indices]) => ctx.builder.add('Gather', [table!, indices!]),
  scatter_add(ctx, [updates, indices], tensor) {
    const { builder } = ctx;
    const count = indices!.shape.reduce((a, b) => a * b, 1);
    const flat = builder.add('Reshape', [indices!], { shape: [count] });
    const rows = builder.add('Reshape', [updates!], {
      shape: [count, tensor.shape.slice(1).reduce((a, b) => a * b, 1)],
    });
    const sums = product(
      ctx,
      { value: oneHot(ctx, flat, tensor.attributes['rows'] as number), transpose: true },
      { value: rows },
    );
    return builder.add('Reshape', [sums], { shape: tensor.shape });
  },
};
