/** A computer that runs single stretches of a job from any state: what a player of a dispute needs of it. */
import type { State, TensorValue } from '@gensyn/ir';
import { installFastHash } from './commit/hash.js';
import type { Device } from './device/device.js';
import { stretchesOf } from './executor/stretches.js';
import { openStepValues, type StepValues } from './inspect-step.js';
import type { Job } from './job/job.js';
import { checkStateRange } from './job/load-job.js';

/**
 * `step` is the number of steps done before: step number `step` leads from the state at `step` to that at `step + 1`. Steps are counted
 * from the start of the training, through all tasks that continue each other. A machine keeps no state between calls but what
 * makes it fast.
 */
export interface Machine {
  /** For people: where it runs. */
  readonly device: string;
  /** The state after steps `from` .. `to - 1`. Errors: R0301 to R0303, R0401 to R0403, R0502. */
  advance(state: State, from: number, to: number, progress?: (step: number) => void): Promise<State>;
  /** Value of every node of step number `step`, in node order, given the state before it. Errors: R0303, R0502. */
  values(state: State, step: number): Promise<readonly TensorValue[]>;
  close(): Promise<void>;
}

/** Opens nothing yet: sessions are made when they are first needed, and kept until `close` (but those of large states). */
export function makeMachine(job: Job, device: Device): Machine {
  const stretches = stretchesOf(job, device);
  let all: Promise<StepValues> | undefined;
  return {
    device: device.name,
    async advance(state, from, to, progress) {
      await installFastHash();
      checkStateRange(job.step, state, `the state before step ${from}`);
      // An executor may write over the state that it starts from.
      const own = copied(state);
      if (from >= to) return own;
      return (await stretches.run(own, from, to, progress)).state;
    },
    async values(state, step) {
      await installFastHash();
      all ??= openStepValues(device, job);
      return (await all).at(state, step);
    },
    async close() {
      const opened = all;
      all = undefined;
      await stretches.close();
      await (await opened)?.close();
    },
  };
}

function copied(state: State): State {
  return new Map([...state].map(([name, value]) => [name, { ...value, data: value.data.slice() }]));
}
