/** What a task came to: its job, and the state after its last step, both checked against the chain. */
import path from 'node:path';
import { GensynError, type State } from '@gensyn/ir';
import { loadJob, type Job } from '@gensyn/runtime';
import { fetchJob, fetchState } from '../artefacts/index.js';
import { claimArtefacts, claims, jobArtefacts, readTask, type MarketClient } from '../chain/index.js';
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
  const cid = await jobArtefacts(client, id);
  const place = path.join(folder, 'job');
  await fetchJob(store, cid, place);
  const job = await loadJob(place, { full: true });
  checkRegistered(job, task, settled.find(({ from }) => from === 0)?.before);
  const step = task.firstStep + task.steps;
  const record = { step, stateRoot: task.state.slice(2) };
  const state = await fetchState(
    store,
    await claimArtefacts(client, last.id),
    job.manifest,
    record,
    path.join(folder, 'states'),
  );
  return { job, folder: place, step, state };
}
