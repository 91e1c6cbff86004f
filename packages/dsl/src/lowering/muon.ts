/** The orthogonal factor of a matrix by Newton-Schulz iterations, for Muon (Jordan et al. 2024). */
import type { Value } from '@gensyn/ir';
import { add, atLeast, div, isFloat, mul, total } from './arithmetic.js';
import { reshaped, transposed, type Numerics } from './context.js';
import { product } from './product.js';

/** x to a x + b x^3 + c x^5 for every singular value: five turns bring those above about 2^-9 close to 1. */
const [A, B, C] = [3.4445, -4.775, 2.0315];
const TURNS = 5;

function times(ctx: Numerics, a: Value, b: Value, transpose = false): Value {
  if (!isFloat(ctx)) return product(ctx, { value: a }, { value: b, transpose });
  return ctx.builder.add('Dot', [a, transpose ? transposed(ctx, b) : b]);
}

function scaledBy(ctx: Numerics, x: Value, factor: number): Value {
  return mul(ctx, x, ctx.builder.scalar(factor));
}

/** x / |x|, the norm being that of Frobenius: singular values are then at most 1. */
function ofNormOne(ctx: Numerics, x: Value): Value {
  const flat = reshaped(ctx, x, [x.shape.reduce((a, b) => a * b, 1)]);
  const squares = atLeast(ctx, total(ctx, mul(ctx, flat, flat), 0, false), 0);
  const norm = add(ctx, ctx.builder.add('Sqrt', [squares]), ctx.builder.scalar(2 ** -40));
  return div(ctx, x, norm);
}

/** About U V' where g = U S V', for a matrix [m, n]. */
export function orthogonalized(ctx: Numerics, g: Value): Value {
  const tall = g.shape[0]! > g.shape[1]!;
  let x = ofNormOne(ctx, tall ? transposed(ctx, g) : g);
  for (let turn = 0; turn < TURNS; turn++) {
    const square = times(ctx, x, x, true);
    const fourth = times(ctx, square, square);
    const factor = add(ctx, scaledBy(ctx, square, B), scaledBy(ctx, fourth, C));
    x = add(ctx, scaledBy(ctx, x, A), times(ctx, factor, x));
  }
  return tall ? transposed(ctx, x) : x;
}
