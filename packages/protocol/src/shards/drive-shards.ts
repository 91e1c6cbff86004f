/** Posts a job in shards, task by task, as what comes before is proven: killable at any moment, for the chain and a note tell how far it is. */
import {
  GensynError,
  gatheredState,
  initialState,
  jobRoot,
  rootsOf,
  shardState,
  type State,
} from '@gensyn/ir';
import { makeMachine, roundSteps, type Device, type ShardsJob } from '@gensyn/runtime';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  entriesOf,
  refusal,
  selectStates,
  submitTask,
  submittedBefore,
  type MarketClient,
  type ProvenState,
  type SubmitRequest,
  type Task,
} from '../chain/index.js';
import { accountOf } from '../chain/open-market.js';
import { openJournal, type Journal } from '../roles/journal.js';
import { publishedState, type Library } from '../roles/published-state.js';
import { openView } from '../roles/view.js';
import type { Store } from '../storage/index.js';
import { chainJob, chainJobRoot } from '../witness/registered.js';
import { checkFits } from './check-fits.js';
import {
  inOrder,
  jobOf,
  mergeTask,
  publishPart,
  replicaTasks,
  taskKey,
  taskName,
  wiresOfMerge,
  wiresOfReplica,
  type RoundTask,
} from './round-task.js';

export interface ShardsRequest extends Pick<SubmitRequest, 'rise' | 'workTime' | 'deadline'> {
  readonly job: ShardsJob;
  /** Of the compiled job. */
  readonly folder: string;
  readonly store: Store;
  /** For the whole job; each task has a share of it by its work. */
  readonly rewardMin: bigint;
  readonly rewardMax: bigint;
  /** Folder for notes, and for states that are fetched. */
  readonly home: string;
  /** Computes what nobody has published. */
  readonly device: Device;
  readonly signal: AbortSignal;
  /** Milliseconds between looks at the chain. */
  readonly look?: number;
}

export type ShardsEvent = {
  readonly kind: 'posted' | 'found' | 'done';
  readonly name: string;
  readonly task: number;
  readonly round: number;
  readonly shard: number | undefined;
  readonly rewardMax: bigint;
};

/** What was posted, and what is about to be: written before it is sent. */
interface Progress extends Record<string, unknown> {
  readonly tasks: Readonly<Record<string, number>>;
  /** Terms of a part that may have been posted though nobody lived to note it; amounts as text. */
  readonly intended: Readonly<Record<string, Terms>>;
}

interface Terms {
  readonly rewardMin: string;
  readonly rewardMax: string;
  readonly rise: number;
  readonly workTime: number;
  readonly deadline: number;
}

const LOOK_MS = 1000;

/**
 * Yields what becomes of each task, and returns the task of the last merge, whose final state holds what was trained. Ends early where the
 * signal says so. Errors: N0415 for merges that do not fit into a
 * transaction, N0414 for a task that closed before it was done, those of `submitTask` and of the store.
 */
