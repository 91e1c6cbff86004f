/** Every value of one step, by the operators' definitions: the referee's view of what a device should have computed. */
import { GensynError, evaluate, type State, type TensorValue } from '@gensyn/ir';
import { sourceInputs, cellsFor } from './data/sources.js';
import type { Job } from './job/job.js';

/** The inputs of a step: state and sources, by name. Errors: R0601, R0108, R0104. */
export function stepInputs(job: Job, state: State, step: number): Record<string, TensorValue> {
  if (!Number.isInteger(step) || step < 0 || step >= job.manifest.steps) {
    throw new GensynError('R0601', `there is no step ${step}: the job has ${job.manifest.steps}, counted from 0`);
  }
  const inputs: Record<string, TensorValue> = Object.fromEntries(state);
  for (const source of sourceInputs(job.step, job.manifest, job.columns)) {
    const data = cellsFor(source, 1);
    source.fill(step, data, 0);
    inputs[source.name] = { ...source.type, data };
  }
  return inputs;
}

/** Value of every node of the step graph, in node order. Slow: meant for one step, not for training. Errors: R0601, R0108, R0104. */
export function inspectStep(job: Job, state: State, step: number): TensorValue[] {
  return evaluate(job.step, stepInputs(job, state, step));
}
