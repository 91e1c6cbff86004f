/** Normalisations over canonical arithmetic: by channel over a batch with running averages, and by root mean square. */
import { elements, type StateInit, type Value } from '@gensyn/ir';
import type { Tensor } from '../tensor/tensor.js';
import { add, atLeast, atMost, div, isFloat, mul, onGrid, sub, total } from './arithmetic.js';
import type { Lowering } from './canonical.js';
import { reshaped, type LoweringContext } from './context.js';
import { fold } from './float/fold.js';

/** Running averages stay within this, on a grid of 2^RUNNING_GRID. */
const RUNNING_BOUND = 2 ** 40;
const RUNNING_GRID = -40;

/** Mean over all axes but the second: whole images are added first, then the places of each channel. */
function channelMean(ctx: LoweringContext, x: Value): Value {
  const shape = x.shape.map((dim, axis) => (axis === 1 ? dim : 1));
  if (isFloat(ctx))
    return fold(
      ctx,
      'ReduceMean',
      x,
      x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis])),
    );
  const [n, c] = x.shape as readonly [number, number];
  const places = elements(x.shape) / (n * c);
  const images = total(ctx, reshaped(ctx, x, [n, c, places]), 0, true, 'tree');
  const sum = reshaped(ctx, total(ctx, images, 2, true, 'tree'), shape);
  return mul(ctx, sum, ctx.builder.scalar(1 / (n * places)));
}

function lastMean(ctx: LoweringContext, x: Value): Value {
  const last = x.shape.length - 1;
  if (isFloat(ctx)) return fold(ctx, 'ReduceMean', x, [last]);
  return mul(ctx, total(ctx, x, last, true), ctx.builder.scalar(1 / x.shape[last]!));
}

/** 1 / sqrt(x + epsilon); the interval of a mean of squares knows nothing of its sign. */
function inverseRoot(ctx: LoweringContext, x: Value, epsilon: number): Value {
  const root = ctx.builder.add('Sqrt', [add(ctx, atLeast(ctx, x, 0), ctx.builder.scalar(epsilon))]);
  return div(ctx, ctx.builder.scalar(1), root);
}

interface Moments {
  readonly mean: Value;
  readonly difference: Value;
  readonly variance: Value;
}

function momentsOf(ctx: LoweringContext, x: Value): Moments {
  const mean = channelMean(ctx, x);
  const difference = sub(ctx, x, mean);
  return { mean, difference, variance: atLeast(ctx, channelMean(ctx, mul(ctx, difference, difference)), 0) };
}

/** (1 - momentum) average + momentum x, kept in the state. */
function follow(
  ctx: LoweringContext,
  name: string,
  x: Value,
  momentum: number,
  init: StateInit,
  low: number,
): void {
  const shape = [elements(x.shape)];
  const before = ctx.running(name, shape, init, { lo: low, hi: RUNNING_BOUND, quantum: 2 ** RUNNING_GRID });
  const inside = (y: Value): Value =>
    atLeast(ctx, atMost(ctx, onGrid(ctx, y, RUNNING_GRID), RUNNING_BOUND), low);
  const part = mul(ctx, inside(reshaped(ctx, x, shape)), ctx.builder.scalar(momentum));
  ctx.follow(name, inside(add(ctx, mul(ctx, before, ctx.builder.scalar(1 - momentum)), part)));
}

const ZERO: StateInit = { kind: 'constant', value: 0 };
const ONE: StateInit = { kind: 'constant', value: 1 };

function batchNormalize(ctx: LoweringContext, [x]: readonly Value[], tensor: Tensor): Value {
  const { name, momentum, epsilon } = tensor.attributes as {
    name: string;
    momentum: number;
    epsilon: number;
  };
  const shape = x!.shape.map((dim, axis) => (axis === 1 ? dim : 1));
  if (!ctx.training) {
    const range = { hi: RUNNING_BOUND, quantum: 2 ** RUNNING_GRID };
    const mean = ctx.running(`${name}.mean`, [shape[1]!], ZERO, { ...range, lo: -RUNNING_BOUND });
    const variance = ctx.running(`${name}.variance`, [shape[1]!], ONE, { ...range, lo: 0 });
    const inverse = inverseRoot(ctx, reshaped(ctx, variance, shape), epsilon);
    return mul(ctx, sub(ctx, x!, reshaped(ctx, mean, shape)), inverse);
  }
  const { mean, difference, variance } = momentsOf(ctx, x!);
  const count = elements(x!.shape) / shape[1]!;
  // What is kept estimates the variance of all images, not that of this batch around its own mean.
  const unbiased = count > 1 ? mul(ctx, variance, ctx.builder.scalar(count / (count - 1))) : variance;
  follow(ctx, `${name}.mean`, mean, momentum, ZERO, -RUNNING_BOUND);
  follow(ctx, `${name}.variance`, unbiased, momentum, ONE, 0);
  return mul(ctx, difference, inverseRoot(ctx, variance, epsilon));
}

function epsilonOf(tensor: Tensor): number {
  return tensor.attributes['epsilon'] as number;
}

function inverseRms(ctx: LoweringContext, x: Value, epsilon: number): Value {
  return inverseRoot(ctx, lastMean(ctx, mul(ctx, x, x)), epsilon);
}

export const NORMALIZATIONS: Readonly<Record<string, Lowering>> = {
  channel_mean: (ctx, [x]) => channelMean(ctx, x!),
  batch_normalize: batchNormalize,
  channel_inverse_deviation: (ctx, [x], tensor) =>
    inverseRoot(ctx, momentsOf(ctx, x!).variance, epsilonOf(tensor)),
  rms_normalize: (ctx, [x], tensor) => mul(ctx, x!, inverseRms(ctx, x!, epsilonOf(tensor))),
  inverse_rms: (ctx, [x], tensor) => inverseRms(ctx, x!, epsilonOf(tensor)),
};
