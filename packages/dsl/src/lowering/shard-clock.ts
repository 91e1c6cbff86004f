/** Time in a job of several replicas: merges are counted as steps, and schedules and optimisers must not notice them. */
import type { Program } from '../semantics/program.js';
import type { StepContext } from './step-context.js';

/** Steps by the state's counter: those of a replica, and one for each merge. */
export function countedSteps({ steps, shards }: Pick<Program, 'steps' | 'shards'>): number {
  return shards ? steps + steps / shards.sync : steps;
}

/**
 * The clock of update rules: training steps done before. Of every `sync` + 1 counted steps the last is a merge, which no training
 * step stands at; the table holds there what came before.
 */
export function shardClock(ctx: StepContext, sync: number): StepContext {
  const { builder } = ctx;
  const table = Int32Array.from(
    { length: ctx.steps },
    (_, t) => Math.floor(t / (sync + 1)) * sync + Math.min(t % (sync + 1), sync - 1),
  );
  return {
    ...ctx,
    steps: (ctx.steps / (sync + 1)) * sync,
    step: builder.add('Gather', [builder.constant(table, [table.length]), ctx.step]),
  };
}
