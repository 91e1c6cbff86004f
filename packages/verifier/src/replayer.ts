/** What the verifier needs of a machine that can run a job; the runtime provides it. */
import type { CheckpointRecord, Manifest } from '@gensyn/ir';

/** A run as its owner presents it: everything in it is a claim. */
export interface ClaimedRun {
  readonly manifest: Manifest;
  /** `jobRoot` that the proof names, hex. */
  readonly job: string;
  readonly records: readonly CheckpointRecord[];
  /** Root over the records that the owner claims, hex. */
  readonly proofRoot: string;
}

/** Where a replay ended. */
export interface Replayed {
  /** Root of the state reached, hex. */
  readonly stateRoot: string;
  /** Training loss of the last step, a binary32; none of a job that predicts. */
  readonly loss?: number;
  /** Time the steps took, without loading the checkpoint. */
  readonly milliseconds: number;
}

/** Codes of a replay whose starting checkpoint is missing, damaged, or not the one recorded. */
export const UNAVAILABLE_CODES: ReadonlySet<string> = new Set(['R0201', 'R0202', 'R0203']);

/** Codes of a replay that starts or ends outside the range of the job's state, or lost its loss: no honest run gets there. */
export const REFUTING_CODES: ReadonlySet<string> = new Set(['R0401', 'R0402', 'R0403']);

/** Errors not named below are failures of the verifying machine, and end the verification without a verdict. */
export interface Replayer {
  /** For people: where the replay runs. */
  readonly device: string;
  /** Recomputes the initial state from the job alone. Returns its root, hex. */
  initialRoot(): Promise<string>;
  /**
   * Loads the stored state of record `from` (computes it at step 0), checks it against the record's root, and runs to step `to`.
   * @param progress called with the number of steps done, now and then
   * @throws GensynError one of UNAVAILABLE_CODES or REFUTING_CODES
   */
  replay(from: CheckpointRecord, to: number, progress?: (step: number) => void): Promise<Replayed>;
  close(): Promise<void>;
}
