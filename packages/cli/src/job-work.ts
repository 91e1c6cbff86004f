/** What a job comes to: rows, training steps and operations, of all replicas together where it is trained in shards. */
import type { Manifest } from '@gensyn/ir';
import { count, counted } from './words.js';

type Plan = Pick<Manifest, 'steps' | 'batch' | 'shards'>;

/** Rows that are learned from in a training step, by all replicas. */
export function rowsPerStep({ batch, shards }: Pick<Plan, 'batch' | 'shards'>): number {
  return batch * (shards?.count ?? 1);
}

/** Training steps among the first `step` counted ones: merges are counted too, and train nothing. */
export function trainingSteps(manifest: Pick<Plan, 'shards'>, step: number): number {
  return step - mergesIn(manifest, step);
}

function mergesIn({ shards }: Pick<Plan, 'shards'>, step: number): number {
  return shards ? Math.floor(step / (shards.sync + 1)) : 0;
}

/**
 * Scalar operations from the first step to the last.
 * @param merge the job of the merge, where there is one
 */
export function workOfJob(
  manifest: Plan & Pick<Manifest, 'size'>,
  merge: Pick<Manifest, 'size'> | undefined,
): number {
  const { steps, shards, size } = manifest;
  const replicas = (shards?.count ?? 1) * trainingSteps(manifest, steps) * size.workPerStep;
  return replicas + mergesIn(manifest, steps) * (merge?.size.workPerStep ?? 0);
}

/** `400 steps of 32 rows`, `400 steps of 4 x 32 rows and 20 merges`; of the first `done` steps where not all are meant. */
export function stepsOfRows(manifest: Plan, done = manifest.steps): string {
  const { batch, shards } = manifest;
  const steps = counted(trainingSteps(manifest, done), 'step');
  if (!shards) return `${steps} of ${counted(batch, 'row')}`;
  return `${steps} of ${count(shards.count)} x ${counted(batch, 'row')} and ${counted(mergesIn(manifest, done), 'merge')}`;
}
