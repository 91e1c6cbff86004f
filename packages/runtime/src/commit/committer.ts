/** Makes a state durable and committed: roots, checkpoint file, record, in this order. */
import path from 'node:path';
import { rootsOf, type CheckpointRecord, type Manifest, type State } from '@gensyn/ir';
import { pruneCheckpoints, writeCheckpoint } from '../checkpoint/checkpoint.js';
import { appendRecord } from '../run/records.js';
import { RUN_FILES } from '../run/run-directory.js';

export interface CommitTask {
  readonly state: State;
  /** What the record says beside the root. */
  readonly record: Omit<CheckpointRecord, 'stateRoot'>;
  /** Checkpoints that are on disk, oldest first, and how many to keep. */
  readonly steps: readonly number[];
  readonly keep: number | 'all';
}

export interface Committed {
  readonly record: CheckpointRecord;
  /** Milliseconds spent on hashing, and on writing and waiting for the disk. */
  readonly hash: number;
  readonly write: number;
}

export interface Committer {
  /** Resolves when checkpoint and record are durable. One at a time. Errors: R0501, R0503. */
  commit(task: CommitTask): Promise<Committed>;
  close(): Promise<void>;
}

/** Does all of it at once, where it is called. Errors: R0501, R0503. */
export function commitState(
  folder: string,
  manifest: Manifest,
  { state, record, steps, keep }: CommitTask,
): Committed {
  const began = performance.now();
  const roots = rootsOf(state);
  const hashed = performance.now();
  const whole: CheckpointRecord = {
    step: record.step,
    stateRoot: roots.root,
    ...(record.loss === undefined ? {} : { loss: record.loss }),
    cursor: record.cursor,
    time: record.time,
  };
  writeCheckpoint(folder, manifest, state, record.step, roots);
  appendRecord(path.join(folder, RUN_FILES.records), whole);
  if (keep !== 'all') pruneCheckpoints(folder, [...steps, record.step], keep);
  return { record: whole, hash: hashed - began, write: performance.now() - hashed };
}

/** Commits in the calling thread: for states too large to copy. */
export function inlineCommitter(folder: string, manifest: Manifest): Committer {
  // An async function runs up to its first await at once: the state may change as soon as `commit` returns.
  return { commit: async (task) => commitState(folder, manifest, task), close: () => Promise.resolve() };
}
