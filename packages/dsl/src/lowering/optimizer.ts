/** Update rules of the optimisers, one row each, over canonical arithmetic. */
import { type Range, type Value, magnitude, range } from '@gensyn/ir';
import type { RecordValue } from '../library/function.js';
import { add, atLeast, atMost, div, mask, mul, onGrid, sub } from './arithmetic.js';
import { reshaped } from './context.js';
import { orthogonalized } from './muon.js';
import { scaled } from './product.js';
import type { StepContext } from './step-context.js';
import { onRateGrid, power, ratesOf } from './schedule.js';

/** Moments lie on these grids; a gradient below 2^-40 (1e-12) does not move them. */
const GRADIENT_GRID = -40;
const MOMENT_GRID = -56;
const SQUARE_GRID = -80;
/** Gradients beyond this are cut off before they enter a second moment. */
const GRADIENT_LIMIT = 2 ** 30;

/** One weight about to be updated. `grid` is the exponent of the grid that its state lies on. */
export interface Update {
  readonly name: string;
  readonly weight: Value;
  readonly gradient: Value;
}

/** Returns the next weight; further state is declared and stored through the context. */
export type Rule = (ctx: StepContext, update: Update, fields: RecordValue['fields']) => Value;

/** The tables of a step by name; all weights of a job have one optimiser, and a table has an entry for every step. */
const tables = new WeakMap<StepContext, Map<string, Value>>();

/** Value of a per-step table at the current step, a scalar. */
function table(ctx: StepContext, name: string, values: () => Float32Array): Value {
  const known = tables.get(ctx) ?? new Map<string, Value>();
  tables.set(ctx, known);
  const value = known.get(name) ?? entryOf(ctx, values());
  known.set(name, value);
  return value;
}

function entryOf({ builder, step }: StepContext, values: Float32Array): Value {
  if (values.every((v) => v === values[0])) return builder.scalar(values[0]!);
  return builder.add('Gather', [builder.constant(values, [values.length]), step]);
}

function rates(ctx: StepContext, fields: RecordValue['fields']): Float64Array {
  return ratesOf(fields['lr'] as number | RecordValue, ctx.steps);
}

function rate(ctx: StepContext, fields: RecordValue['fields']): Value {
  return table(ctx, 'rate', () => onRateGrid(rates(ctx, fields)));
}

function number(fields: RecordValue['fields'], name: string): number {
  return fields[name] as number;
}

/** w (1 - lr decay), or w itself without decay. */
function decayed(ctx: StepContext, weight: Value, fields: RecordValue['fields']): Value {
  const decay = number(fields, 'weight_decay');
  if (decay === 0) return weight;
  return mul(
    ctx,
    weight,
    table(ctx, 'decay', () => Float32Array.from(rates(ctx, fields), (lr) => 1 - lr * decay)),
  );
}

/** A running average: decay * average + (1 - decay) * x, kept on a grid; its range is its own invariant. */
function average(
  ctx: StepContext,
  name: string,
  like: Value,
  x: Value,
  decay: number,
  grid: number,
  from: 'zero' | 'both',
): Value {
  const bound = Math.fround(magnitude(x.range) * (1 + 2 ** -10));
  const declared: Range = range({ lo: from === 'zero' ? 0 : -bound, hi: bound, quantum: 2 ** grid });
  const before = ctx.extraState(name, like.shape, declared);
  const sum = add(
    ctx,
    mul(ctx, before, ctx.builder.scalar(decay)),
    mul(ctx, x, ctx.builder.scalar(1 - Math.fround(decay))),
  );
  const next = atMost(ctx, onGrid(ctx, sum, grid), bound);
  const after = atLeast(ctx, next, from === 'zero' ? 0 : -bound);
  ctx.store(name, after);
  return after;
}

/** m = momentum m + g, as PyTorch has it (no factor on g). */
function velocity(ctx: StepContext, name: string, g: Value, momentum: number): Value {
  const bound = 2 ** 40;
  const before = ctx.extraState(name, g.shape, range({ lo: -bound, hi: bound, quantum: 2 ** MOMENT_GRID }));
  const sum = onGrid(ctx, add(ctx, mul(ctx, before, ctx.builder.scalar(momentum)), g), MOMENT_GRID);
  const after = atLeast(ctx, atMost(ctx, sum, bound), -bound);
  ctx.store(name, after);
  return after;
}

function withDecay(ctx: StepContext, { weight, gradient }: Update, fields: RecordValue['fields']): Value {
  const decay = number(fields, 'weight_decay');
  return decay === 0 ? gradient : add(ctx, gradient, mul(ctx, weight, ctx.builder.scalar(decay)));
}

