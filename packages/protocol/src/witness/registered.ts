/** Whether a compiled job is the one that a task on chain names. */
import { GensynError, graphRoot, jobRoot, type Manifest } from '@gensyn/ir';
import type { Job } from '@gensyn/runtime';
import { hexlify } from 'ethers';
import { graphProofs } from '../pinpoint/graph-proofs.js';

/** The job of a submission; roots 0x-prefixed. */
export interface ChainJob {
  readonly graph: string;
  readonly data: string;
  readonly init: string;
  readonly seed: number;
  readonly batch: number;
  readonly steps: number;
  readonly interval: number;
  readonly holdout: number;
}

/** Where a task begins that goes on from another: steps done before it, and the root of the state after them, 0x-prefixed. */
export interface Beginning {
  readonly firstStep: number;
  readonly init: string;
}

/** Numbers of a job fit the 32 bits that a check on chain has for them. */
const LIMIT = 2 ** 32;

/** Outputs of a graph that a move can pass by on its way to the state: about 1,500 gas each. */
export const MOST_OUTPUTS = 4096;

/** What a submission says of a job. @param beginning of a task with a parent */
export function chainJob(manifest: Manifest, beginning?: Beginning): ChainJob {
  return {
    graph: `0x${manifest.graphRoot}`,
    data: `0x${manifest.dataRoot}`,
    init: beginning ? beginning.init : `0x${manifest.initRoot}`,
    seed: manifest.seed,
    batch: manifest.batch,
    steps: manifest.steps - (beginning?.firstStep ?? 0),
    interval: manifest.checkpointEvery,
    holdout: manifest.holdoutRows,
  };
}

/** What a task names it by, 0x-prefixed. */
export function chainJobRoot(job: ChainJob): string {
  const bare = {
    graphRoot: job.graph.slice(2),
    dataRoot: job.data.slice(2),
    initRoot: job.init.slice(2),
    seed: job.seed,
    batch: job.batch,
    steps: job.steps,
    checkpointEvery: job.interval,
    holdoutRows: job.holdout,
  };
  return `0x${jobRoot(bare)}`;
}

/** Entries of the graph's list, and the tree over them. */
export function graphEntries({ step }: Pick<Job, 'step'>): {
  readonly entries: number;
  readonly graphTree: string;
} {
  const { entries, tree } = graphProofs(step);
  return { entries, graphTree: hexlify(tree.root) };
}

/** What a task on chain says of its job. */
export interface RegisteredTask {
  /** Root of the job. */
  readonly job: string;
  readonly graph: string;
  readonly entries: number;
  readonly interval: number;
  readonly firstStep: number;
  readonly steps: number;
}

/**
 * Checks a job that `loadJob` has opened (so its files are the manifest's, and its graph is canonical) against the task that it is
 * said to be the job of, before anybody works or bets on it.
 * @param init state root before the task's first step, 0x-prefixed, where the task has a parent
 * Errors: N0302 for another job, N0303 for one that cannot be judged on chain.
 */
export function checkRegistered(
  { manifest, step: graph }: Pick<Job, 'manifest' | 'step'>,
  task: RegisteredTask,
  init?: string,
): ChainJob {
  const { firstStep } = task;
  if (manifest.shards)
    throw new GensynError('N0302', 'the job is trained in shards: tasks are of its replicas and merges');
  const job = chainJob(manifest, firstStep === 0 ? undefined : { firstStep, init: init ?? '0x' });
  for (const [what, found, expected] of [
    ['graph', hexlify(graphRoot(graph)), task.graph.toLowerCase()],
    ['number of graph entries', graph.nodes.length + 1, task.entries],
    ['checkpoint interval', job.interval, task.interval],
    ['number of steps', job.steps, task.steps],
    ['job', chainJobRoot(job), task.job.toLowerCase()],
  ] as const) {
    if (found !== expected)
      throw new GensynError('N0302', `the job is not the one of the task: another ${what}`, {
        notes: [{ message: `registered ${expected}` }, { message: `found      ${found}` }],
      });
  }
  for (const [what, value] of [
    ['seed', manifest.seed],
    ['batch', manifest.batch],
    ['number of steps', manifest.steps],
  ] as const) {
    if (value >= LIMIT) throw new GensynError('N0303', `the ${what} of the job is ${value}, beyond 32 bits`);
  }
  if (graph.outputs.length > MOST_OUTPUTS)
    throw new GensynError(
      'N0303',
      `the graph has ${graph.outputs.length} outputs, more than ${MOST_OUTPUTS}, which no move of a dispute can pass by`,
    );
  return job;
}
