/** Float sums along an axis with a fixed order, or exact. */
import { type Value } from '@gensyn/ir';
import { reshaped, slicedAxis, type Numerics, type Precision } from './context.js';
import { digitsOf } from './digits.js';
import { product, productOfDigits } from './product.js';

/**
 * `tree`: every value keeps its 24 bits and halves of the axis are added, about 3 log2(n) nodes.
 * `digits`: the product with ones of x's digits (16 bits against the largest magnitude of the whole tensor with 2 of them), few nodes,
 * and free of extra passes where the digits are shared with a product.
 */
export type SumMethod = 'tree' | 'digits';

/** Rows of a batch are added by digits (the gradient of a bias), the last axis and short ones by a tree. */
function methodFor(x: Value, axis: number): SumMethod {
  return axis < x.shape.length - 1 && x.shape[axis]! > 16 ? 'digits' : 'tree';
}

/** Sum along one axis. Shape: the axis becomes 1 with keepdims, else goes. */
export function sumOver(
  ctx: Numerics,
  x: Value,
  axis: number,
  keepdims: boolean,
  method: SumMethod = methodFor(x, axis),
  precision: Precision = ctx.precision,
): Value {
  const sum = method === 'tree' ? halves(ctx, x, axis) : withOnes(ctx, x, axis, precision);
  return keepdims
    ? sum
    : reshaped(
        ctx,
        sum,
        x.shape.filter((_, d) => d !== axis),
      );
}

/** sumOver / n, with 1/n rounded to f32 once. */
export function meanOver(
  ctx: Numerics,
  x: Value,
  axis: number,
  keepdims: boolean,
  method: SumMethod = methodFor(x, axis),
  precision: Precision = ctx.precision,
): Value {
  const n = x.shape[axis]!;
  const sum = sumOver(ctx, x, axis, keepdims, method, precision);
  return n === 1 ? sum : ctx.builder.add('Mul', [sum, ctx.builder.scalar(1 / n)]);
}

/** [..., B, N] summed over B: [..., 1, N]. The gradient of a bias, on the digits that the product with the same gradient uses. */
export function columnSum(ctx: Numerics, x: Value, precision: Precision = ctx.precision): Value {
  return withOnes(ctx, x, x.shape.length - 2, precision);
}

/** Adds the back half of the axis onto the front half until one is left; an odd element waits for the end. */
function halves(ctx: Numerics, x: Value, axis: number): Value {
  const { builder } = ctx;
  let sum = x;
  const odd: Value[] = [];
  while (sum.shape[axis]! > 1) {
    const n = sum.shape[axis]!;
    const half = Math.floor(n / 2);
    if (n % 2 === 1) odd.push(slicedAxis(ctx, sum, axis, n - 1, n));
    sum = builder.add('Add', [
      slicedAxis(ctx, sum, axis, 0, half),
      slicedAxis(ctx, sum, axis, half, 2 * half),
    ]);
  }
  while (odd.length > 0) sum = builder.add('Add', [sum, odd.pop()!]);
  return sum;
}

function withOnes(ctx: Numerics, x: Value, axis: number, precision: Precision): Value {
  const { builder } = ctx;
  const rank = x.shape.length;
  const n = x.shape[axis]!;
  const ones = (shape: number[]): Value => builder.constant(new Float32Array(n).fill(1), shape);
  if (axis === rank - 1) {
    const matrix = rank >= 2 ? x : reshaped(ctx, x, [1, n]);
    const sum = product(ctx, { value: matrix }, { value: ones([n, 1]) }, precision);
    return reshaped(ctx, sum, [...x.shape.slice(0, -1), 1]);
  }
  // Everything after the axis is one row, everything before it the batch; the digits stay those of x.
  const tail = x.shape.slice(axis + 1).reduce((size, dim) => size * dim, 1);
  const head = x.shape.slice(0, axis);
  const digits = digitsOf(ctx, x, { precision });
  const rows = digits.parts.map((part) => reshaped(ctx, part, [...head, n, tail]));
  const unit = { parts: [ones([1, n])], unit: undefined, factor: undefined, exact: true };
  const sum = productOfDigits(ctx, unit, { ...digits, parts: rows }, precision);
  return reshaped(ctx, sum, [...head, 1, ...x.shape.slice(axis + 1)]);
}
