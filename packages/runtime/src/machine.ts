/** A computer that runs single stretches of a job from any state: what a player of a dispute needs of it. */
import type { State, TensorValue } from '@gensyn/ir';

/**
 * `step` is the number of steps done before: step number `step` leads from the state at `step` to that at `step + 1`. Steps go on counting
 * through tasks that continue each other, so they may pass the steps of one task. A machine keeps no state between calls but what
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
