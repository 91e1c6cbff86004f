/** A compiled job in shards, checked and opened: the undivided job, each replica's, and the merge's. */
import path from 'node:path';
import {
  GensynError,
  MERGE_FOLDER,
  canonicalJson,
  jobRoot,
  shardEntry,
  shardFolder,
  sliceOf,
  type Manifest,
  type ShardsManifest,
} from '@gensyn/ir';
import type { Columns } from '../data/sources.js';
import type { Job } from '../job/job.js';
import { loadJob, type LoadOptions } from '../job/load-job.js';

export interface ShardsJob {
  readonly whole: Job;
  readonly shards: readonly Job[];
  readonly merge: Job;
  readonly plan: ShardsManifest;
}

/** Steps of a round by the state's counter: those of each replica, and the merge. */
export const roundSteps = ({ sync }: Pick<ShardsManifest, 'sync'>): number => sync + 1;

/**
 * Nothing in the folder is believed before it is checked: each part has the root that the whole names, trains the same network on its slice
 * of the same data, and the merge has room for all their states. Errors: R0110 for parts that do not fit, those of `loadJob`.
 */
export async function loadShards(folder: string, options: LoadOptions = {}): Promise<ShardsJob> {
  const whole = await loadJob(folder, options);
  const plan = whole.manifest.shards;
  if (!plan) throw misfit('the job is not trained in shards');
  if (whole.manifest.steps % roundSteps(plan) !== 0)
    throw misfit(`${whole.manifest.steps} steps are no whole number of rounds of ${roundSteps(plan)}`);
  const shards: Job[] = [];
  for (const [shard, root] of plan.jobs.entries()) {
    const job = await loadPart(folder, shardFolder(shard), { ...options, like: whole });
    checkPart(job.manifest, root, `shard ${shard}`);
    checkSlice(whole.manifest, job.manifest, shard, plan.count);
    // The whole's columns are in memory already, or open.
    shards.push({ ...job, columns: slicedColumns(whole.columns, shard, plan.count) });
  }
  const merge = await loadPart(folder, MERGE_FOLDER, options);
  checkPart(merge.manifest, plan.merge, 'the merge');
  checkRoom(whole.manifest, merge.manifest, plan.count);
  return { whole, shards, merge, plan };
}

/** Errors: R0110 for a part that is missing, those of `loadJob`. */
async function loadPart(folder: string, part: string, options: LoadOptions): Promise<Job> {
  try {
    return await loadJob(path.join(folder, part), options);
  } catch (error) {
    if (error instanceof GensynError && error.code === 'R0101')
      throw misfit(`there is no compiled job in ${part} of the job in shards`);
    throw error;
  }
}

/** Rows shard, shard + count, ... of columns. */
function slicedColumns(columns: Columns, shard: number, count: number): Columns {
  return new Map(
    [...columns].map(([key, column]) => [
      key,
      {
        ...column,
        gather: (rows, out, at) =>
          column.gather(
            rows.map((row) => shard + row * count),
            out,
            at,
          ),
      },
    ]),
  );
}

function misfit(message: string): GensynError {
  return new GensynError('R0110', message, { help: 'Compile the job again, or copy its folder whole.' });
}

function checkPart(manifest: Manifest, root: string, what: string): void {
  const found = jobRoot(manifest);
  if (found === root && !manifest.shards) return;
  throw new GensynError('R0110', `the job of ${what} is not the one that the whole names`, {
    notes: [{ message: `named ${root}` }, { message: `found ${found}` }],
    help: 'Compile the job again, or copy its folder whole.',
  });
}

/** What a replica may differ in from the whole: its slice, what it holds out of it, and where its checkpoints lie. */
function checkSlice(whole: Manifest, part: Manifest, shard: number, count: number): void {
  const slices = whole.datasets.map((set) => sliceOf(set, shard, count));
  const same = (['graphRoot', 'evalRoot', 'initRoot', 'seed', 'batch', 'steps'] as const).every(
    (key) => whole[key] === part[key],
  );
  if (!same || canonicalJson(slices) !== canonicalJson(part.datasets))
    throw misfit(`shard ${shard} does not train the same network on its slice of the data`);
}

function checkRoom(whole: Manifest, merge: Manifest, count: number): void {
  const [step, ...tensors] = whole.state.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  const entries = [
    step,
    ...Array.from({ length: count }, (_, shard) =>
      tensors.map((entry) => ({ ...entry, name: shardEntry(shard, entry.name) })),
    ).flat(),
  ];
  const found = merge.state.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  if (canonicalJson(found) !== canonicalJson(entries) || merge.steps !== whole.steps)
    throw misfit('the merge does not take the states of all shards');
}
