/** Replays segments of somebody's run from its stored checkpoints: what a verifier needs of a machine. */
import { initialState, rootsOf, type CheckpointRecord } from '@gensyn/ir';
import { readCheckpoint } from './checkpoint/checkpoint.js';
import { installFastHash } from './commit/hash.js';
import type { Device } from './device/device.js';
import { stretchesOf } from './executor/stretches.js';
import { checkStateRange } from './job/load-job.js';
import type { Job } from './job/job.js';

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
  const stretches = stretchesOf(job, device);
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
      const { state: reached, loss, milliseconds } = await stretches.run(state, from.step, to, progress);
      return { stateRoot: rootsOf(reached).root, ...(loss === undefined ? {} : { loss }), milliseconds };
    },
    close: () => stretches.close(),
  };
}
