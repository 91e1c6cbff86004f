/** Update rules of the optimisers, one row each, over canonical arithmetic. */
import { range, type Value } from '@gensyn/ir';
import type { RecordValue } from '../library/function.js';
import { adafactor } from './adafactor.js';
import { add, atLeast, atMost, div, mask, mul, onGrid, sub } from './arithmetic.js';
import { reshaped } from './context.js';
import {
  average,
  correctionTable,
  cutGradient,
  decayed,
  GRADIENT_LIMIT,
  MOMENT_GRID,
  number,
  rate,
  rates,
  SQUARE_GRID,
  table,
  velocity,
  type Rule,
  type Update,
} from './moments.js';
import { orthogonalized } from './muon.js';
import { scaled } from './product.js';
import { onRateGrid, power } from './schedule.js';
import type { StepContext } from './step-context.js';

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
  const cut = cutGradient(ctx, g);
  const m = average(ctx, `${name}.m`, weight, cut, beta1, MOMENT_GRID, 'both');
  const v = average(ctx, `${name}.v`, weight, mul(ctx, cut, cut), beta2, SQUARE_GRID, 'zero');
  // Bias correction folded into two tables: lr m/(1-b1^t) / (sqrt(v/(1-b2^t)) + e) = size m / (sqrt(v) + floor).
  const correction = (t: number): number => Math.sqrt(1 - power(beta2, t + 1));
  const size = (): Float32Array =>
    onRateGrid(rates(ctx, fields).map((lr, t) => (lr * correction(t)) / (1 - power(beta1, t + 1))));
  const root = add(ctx, ctx.builder.add('Sqrt', [v]), correctionTable(ctx, 'adam floor', beta2, epsilon));
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
    const cut = cutGradient(ctx, gradient);
    const m = velocity(ctx, `${name}.momentum`, cut, momentum);
    const ahead = add(ctx, cut, mul(ctx, m, ctx.builder.scalar(momentum)));
    const matrix = orthogonalized(ctx, reshaped(ctx, ahead, [rows!, columns]));
    // The elements of an update are then as large as those of Adam, so the same rates fit both (Liu et al. 2025).
    const size = mul(ctx, rate(ctx, fields), ctx.builder.scalar(0.2 * Math.sqrt(Math.max(rows!, columns))));
    return sub(ctx, decayed(ctx, weight, fields), mul(ctx, reshaped(ctx, matrix, weight.shape), size));
  },
  adafactor,
  lion(ctx, update, fields) {
    const { builder } = ctx;
    const [beta1, beta2] = [number(fields, 'beta1'), number(fields, 'beta2')];
    const g = cutGradient(ctx, update.gradient);
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
