/** Replays segments of somebody's run from its stored checkpoints: what a verifier needs of a machine. */
import { initialState, rootsOf, type CheckpointRecord } from '@gensyn/ir';
import { readCheckpoint } from './checkpoint/checkpoint.js';
import { installFastHash } from './commit/hash.js';
import type { Device } from './device/device.js';
import { createExecutor } from './executor/create-executor.js';
import { pacer } from './executor/pacer.js';
import { checkStateRange } from './job/load-job.js';
import type { Job } from './job/job.js';
import { checkHealth } from './check-health.js';

/** Structurally the verifier's `Replayer`. */
export interface RunReplayer {
  readonly device: string;
  /** Root of the state before the first step, recomputed from the job alone, hex. */
  initialRoot(): Promise<string>;
  /**
   * Runs from the stored state of record `from` to step `to`; the root reached, the loss of the last step if the job has one, and the time it took.
   * Errors: R0201 and R0202 when the stored checkpoint is not what the record says, R0403 when it is no state of this job, R0401, R0402.
   */
  replay(
    from: CheckpointRecord,
    to: number,
    progress?: (step: number) => void,
  ): Promise<{ stateRoot: string; loss?: number; milliseconds: number }>;
  close(): Promise<void>;
}

/** @param runFolder with the checkpoints; only read */
export function makeReplayer(job: Job, runFolder: string, device: Device): RunReplayer {
  const { manifest } = job;
  return {
    device: device.name,
    async initialRoot() {
      await installFastHash();
      return rootsOf(initialState(manifest, job.given)).root;
    },
    async replay(from, to, progress) {
      await installFastHash();
      const state = readCheckpoint(runFolder, manifest, from, job.given);
      checkStateRange(job.step, state, `the checkpoint of step ${from.step}`);
      const executor = await createExecutor(job.step, manifest, job.columns, device, state, from.step);
      try {
        const began = performance.now();
        const pace = pacer(executor.chunkLimit);
        let loss: number | undefined;
        while (executor.step < to) {
          const start = performance.now();
          const chunk = await executor.run(Math.min(pace.next(), to - executor.step));
          pace.took(chunk.count, performance.now() - start);
          checkHealth(chunk, manifest);
          loss = chunk.loss[chunk.count - 1];
          progress?.(executor.step);
        }
        const reached = await executor.state();
        const milliseconds = performance.now() - began;
        return { stateRoot: rootsOf(reached).root, ...(loss === undefined ? {} : { loss }), milliseconds };
      } finally {
        await executor.close();
      }
    },
    close: () => Promise.resolve(),
  };
}
