/** Adafactor (Shazeer and Stern 2018): the second moments of a matrix from the means of its rows and columns. */
import type { Value } from '@gensyn/ir';
import type { RecordValue } from '../library/function.js';
import { add, atLeast, div, mul, sub, total } from './arithmetic.js';
import { reshaped } from './context.js';
import {
  average,
  correctionTable,
  cutGradient,
  decayed,
  number,
  rate,
  SQUARE_GRID,
  type Update,
} from './moments.js';
import type { StepContext } from './step-context.js';

/** Means of rows below this (gradients of 1e-12) are no information. */
const SMALLEST_MEAN = 2 ** SQUARE_GRID;

/** Along an axis that stays, with length 1; in the order of a tree, so that small values keep their bits beside large ones. */
function mean(ctx: StepContext, x: Value, axis: number): Value {
  const n = x.shape[axis]!;
  const sum = total(ctx, x, axis, true, 'tree');
  return n === 1 ? sum : mul(ctx, sum, ctx.builder.scalar(1 / n));
}

const root = (ctx: StepContext, x: Value): Value => ctx.builder.add('Sqrt', [atLeast(ctx, x, 0)]);

/** sqrt of the running second moment of each element of g, [m, n], as far as rows R and columns C tell it: R C / mean(R). */
function factoredRoot(ctx: StepContext, name: string, g: Value, beta2: number): Value {
  const squares = mul(ctx, g, g);
  const [byRow, byColumn] = [mean(ctx, squares, 1), mean(ctx, squares, 0)];
  const rows = average(ctx, `${name}.rows`, byRow, byRow, beta2, SQUARE_GRID, 'zero');
  const columns = average(ctx, `${name}.columns`, byColumn, byColumn, beta2, SQUARE_GRID, 'zero');
  const all = add(ctx, mean(ctx, rows, 0), ctx.builder.scalar(SMALLEST_MEAN));
  // Roots are taken first: a quotient of the means themselves could underflow, and rows of small gradients would be lost.
  const share = div(ctx, root(ctx, rows), root(ctx, all));
  return mul(ctx, share, root(ctx, columns));
}

/** The full second moment of a vector. */
function plainRoot(ctx: StepContext, name: string, g: Value, beta2: number): Value {
  return root(ctx, average(ctx, `${name}.v`, g, mul(ctx, g, g), beta2, SQUARE_GRID, 'zero'));
}

/**
 * u = g / (sqrt(v / (1 - beta2^t)) + epsilon), w -= lr u / max(1, rms(u) / clip). Tensors of more axes are matrices of their first axis
 * by all others.
 */
export function adafactor(
  ctx: StepContext,
  { name, weight, gradient }: Update,
  fields: RecordValue['fields'],
): Value {
  const beta2 = Math.fround(number(fields, 'beta2'));
  const size = weight.shape.reduce((a, b) => a * b, 1);
  const rows = weight.shape[0] ?? 1;
  const factored = weight.shape.length > 1 && rows > 1 && size > rows;
  const g = reshaped(ctx, cutGradient(ctx, gradient), factored ? [rows, size / rows] : [size]);
  const moment = (factored ? factoredRoot : plainRoot)(ctx, name, g, beta2);
  // Bias correction as in Adam: of v by a factor on g and on epsilon.
  const epsilon = correctionTable(ctx, 'adafactor floor', beta2, number(fields, 'epsilon'));
  const u = div(
    ctx,
    mul(ctx, g, correctionTable(ctx, 'adafactor correction', beta2, 1)),
    add(ctx, moment, epsilon),
  );
  const flat = reshaped(ctx, u, [size]);
  const rms = root(ctx, mean(ctx, mul(ctx, flat, flat), 0));
  const { builder } = ctx;
  const excess = builder.add('Max', [
    mul(ctx, rms, builder.scalar(1 / number(fields, 'clip'))),
    builder.scalar(1),
  ]);
  const step = mul(ctx, u, div(ctx, rate(ctx, fields), excess));
  return sub(ctx, decayed(ctx, weight, fields), reshaped(ctx, step, weight.shape));
}