export async function* driveShards(
  client: MarketClient,
  request: ShardsRequest,
): AsyncGenerator<ShardsEvent, number | undefined, void> {
  const { job, signal } = request;
  checkFits(job);
  const journal = await openNotes(client, request);
  const view = openView(client);
  const library: Library = {
    ...{ view, store: request.store },
    folder: (claim) => journal.work(`states-${claim}`),
  };
  const note = `shards-${jobRoot(job.whole.manifest).slice(0, 24)}`;
  const share = shareOf(job, request);
  const rounds = job.whole.manifest.steps / roundSteps(job.plan);
  try {
    let state: State = initialState(job.whole.manifest, job.whole.given);
    let merge: ProvenState | undefined;
    for (let round = 0; round < rounds; round++) {
      const parts = replicaTasks(job.plan, round);
      const posted: Task[] = [];
      for (const part of parts) {
        const from = merge && {
          parents: [merge],
          wires: wiresOfReplica(job.shards[part.shard!]!.manifest, part.shard!, merge),
        };
        const { id, found } = await post(part, from);
        posted.push(await look(id));
        yield { kind: found ? 'found' : 'posted', ...about(part, id) };
      }
      const states: State[] = [];
      const proven: ProvenState[] = [];
      for (const [i, part] of parts.entries()) {
        const task = await done(posted[i]!.id, part);
        if (!task) return undefined;
        const reached = await stateOf(task, part, state);
        states.push(reached);
        proven.push({ task: task.id, entries: entriesOf(reached) });
        yield { kind: 'done', ...about(part, task.id) };
      }
      const joint = mergeTask(job.plan, round);
      const { id, found } = await post(joint, {
        parents: inOrder(proven),
        wires: wiresOfMerge(job.merge.manifest, proven),
      });
      yield { kind: found ? 'found' : 'posted', ...about(joint, id) };
      const task = await done(id, joint);
      if (!task) return undefined;
      const merged = await stateOf(task, joint, gatheredState(states));
      merge = { task: id, entries: entriesOf(merged) };
      state = shardState(merged, 0);
      yield { kind: 'done', ...about(joint, id) };
    }
    // Only now the same request means another run.
    journal.remove(note);
    return merge?.task;
  } finally {
    journal.close();
  }

  function about(part: RoundTask, task: number): Omit<ShardsEvent, 'kind'> {
    const { round, shard } = part;
    return { name: taskName(part), task, round, shard, rewardMax: share(part).rewardMax };
  }

  async function look(id: number): Promise<Task> {
    await view.refresh();
    return view.task(id);
  }

  /** The task of a part; posted unless it was, and has not closed before its end. */
  async function post(part: RoundTask, from: SubmitRequest['from']): Promise<{ id: number; found: boolean }> {
    const key = taskKey(part);
    const known = notes().tasks[key] ?? (await postedBefore(part, from));
    if (known !== undefined && (await stands(known, part, from))) {
      if (notes().tasks[key] === undefined) noteTask(key, known);
      return { id: known, found: true };
    }
    const { rise, workTime, deadline } = request;
    const { rewardMin, rewardMax } = share(part);
    const terms = { rewardMin: String(rewardMin), rewardMax: String(rewardMax), rise, workTime, deadline };
    for (;;) {
      signal.throwIfAborted();
      const wanted = await requestOf(part, from, terms);
      const { tasks, intended } = notes();
      journal.write(note, { tasks, intended: { ...intended, [key]: terms } } satisfies Progress);
      try {
        const submitted = await submitTask(client, wanted, request.home);
        noteTask(key, submitted.task);
        submitted.confirm();
        return { id: submitted.task, found: submitted.found };
      } catch (error) {
        // The chain has gone another way: what was done is not yet again.
        if (refusal(error)?.name !== 'WrongTaskStatus') throw error;
        for (const { task } of from?.parents ?? []) await done(task, part);
      }
    }
  }

  function notes(): Progress {
    return journal.read<Progress>(note) ?? { tasks: {}, intended: {} };
  }

  function noteTask(key: string, task: number): void {
    const { tasks, intended } = notes();
    const rest = Object.fromEntries(Object.entries(intended).filter(([each]) => each !== key));
    journal.write(note, { tasks: { ...tasks, [key]: task }, intended: rest } satisfies Progress);
  }

  /** What a killed process may have posted, for whatever reward. */
  async function postedBefore(part: RoundTask, from: SubmitRequest['from']): Promise<number | undefined> {
    const terms = notes().intended[taskKey(part)];
    return terms && submittedBefore(client, await requestOf(part, from, terms), request.home);
  }

  async function requestOf(
    part: RoundTask,
    from: SubmitRequest['from'],
    { rewardMin, rewardMax, rise, workTime, deadline }: Terms,
  ): Promise<SubmitRequest> {
    const artefacts = await publishPart(request.store, request.folder, job, part);
    return {
      ...{ job: jobOf(job, part), artefacts, rise, workTime, deadline, from },
      ...{ rewardMin: BigInt(rewardMin), rewardMax: BigInt(rewardMax) },
    };
  }

  /** Whether a task of the note is on the chain, of this part, and not closed: the chain may have gone another way. */
  async function stands(id: number, part: RoundTask, from: SubmitRequest['from']): Promise<boolean> {
    await view.refresh();
    if (!view.submitted.has(id)) return false;
    const task = await view.task(id);
    const { manifest } = jobOf(job, part);
    const beginning = from && {
      firstStep: part.from,
      init: selectStates(from.parents, from.wires).init,
    };
    return task.status !== 'closed' && task.job.toLowerCase() === chainJobRoot(chainJob(manifest, beginning));
  }

  /** Waits until a task is done, so many blocks deep as the chain may turn; undefined where the signal comes first. Errors: N0414. */
  async function done(id: number, part: RoundTask): Promise<Task | undefined> {
    let since: { readonly block: number; readonly turns: number } | undefined;
    while (!signal.aborted) {
      const task = await look(id);
      if (task.status !== 'done') since = undefined;
      else if (since?.turns !== view.turns) since = { block: view.block, turns: view.turns };
      if (since && view.block >= since.block + client.confirmations) return task;
      if (task.status === 'closed') {
        throw new GensynError('N0414', `task ${id} (${taskName(part)}) closed before it was done`, {
          help: 'the same command, with a higher reward or a longer deadline, posts it again and goes on from there',
        });
      }
      await sleep(request.look ?? LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }

  /** The proven final state of a task: as published, else computed here. Errors: N0707 if that comes to another one. */
  async function stateOf(task: Task, part: RoundTask, before: State): Promise<State> {
    const own = jobOf(job, part);
    const found = await publishedState(library, task.state, own.manifest, part.to);
    if (found) return found;
    const machine = makeMachine(own, request.device);
    try {
      const reached = await machine.advance(before, part.from, part.to);
      if (`0x${rootsOf(reached).root}` === task.state) return reached;
    } finally {
      await machine.close();
    }
    throw new GensynError('N0707', `task ${task.id} was settled with a state that its job does not lead to`);
  }
}

/** Errors: N0702, R0205 while another process posts jobs in shards for the same account. */
async function openNotes(client: MarketClient, { home }: ShardsRequest): Promise<Journal> {
  const account = accountOf(client, 'submit a job');
  const genesis = (await client.provider.getBlock(0))?.hash ?? `0x${'00'.repeat(32)}`;
  const { chainId, address } = client;
  return openJournal({ home, chainId, genesis, market: address, account, role: 'shards' });
}

/** A merge computes little; fetching, delivering and vouching for it is as much as for any task: at least one part in so many of a replica's. */
const LEAST_MERGE = 10n;

/** The reward of a task: its part of the whole's, by scalar operations. */
function shareOf(
  { whole, merge, plan }: ShardsJob,
  { rewardMin, rewardMax }: ShardsRequest,
): (part: RoundTask) => { readonly rewardMin: bigint; readonly rewardMax: bigint } {
  const replica = BigInt(Math.max(1, whole.manifest.size.workPerStep)) * BigInt(plan.sync);
  const computed = BigInt(merge.manifest.size.workPerStep);
  const joint = computed > replica / LEAST_MERGE ? computed : replica / LEAST_MERGE + 1n;
  const rounds = BigInt(whole.manifest.steps / roundSteps(plan));
  const all = rounds * (replica * BigInt(plan.count) + joint);
  const part = (amount: bigint, work: bigint): bigint => {
    const share = (amount * work) / all;
    return share > 0n ? share : 1n;
  };
  return ({ shard }) => {
    const work = shard === undefined ? joint : replica;
    return { rewardMin: part(rewardMin, work), rewardMax: part(rewardMax, work) };
  };
}
