/** Runs the merge of a job's replicas: the states that they reached in, the one that all go on from out. */
import { gatheredState, shardState, type State } from '@gensyn/ir';
import type { Device } from '../device/device.js';
import { createExecutor } from '../executor/create-executor.js';
import type { Executor } from '../executor/executor.js';
import { checkStateRange } from '../job/load-job.js';
import type { Job } from '../job/job.js';

export interface Merger {
  /** The state of every replica after the merge at counter `step`. Errors: G0024, R0303, R0403, R0502. */
  merge(states: readonly State[], step: number): Promise<State>;
  close(): Promise<void>;
}

/** Opens the session when it is first needed. */
export function openMerger(job: Job, device: Device): Merger {
  let opened: Executor | undefined;

  async function close(): Promise<void> {
    const kept = opened;
    opened = undefined;
    await kept?.close();
  }

  return {
    async merge(states, step) {
      const start = gatheredState(states);
      checkStateRange(job.step, start, `the states before the merge at step ${step}`);
      try {
        if (opened) opened.restart(start, step);
        else opened = await createExecutor(job.step, job.manifest, job.columns, device, start, step);
        await opened.run(1);
        const merged = shardState(await opened.state(), 0);
        return new Map([...merged].map(([name, value]) => [name, { ...value, data: value.data.slice() }]));
      } catch (error) {
        // What a failed session holds is unknown.
        await close();
        throw error;
      }
    },
    close,
  };
}