function adamStep(
  ctx: StepContext,
  { name, weight }: Update,
  g: Value,
  fields: RecordValue['fields'],
): Value {
  // As the averages see them: 1 - beta2 is small, and the correction must be that of the beta in f32.
  const [beta1, beta2] = [Math.fround(number(fields, 'beta1')), Math.fround(number(fields, 'beta2'))];
  const epsilon = number(fields, 'epsilon');
  const grid = onGrid(ctx, g, GRADIENT_GRID);
  const cut = atLeast(ctx, atMost(ctx, grid, GRADIENT_LIMIT), -GRADIENT_LIMIT);
  const m = average(ctx, `${name}.m`, weight, cut, beta1, MOMENT_GRID, 'both');
  const v = average(ctx, `${name}.v`, weight, mul(ctx, cut, cut), beta2, SQUARE_GRID, 'zero');
  // Bias correction folded into two tables: lr m/(1-b1^t) / (sqrt(v/(1-b2^t)) + e) = size m / (sqrt(v) + floor).
  const correction = (t: number): number => Math.sqrt(1 - power(beta2, t + 1));
  const floor = (): Float32Array =>
    Float32Array.from({ length: ctx.steps }, (_, t) => epsilon * correction(t));
  const size = (): Float32Array =>
    onRateGrid(rates(ctx, fields).map((lr, t) => (lr * correction(t)) / (1 - power(beta1, t + 1))));
  const root = add(ctx, ctx.builder.add('Sqrt', [v]), table(ctx, 'adam floor', floor));
  return div(ctx, mul(ctx, m, table(ctx, 'adam size', size)), root);
}

export const OPTIMIZERS: Readonly<Record<string, Rule>> = {
  sgd(ctx, update, fields) {
    const momentum = number(fields, 'momentum');
    let g = withDecay(ctx, update, fields);
    if (momentum > 0) {
      const m = velocity(ctx, `${update.name}.momentum`, g, momentum);
      g = fields['nesterov'] ? add(ctx, g, mul(ctx, m, ctx.builder.scalar(momentum))) : m;
    }
    const lr = rate(ctx, fields);
    return sub(ctx, update.weight, scaled(ctx, g, lr) ?? mul(ctx, g, lr));
  },
  adam: (ctx, update, fields) =>
    sub(ctx, update.weight, adamStep(ctx, update, withDecay(ctx, update, fields), fields)),
  adamw: (ctx, update, fields) =>
    sub(ctx, decayed(ctx, update.weight, fields), adamStep(ctx, update, update.gradient, fields)),
  muon(ctx, update, fields) {
    const { name, weight, gradient } = update;
    const [rows, ...rest] = weight.shape;
    const columns = rest.reduce((a, b) => a * b, 1);
    // A vector has nothing to be orthogonal to.
    if (rest.length === 0 || rows === 1 || columns === 1)
      return sub(ctx, decayed(ctx, weight, fields), adamStep(ctx, update, gradient, fields));
    const momentum = number(fields, 'momentum');
    const cut = atLeast(
      ctx,
      atMost(ctx, onGrid(ctx, gradient, GRADIENT_GRID), GRADIENT_LIMIT),
      -GRADIENT_LIMIT,
    );
    const m = velocity(ctx, `${name}.momentum`, cut, momentum);
    const ahead = add(ctx, cut, mul(ctx, m, ctx.builder.scalar(momentum)));
    const matrix = orthogonalized(ctx, reshaped(ctx, ahead, [rows!, columns]));
    // The elements of an update are then as large as those of Adam, so the same rates fit both (Liu et al. 2025).
    const size = mul(ctx, rate(ctx, fields), ctx.builder.scalar(0.2 * Math.sqrt(Math.max(rows!, columns))));
    return sub(ctx, decayed(ctx, weight, fields), mul(ctx, reshaped(ctx, matrix, weight.shape), size));
  },
  lion(ctx, update, fields) {
    const { builder } = ctx;
    const [beta1, beta2] = [number(fields, 'beta1'), number(fields, 'beta2')];
    const g = atLeast(
      ctx,
      atMost(ctx, onGrid(ctx, update.gradient, GRADIENT_GRID), GRADIENT_LIMIT),
      -GRADIENT_LIMIT,
    );
    const before = ctx.extraState(
      `${update.name}.m`,
      g.shape,
      range({ lo: -GRADIENT_LIMIT * 2, hi: GRADIENT_LIMIT * 2, quantum: 2 ** MOMENT_GRID }),
    );
    const blend = add(
      ctx,
      mul(ctx, before, builder.scalar(beta1)),
      mul(ctx, g, builder.scalar(1 - Math.fround(beta1))),
    );
    const sum = add(
      ctx,
      mul(ctx, before, builder.scalar(beta2)),
      mul(ctx, g, builder.scalar(1 - Math.fround(beta2))),
    );
    ctx.store(
      `${update.name}.m`,
      atLeast(ctx, atMost(ctx, onGrid(ctx, sum, MOMENT_GRID), GRADIENT_LIMIT * 2), -GRADIENT_LIMIT * 2),
    );
    const zero = builder.scalar(0);
    const sign = builder.add('Sub', [
      mask(ctx, builder.add('Less', [zero, blend])),
      mask(ctx, builder.add('Less', [blend, zero])),
    ]);
    return sub(ctx, decayed(ctx, update.weight, fields), mul(ctx, sign, rate(ctx, fields)));
  },
};
