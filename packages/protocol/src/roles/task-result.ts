/** What a task came to: its job, and the state after its last step, both checked against the chain. */
import path from 'node:path';
import { GensynError, shardEntry, shardState, type Manifest, type State } from '@gensyn/ir';
import { loadJob, type Job } from '@gensyn/runtime';
import { fetchJob, fetchState } from '../artefacts/index.js';
import {
  claimArtefacts,
  claims,
  jobArtefacts,
  readSelection,
  readTask,
  type MarketClient,
  type Task,
} from '../chain/index.js';
import type { Store } from '../storage/index.js';
import { checkRegistered } from '../witness/index.js';

export interface TaskResult {
  readonly job: Job;
  /** Where the files of the job are. */
  readonly folder: string;
  /** Steps done, counted from the start of the training. */
  readonly step: number;
  readonly state: State;
}

/**
 * @param folder for what is fetched
 * Errors: N0404 no such task, N0711 while it is not done; those of the store, of `loadJob` and of `checkRegistered`; N0506 for another state.
 */
export async function taskResult(
  client: MarketClient,
  store: Store,
  id: number,
  folder: string,
): Promise<TaskResult> {
  const task = await readTask(client, id);
  const settled = (await claims(client, { task: id })).filter(({ status }) => status === 'settled');
  const last = settled.find(({ from, delivered }) => from + delivered === task.steps);
  if (task.status !== 'done' || !last)
    throw new GensynError('N0711', `task ${id} is not done: ${task.done} of its ${task.steps} steps are`, {
      help: `\`gensyn status ${id} --follow\` shows how it goes`,
    });
  const place = path.join(folder, 'job');
  const job = await jobOf(client, store, task, place);
  const step = task.firstStep + task.steps;
  const record = { step, stateRoot: task.state.slice(2) };
  const state = await fetchState(
    store,
    await claimArtefacts(client, last.id),
    job.manifest,
    record,
    path.join(folder, 'states'),
  );
  if (!isMerge(job.manifest)) return { job, folder: place, step, state };
  // What a merge came to is the state of each of its replicas, and the network is theirs.
  const [replica] = (await readSelection(client, id))?.parents ?? [];
  if (replica === undefined) return { job, folder: place, step, state };
  const home = path.join(folder, 'replica');
  const network = await jobOf(client, store, await readTask(client, replica), home);
  return { job: network, folder: home, step, state: shardState(state, 0) };
}

/** The job of a task, checked against the chain. */
async function jobOf(client: MarketClient, store: Store, task: Task, folder: string): Promise<Job> {
  await fetchJob(store, await jobArtefacts(client, task.id), folder);
  const job = await loadJob(folder, { full: true });
  const first = (await claims(client, { task: task.id })).find(
    ({ from, status }) => from === 0 && status === 'settled',
  );
  checkRegistered(job, task, first?.before);
  return job;
}

/** Whether a job merges replicas. */
const isMerge = ({ state }: Manifest): boolean =>
  state.some(({ name }) => name.startsWith(shardEntry(0, '')));
