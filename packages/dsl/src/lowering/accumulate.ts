/** Gradient accumulation: several batches add to the gradient before one update is made of it. */
import { range, type Value } from '@gensyn/ir';
import { add, atLeast, atMost, isFloat, mul, onGrid } from './arithmetic.js';
import type { StepContext } from './step-context.js';

const BOUND = 2 ** 40;
const GRID = -56;

export interface Accumulation {
  /** What an update rule works with: its clock counts updates, and what it stores is kept back until one is due. */
  readonly ctx: StepContext;
  /** The mean gradient of the batches since the last update, this one included. */
  gradient(name: string, g: Value): Value;
}

/**
 * Every `batches`-th step updates; the others only add. Updates are computed in every step and taken when due, so that all
 * steps are the same graph.
 */
export function accumulation(ctx: StepContext, batches: number): Accumulation {
  const { builder } = ctx;
  const perStep = (value: (step: number) => number): Int32Array =>
    Int32Array.from({ length: ctx.steps }, (_, t) => value(t));
  const read = (table: Int32Array): Value =>
    builder.add('Gather', [builder.constant(table, [table.length]), ctx.step]);
  const due = builder.add('Equal', [
    read(perStep((t) => ((t + 1) % batches === 0 ? 1 : 0))),
    builder.constant(Int32Array.of(1), []),
  ]);
  const kept = builder.add('Cast', [builder.add('Not', [due])], { to: 'f32' });
  return {
    ctx: {
      ...ctx,
      steps: Math.ceil(ctx.steps / batches),
      step: read(perStep((t) => Math.floor(t / batches))),
      store: (name, next) => ctx.store(name, builder.add('Where', [due, next, ctx.state(name)])),
    },
    gradient(name, g) {
      const state = `${name}.gradient`;
      const before = ctx.extraState(state, g.shape, range({ lo: -BOUND, hi: BOUND, quantum: 2 ** GRID }));
      const sum = onGrid(
        ctx,
        add(ctx, before, onGrid(ctx, atLeast(ctx, atMost(ctx, g, BOUND), -BOUND), GRID)),
        GRID,
      );
      const inside = atLeast(ctx, atMost(ctx, sum, BOUND), -BOUND);
      // Times 1 or 0; + 0 where that could make a -0.
      const carried = builder.add('Mul', [inside, kept]);
      ctx.store(
        state,
        carried.range.negativeZero && !isFloat(ctx)
          ? builder.add('Add', [carried, builder.scalar(0)])
          : carried,
      );
      return mul(ctx, inside, builder.scalar(1 / batches));
    },
  };
}
