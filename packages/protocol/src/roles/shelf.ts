/** Jobs of tasks, fetched and checked, and the states that claims begin from. */
import {
  digestFromHex,
  encodeGraph,
  GensynError,
  initialState,
  rootsOf,
  type Graph,
  type State,
} from '@gensyn/ir';
import { loadJob, makeMachine, type Job, type Machine } from '@gensyn/runtime';
import { fetchClaim, fetchJob, fetchState, type ClaimRecords } from '../artefacts/index.js';
import type { Claim, Task } from '../chain/index.js';
import { MOST_OUTPUTS, checkRegistered, type ChainJob } from '../witness/index.js';
import { openStarts } from './joined-start.js';
import type { Party } from './party.js';
import { publishedState } from './published-state.js';
import type { Delivery } from './view.js';

/** A job on disk that fits its task. */
export interface OpenJob {
  readonly folder: string;
  readonly job: Job;
  readonly chain: ChainJob;
  readonly machine: Machine;
}

/** The steps of a claim, counted from the start of the training. */
export interface Stretch {
  readonly from: number;
  readonly steps: number;
  readonly interval: number;
}

export interface Shelf {
  /**
   * The job of a task. Errors: those of the store, of `loadJob` and of `checkRegistered`; N0706 for a graph that could not be disputed.
   */
  job(task: Task): Promise<OpenJob>;
  /** Only brings the job's files here: all of `job` that a store can be slow with. Errors: those of the store. */
  fetched(task: Task): Promise<void>;
  /** The state before a claim, which has the root that the chain names. Errors: N0501 and others of the store where nobody has it. */
  stateBefore(claim: Claim): Promise<State>;
  /** The same as far as somebody has published it; undefined where nobody has. Errors: those of `job`. */
  foundBefore(claim: Claim): Promise<State | undefined>;
  /** The same from the job alone: dear. Errors: N0501 where other tasks went before, N0707, those of training. */
  computedBefore(claim: Claim): Promise<State>;
  /** The state that the next segment of a task begins with, as far as somebody has published it. Errors: those of `job`. */
  foundNext(task: Task): Promise<State | undefined>;
  /** What the claim says of its intervals, as far as it is proven. Errors: those of `fetchClaim`. */
  records(
    claim: Claim,
  ): Promise<{ readonly cid: string; readonly records: ClaimRecords; readonly roots: readonly Uint8Array[] }>;
  /** The published state after interval `record`. Errors: those of `fetchState`. */
  state(claim: Claim, record: number): Promise<State>;
  stretch(claim: Claim): Promise<Stretch>;
  close(): Promise<void>;
}

/** What is opened of a graph in a game must fit transactions. */
const MOST_HEADER_BYTES = 256 * 1024;
const CID = /^[A-Za-z0-9]{46,128}$/;

