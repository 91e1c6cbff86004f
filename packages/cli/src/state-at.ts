/** The state before a step: the nearest stored one, and the steps from there run again. */
import { GensynError, type State } from '@gensyn/ir';
import type { Job } from '@gensyn/runtime';
import { storedState } from './trained-state.js';

/** Errors: R0601 for a step that the job does not have, those of reading checkpoints and of running. */
export async function stateAt(job: Job, folder: string, step: number): Promise<State> {
  const { manifest } = job;
  if (step >= manifest.steps)
    throw new GensynError('R0601', `there is no step ${step}: the job has ${manifest.steps}, counted from 0`);
  const from = await storedState(folder, job, step);
  if (from.step === step) return from.state;
  const { createExecutor, openDevice } = await import('@gensyn/runtime');
  const executor = await createExecutor(
    job.step,
    manifest,
    job.columns,
    await openDevice('cpu'),
    from.state,
    from.step,
  );
  try {
    while (executor.step < step) await executor.run(Math.min(executor.chunkLimit, step - executor.step));
    // The executor's buffers end with it.
    return new Map(
      [...(await executor.state())].map(([name, value]) => [name, { ...value, data: value.data.slice() }]),
    );
  } finally {
    await executor.close();
  }
}
