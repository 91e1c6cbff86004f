/** What the job of a task adds to a dispute about it: names, lines of its text, and the step in dispute recomputed. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { GensynError, initialState, JOB_FILES, type State } from '@gensyn/ir';
import { loadJob, makeMachine, type Device } from '@gensyn/runtime';
import { fetchClaim, fetchJob, fetchState } from '../artefacts/index.js';
import { claimArtefacts, jobArtefacts, readClaim, readTask, type MarketClient } from '../chain/index.js';
import type { Store } from '../storage/index.js';
import { jobWitness } from '../witness/index.js';
import type { DisputeKnowledge } from './dispute-verdict.js';

/**
 * @param folder for the job's files
 * Errors: those of the store and of `loadJob` where the job cannot be had.
 */
export async function disputeKnowledge(
  client: MarketClient,
  store: Store,
  device: Device,
  claimId: number,
  folder: string,
): Promise<DisputeKnowledge> {
  const claim = await readClaim(client, claimId);
  const task = await readTask(client, claim.task);
  const cid = await jobArtefacts(client, task.id);
  const place = path.join(folder, cid);
  await fetchJob(store, cid, place);
  const job = await loadJob(place, { full: true });
  const from = task.firstStep + claim.from;

  /** The state that both sides agree on, before the interval of the step. */
  async function stateAt(at: number): Promise<State> {
    if (at === 0) return initialState(job.manifest, job.given);
    if (at === from) throw new GensynError('N0501', "the state before the claim is another claim's to give");
    const artefacts = await claimArtefacts(client, claim.id);
    const expected = { from, steps: claim.delivered, interval: task.interval, root: claim.root };
    const { records } = await fetchClaim(store, artefacts, expected);
    const record = records.find(({ step }) => step === at)!;
    return fetchState(store, artefacts, job.manifest, record, path.join(folder, `states-${claim.id}`));
  }

  return {
    graph: job.step,
    source: textOf(path.join(place, JOB_FILES.source)),
    async committed(step) {
      const at = from + Math.floor((step - from) / task.interval) * task.interval;
      const machine = makeMachine(job, device);
      try {
        const state = await stateAt(at);
        const steps = Math.min(task.interval, from + claim.delivered - at);
        const states = { at: () => Promise.resolve(state) };
        return await jobWitness({ folder: place, job, machine, states, from: at, steps }).committed(step);
      } catch (error) {
        // Operands are shown where they can be had.
        if (error instanceof GensynError) return undefined;
        throw error;
      } finally {
        await machine.close();
      }
    },
  };
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
