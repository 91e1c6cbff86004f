/** What the verifier needs of a machine that can run a job; the runtime provides it. */
import type { Manifest } from '@gensyn/ir';

/** One line of a proof of learning. */
export interface CheckpointRecord {
  /** Number of steps done. 0 is the initial state. */
  readonly step: number;
  /** Merkle root of the state, hex. */
  readonly stateRoot: string;
  /** Training loss of the last step; absent at step 0. */
  readonly loss?: number;
  /** Position in the sample stream: step * batch. */
  readonly cursor: number;
  /** Milliseconds of training time since the start of the run. */
  readonly time: number;
}

/** A run directory as its owner presents it: everything in it is a claim. */
export interface ClaimedRun {
  readonly manifest: Manifest;
  readonly records: readonly CheckpointRecord[];
  /** Root over the records that the owner claims, hex. */
  readonly proofRoot: string;
}

export interface Replayer {
  readonly device: string;
  /** Recomputes the initial state from the job alone. Returns its root, hex. */
  initialRoot(): Promise<string>;
  /**
   * Loads the stored state of record `from`, checks it against its root, runs to `to` and returns the root reached.
   * @throws GensynError R02xx when the stored checkpoint does not match its root
   */
  replay(from: CheckpointRecord, to: number, progress?: (step: number) => void): Promise<{ stateRoot: string; loss: number; milliseconds: number }>;
  close(): Promise<void>;
}
