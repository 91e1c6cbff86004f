/** The tasks of a job in shards: one for each replica's part of a round, and one for each merge. */
import fs from 'node:fs';
import path from 'node:path';
import {
  canonicalJson,
  JOB_FILES,
  MERGE_FOLDER,
  shardEntry,
  shardFolder,
  type Manifest,
  type ShardsManifest,
} from '@gensyn/ir';
import { roundSteps, type Job, type ShardsJob } from '@gensyn/runtime';
import type { ProvenState, Wire } from '../chain/index.js';
import type { Store, StoredFile } from '../storage/index.js';

export interface RoundTask {
  /** Counted from 0. */
  readonly round: number;
  /** Counted from 0; undefined for the merge. */
  readonly shard: number | undefined;
  /** Steps done before and after, by the state's counter. */
  readonly from: number;
  readonly to: number;
}

/** Names a task of the job. */
export const taskKey = ({ round, shard }: RoundTask): string =>
  shard === undefined ? `${round}.merge` : `${round}.${shard}`;

/** For people: rounds are counted from 1, as in `gensyn verify`. */
export const taskName = ({ round, shard }: RoundTask): string =>
  `round ${round + 1}, ${shard === undefined ? 'merge' : `shard ${shard}`}`;

export function replicaTasks(plan: ShardsManifest, round: number): RoundTask[] {
  const from = round * roundSteps(plan);
  return plan.jobs.map((_, shard) => ({ round, shard, from, to: from + plan.sync }));
}

export function mergeTask(plan: ShardsManifest, round: number): RoundTask {
  const from = round * roundSteps(plan) + plan.sync;
  return { round, shard: undefined, from, to: from + 1 };
}

/** The compiled part that a task is of, as it is posted: steps of a task that goes on count from the very first, and end with the task. */
export function jobOf(job: ShardsJob, { shard, from, to }: RoundTask): Job {
  const part = shard === undefined ? job.merge : job.shards[shard]!;
  const { manifest } = part;
  const checkpointEvery = Math.min(manifest.checkpointEvery, to - from);
  return { ...part, manifest: { ...manifest, steps: to, checkpointEvery } };
}

/** Puts a task's job into a store; `folder` is that of the whole compiled job. Returns its CID. Errors: N0503, N0504. */
export async function publishPart(
  store: Store,
  folder: string,
  job: ShardsJob,
  task: RoundTask,
): Promise<string> {
  const part = path.join(folder, task.shard === undefined ? MERGE_FOLDER : shardFolder(task.shard));
  const { manifest } = jobOf(job, task);
  const names = [
    ...[JOB_FILES.step, JOB_FILES.evaluation, JOB_FILES.init, JOB_FILES.source],
    ...new Set(manifest.datasets.flatMap(({ columns }) => columns.map(({ file }) => file))),
  ].filter((name) => fs.existsSync(path.join(part, name)));
  const text: StoredFile = { path: JOB_FILES.manifest, content: Buffer.from(`${canonicalJson(manifest)}\n`) };
  return store.add([
    text,
    ...names.map((name) => ({ path: name, content: { file: path.join(part, name) } })),
  ]);
}

/** Entry of a parent by its name. */
const indexOf = ({ entries }: ProvenState, name: string): number =>
  entries.findIndex((entry) => entry.name === name);

/** A replica begins with its own entries of the merge before it. */
export function wiresOfReplica(manifest: Manifest, shard: number, merge: ProvenState): Wire[] {
  return manifest.state.map(({ name }) => ({
    parent: 0,
    entry: indexOf(merge, name === 'step' ? name : shardEntry(shard, name)),
    name,
  }));
}

/**
 * A merge begins with the counter, which the first replica gives, and with all other entries of every replica.
 * @param replicas by shard; parents are these in the order of their tasks, see `inOrder`
 */
export function wiresOfMerge(manifest: Manifest, replicas: readonly ProvenState[]): Wire[] {
  const [step] = manifest.state;
  const parents = inOrder(replicas);
  const own = replicas.flatMap((replica, shard) =>
    replica.entries.flatMap(({ name }, entry) =>
      name === 'step' ? [] : [{ parent: parents.indexOf(replica), entry, name: shardEntry(shard, name) }],
    ),
  );
  return [{ parent: 0, entry: indexOf(parents[0]!, 'step'), name: step!.name }, ...own];
}

/** Parents as the chain takes them: by their numbers. A shard that was posted again has another place then. */
export const inOrder = (parents: readonly ProvenState[]): ProvenState[] =>
  parents.toSorted((a, b) => a.task - b.task);
