/** What a run is asked for, and what it tells while it goes on. */
import type { CheckpointRecord, State } from '@gensyn/ir';
import type { Device } from './device/device.js';
import type { StepScalars } from './executor/executor.js';
import type { Resumption } from './run/run-directory.js';

export interface TrainOptions {
  /** The run's folder; created when missing. */
  readonly folder: string;
  readonly device: Device;
  /** Go on with what the folder holds. Without it a folder that holds a run is refused. */
  readonly resume?: boolean;
  /**
   * Where a new run begins: steps done, counted from the start of the training, and the state after them. The initial state at 0 unless
   * given. Training may write over it. A run that is resumed must have begun there.
   */
  readonly start?: { readonly step: number; readonly state: State };
  /** Steps done at the end: a whole number of checkpoint intervals from the start, or all of the job's, which is the default. */
  readonly until?: number;
  /** Newest checkpoints to keep; all when they take less than 1 GiB together, else 3. */
  readonly keep?: number | 'all';
  /**
   * Evaluate the holdout rows at every k-th checkpoint, 0 for never. By default at every one, as long as that takes less than a tenth
   * of the time of training. The last one is always evaluated unless 0.
   */
  readonly holdoutEvery?: number;
  /** Ends the run after the chunk in progress. */
  readonly signal?: AbortSignal;
}

/** Milliseconds spent, by purpose. `hash` and `write` are mostly another thread's; `commit` is what they cost the training thread. */
export interface Spent {
  train: number;
  hash: number;
  write: number;
  commit: number;
  holdout: number;
}

export type TrainEvent =
  | {
      readonly kind: 'start';
      readonly step: number;
      readonly steps: number;
      readonly resumed: boolean;
      readonly skipped: Resumption['skipped'];
      readonly memoryBytes: number;
      readonly hash: 'hashtree' | 'node';
    }
  | {
      readonly kind: 'progress';
      readonly step: number;
      readonly scalars: StepScalars;
      readonly stepsPerSecond: number;
      readonly secondsLeft: number;
    }
  | {
      readonly kind: 'checkpoint';
      readonly record: CheckpointRecord;
      readonly holdout?: Readonly<Record<string, number>>;
      readonly spent: Readonly<Spent>;
    }
  | {
      readonly kind: 'end';
      readonly finished: boolean;
      readonly step: number;
      readonly stateRoot: string;
      readonly proofRoot: string;
      readonly records: readonly CheckpointRecord[];
      readonly spent: Readonly<Spent>;
    };
