/** What update rules share: per-step tables, decay, running averages of gradients. */
import { type Range, type Value, magnitude, range } from '@gensyn/ir';
import type { RecordValue } from '../library/function.js';
import { add, atLeast, atMost, mul, onGrid } from './arithmetic.js';
import { onRateGrid, power, ratesOf } from './schedule.js';
import type { StepContext } from './step-context.js';

/** Moments lie on these grids; a gradient below 2^-40 (1e-12) does not move them. */
export const GRADIENT_GRID = -40;
export const MOMENT_GRID = -56;
export const SQUARE_GRID = -80;
/** Gradients beyond this are cut off before they enter a second moment. */
export const GRADIENT_LIMIT = 2 ** 30;

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
export function table(ctx: StepContext, name: string, values: () => Float32Array): Value {
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

export function rates(ctx: StepContext, fields: RecordValue['fields']): Float64Array {
  return ratesOf(fields['lr'] as number | RecordValue, ctx.steps);
}

export function rate(ctx: StepContext, fields: RecordValue['fields']): Value {
  return table(ctx, 'rate', () => onRateGrid(rates(ctx, fields)));
}

export function number(fields: RecordValue['fields'], name: string): number {
  return fields[name] as number;
}

/** w (1 - lr decay), or w itself without decay. */
export function decayed(ctx: StepContext, weight: Value, fields: RecordValue['fields']): Value {
  const decay = number(fields, 'weight_decay');
  if (decay === 0) return weight;
  return mul(
    ctx,
    weight,
    table(ctx, 'decay', () => Float32Array.from(rates(ctx, fields), (lr) => 1 - lr * decay)),
  );
}

/** A running average: decay * average + (1 - decay) * x, kept on a grid; its range is its own invariant. */
export function average(
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
export function velocity(ctx: StepContext, name: string, g: Value, momentum: number): Value {
  const bound = 2 ** 40;
  const before = ctx.extraState(name, g.shape, range({ lo: -bound, hi: bound, quantum: 2 ** MOMENT_GRID }));
  const sum = onGrid(ctx, add(ctx, mul(ctx, before, ctx.builder.scalar(momentum)), g), MOMENT_GRID);
  const after = atLeast(ctx, atMost(ctx, sum, bound), -bound);
  ctx.store(name, after);
  return after;
}

/** The gradient on its grid, cut off where a second moment could not hold it. */
export function cutGradient(ctx: StepContext, g: Value): Value {
  return atLeast(ctx, atMost(ctx, onGrid(ctx, g, GRADIENT_GRID), GRADIENT_LIMIT), -GRADIENT_LIMIT);
}

/** sqrt(1 - beta2^t) of the step, the correction of the root of a second moment that starts at zero; times `factor`. */
export function correctionTable(ctx: StepContext, name: string, beta2: number, factor: number): Value {
  const values = (): Float32Array =>
    Float32Array.from({ length: ctx.steps }, (_, t) => factor * Math.sqrt(1 - power(beta2, t + 1)));
  return table(ctx, name, values);
}
