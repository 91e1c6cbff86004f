/** Exponential moving averages of the weights: what a job that asks for them is evaluated and exported with. */
import { range, type StateInit, type Value } from '@gensyn/ir';
import { add, atLeast, atMost, mul, onGrid } from './arithmetic.js';
import { HEALTH_BOUND, WEIGHT_GRID, type StepContext } from './step-context.js';

export function averageName(weight: string): string {
  return `${weight}.average`;
}

/** average = decay average + (1 - decay) weight after each step, from the weight's own start. */
export function followWeight(ctx: StepContext, name: string, init: StateInit, decay: number): void {
  const weight = ctx.states.get(name)!;
  const after = weight.next ?? weight.value;
  const before = averageOf(ctx, name, weight.value.shape, init);
  const sum = add(
    ctx,
    mul(ctx, before, ctx.builder.scalar(decay)),
    mul(ctx, after, ctx.builder.scalar(1 - Math.fround(decay))),
  );
  const inside = atLeast(ctx, atMost(ctx, onGrid(ctx, sum, WEIGHT_GRID), HEALTH_BOUND), -HEALTH_BOUND);
  ctx.store(averageName(name), inside);
}

/** The state tensor that holds the average of a weight. */
export function averageOf(ctx: StepContext, name: string, shape: readonly number[], init: StateInit): Value {
  const { lo, hi, quantum } = range({ lo: -HEALTH_BOUND, hi: HEALTH_BOUND, quantum: 2 ** WEIGHT_GRID });
  return ctx.running(averageName(name), shape, init, { lo, hi, quantum });
}