export function openShelf(party: Party): Shelf {
  const { view, store, journal, device } = party;
  const opened = new Map<string, Promise<{ folder: string; job: Job; machine: Machine }>>();

  const fetching = new Map<string, Promise<string>>();

  /** Returns the folder. */
  function fetched(cid: string): Promise<string> {
    let fetch = fetching.get(cid);
    if (!fetch) {
      const folder = journal.work(`job-${cid}`);
      fetch = fetchJob(store, cid, folder).then(() => folder);
      fetch.catch(() => fetching.delete(cid));
      fetching.set(cid, fetch);
    }
    return fetch;
  }

  function jobCid({ id }: Task): string {
    const cid = view.submitted.get(id)?.artefacts ?? '';
    if (!CID.test(cid))
      throw new GensynError('N0506', `the submitter of task ${id} has not said where its job is`);
    return cid;
  }

  async function load(cid: string): Promise<{ folder: string; job: Job; machine: Machine }> {
    const folder = await fetched(cid);
    const job = await loadJob(folder, { full: true });
    checkGraph(job.step);
    return { folder, job, machine: makeMachine(job, device) };
  }

  function byCid(cid: string): Promise<{ folder: string; job: Job; machine: Machine }> {
    let loading = opened.get(cid);
    if (!loading) {
      loading = load(cid);
      loading.catch(() => opened.delete(cid));
      opened.set(cid, loading);
    }
    return loading;
  }

  const stretch = async (claim: Claim): Promise<Stretch> => {
    const { firstStep, interval } = await view.task(claim.task);
    return { from: firstStep + claim.from, steps: claim.delivered, interval };
  };

  const library = { ...party, folder: (claim: number) => journal.work(`states-${claim}`) };
  const starts = openStarts(library);

  /** Published as it is, or put together from what is published, where the task begins with entries of other tasks' states. */
  async function found(
    root: string,
    { job }: OpenJob,
    task: Task,
    start: number,
    goesOn?: number,
  ): Promise<State | undefined> {
    const state = await publishedState(library, root, job.manifest, start, goesOn);
    if (state || start !== task.firstStep) return state;
    const joined = await starts.joined(task, job.manifest);
    return joined && `0x${rootsOf(joined).root}` === root ? joined : undefined;
  }

  const shelf: Shelf = {
    stretch,
    async job(task) {
      const { folder, job, machine } = await byCid(jobCid(task));
      const first = [...view.claims.values()].find((claim) => claim.task === task.id && claim.from === 0);
      const init = task.done === 0 || !first ? task.state : (await view.claim(first.id)).before;
      return { folder, job, machine, chain: checkRegistered(job, task, init) };
    },
    async fetched(task) {
      await fetched(jobCid(task));
    },
    async stateBefore(claim) {
      return (await shelf.foundBefore(claim)) ?? (await shelf.computedBefore(claim));
    },
    async foundBefore(claim) {
      const task = await view.task(claim.task);
      const open = await shelf.job(task);
      if (task.firstStep + claim.from === 0) return shelf.computedBefore(claim);
      return found(claim.before, open, task, task.firstStep + claim.from, claim.id);
    },
    async foundNext(task) {
      const open = await shelf.job(task);
      const start = task.firstStep + task.done;
      if (start === 0) return initialState(open.job.manifest, open.job.given);
      return found(task.state, open, task, start);
    },
    async computedBefore(claim) {
      const task = await view.task(claim.task);
      const open = await shelf.job(task);
      const start = task.firstStep + claim.from;
      const state =
        start === 0 ? initialState(open.job.manifest, open.job.given) : await recomputed(open, task, start);
      if (`0x${rootsOf(state).root}` !== claim.before)
        throw new GensynError(
          'N0707',
          `the state before claim ${claim.id} is not the one that the chain names`,
        );
      return state;
    },
    async records(claim) {
      const cid = lastDelivery(view.claims.get(claim.id)?.deliveries, claim)?.artefacts ?? '';
      if (!CID.test(cid))
        throw new GensynError(
          'N0501',
          `the solver of claim ${claim.id} has not said where its artefacts are`,
        );
      const records = await fetchClaim(store, cid, { ...(await stretch(claim)), root: claim.root });
      return { cid, records, roots: records.records.map(({ stateRoot }) => digestFromHex(stateRoot)) };
    },
    async state(claim, record) {
      const { job } = await shelf.job(await view.task(claim.task));
      const { cid, records } = await shelf.records(claim);
      const folder = journal.work(`states-${claim.id}`);
      return fetchState(store, cid, job.manifest, records.records[record]!, folder);
    },
    async close() {
      for (const loading of opened.values()) await (await loading.catch(() => undefined))?.machine.close();
    },
  };
  return shelf;

  /** From the job alone: dear, and always possible where no other task went before. */
  async function recomputed({ job, machine }: OpenJob, task: Task, start: number): Promise<State> {
    if (task.firstStep > 0)
      throw new GensynError('N0501', `nobody has the state that task ${task.id} begins with`);
    return machine.advance(initialState(job.manifest, job.given), 0, start);
  }
}

/** The one that the claim's root on chain is of. */
function lastDelivery(deliveries: readonly Delivery[] | undefined, { root }: Claim): Delivery | undefined {
  return deliveries?.findLast((each) => each.root === root);
}

function checkGraph(graph: Graph): void {
  const bytes = encodeGraph(graph).header.length;
  if (graph.outputs.length <= MOST_OUTPUTS && bytes <= MOST_HEADER_BYTES) return;
  throw new GensynError(
    'N0706',
    `the graph has ${graph.outputs.length} outputs, named in ${bytes} bytes: too much to be opened on chain`,
  );
}
