/** Posts a job as a task, once: whatever ends the program on the way, doing the same again finds what has been done. */
import { createHash } from 'node:crypto';
import { canonicalJson, GensynError } from '@gensyn/ir';
import type { Job } from '@gensyn/runtime';
import { setTimeout as sleep } from 'node:timers/promises';
import { openJournal, type Journal } from '../roles/journal.js';
import {
  chainJob,
  chainJobRoot,
  checkRegistered,
  graphEntries,
  type Beginning,
  type ChainJob,
} from '../witness/registered.js';
import { textOf } from './artefacts-of.js';
import { events } from './events.js';
import type { ContractCall, MarketClient } from './market-client.js';
import { deposit, moneyOf } from './money.js';
import { accountOf } from './open-market.js';
import { readTask, readValues } from './read-records.js';
import { refused } from './refusal.js';
import { selectStates, type ProvenState, type Selection, type Wire } from './selection.js';

/** What a submitter asks for. Amounts in the token's smallest unit, times in seconds. */
export interface SubmitRequest {
  /** As loaded; it may be judged on chain. */
  readonly job: Pick<Job, 'manifest' | 'step'>;
  /** CID of the job's files. */
  readonly artefacts: string;
  readonly rewardMin: bigint;
  readonly rewardMax: bigint;
  /** How long the reward rises from the least to the most. */
  readonly rise: number;
  /** What a solver has for a segment. */
  readonly workTime: number;
  /** From now on, until when segments may be claimed. */
  readonly deadline: number;
  /** Steps of a claim: whole checkpoint intervals, or all (the default). */
  readonly segment?: number | undefined;
  /** A finished task whose final state this one starts from. */
  readonly parent?: number | undefined;
  /** In its place: several, of whose final states this one takes these entries. */
  readonly from?: { readonly parents: readonly ProvenState[]; readonly wires: readonly Wire[] } | undefined;
}

export interface Submitted {
  readonly task: number;
  /** Highest reward and the committee's fees on it. */
  readonly escrow: bigint;
  /** What was brought into the market for it. */
  readonly deposited: bigint;
  readonly steps: number;
  readonly firstStep: number;
  readonly deadline: number;
  /** An earlier attempt, ended before it could say so, had got this far. */
  readonly found: boolean;
  /** To be called when the user knows: only then the same request means another task. */
  confirm(): void;
}

const ATTEMPT_PREFIX = 'submit-';
const MILLION = 1_000_000n;
/** Milliseconds between looks at transactions that are under way, and until they are given up. */
const LOOK = 500;
const LOOK_LIMIT = 300_000;

interface Attempt {
  /** Block before the transaction was sent. */
  readonly from: number;
  readonly deadline: number;
}

/**
 * @param home folder for the note of the attempt
 * Errors: N0302, N0303 for a job that does not fit the chain, N0404 and U0110 for a parent, N0413 and N0401 for several, U0112 for a segment, N0408 too few tokens, those of `send`, N0702.
 */
export async function submitTask(
  client: MarketClient,
  request: SubmitRequest,
  home: string,
): Promise<Submitted> {
  const account = accountOf(client, 'submit a task');
  const { job, registered, firstStep, selection } = await jobOf(client, request);
  const journal = await submitterNotes(client, account, home);
  try {
    const note = noteOf(request, job);
    const confirm = (): void => journal.remove(note);
    const { rewardMax } = request;
    const escrow = rewardMax + (rewardMax * BigInt((await readValues(client)).feeShare)) / MILLION;
    const base = { escrow, steps: job.steps, firstStep, confirm };
    const before = journal.read<Attempt & Record<string, unknown>>(note);
    if (before) {
      const task = await earlier(client, account, before, request, registered);
      if (task !== undefined) return { ...base, task, deposited: 0n, deadline: before.deadline, found: true };
    }
    const attempt = {
      from: await client.provider.getBlockNumber(),
      deadline: (await client.now()) + request.deadline,
    };
    const submission = {
      job,
      ...graphEntries(request.job),
      parent: request.parent ?? 0,
      segment: request.segment ?? job.steps,
      rewardMin: request.rewardMin,
      rewardMax,
      rise: request.rise,
      workTime: request.workTime,
      deadline: attempt.deadline,
      artefacts: request.artefacts,
    };
    const { free } = await moneyOf(client, account);
    const deposited = free >= escrow ? 0n : escrow - free;
    await deposit(client, deposited);
    journal.write(note, attempt);
    const receipt = await client.send('submit the task', callOf(client, submission, selection));
    const parsed = receipt.logs
      .filter(({ address }) => address === client.address)
      .map((log) => client.market.interface.parseLog(log))
      .find((log) => log?.name === 'Submitted');
    return {
      ...base,
      task: Number(parsed!.args['task']),
      deposited,
      deadline: attempt.deadline,
      found: false,
    };
  } finally {
    journal.close();
  }
}

/**
 * The task of an earlier attempt at the same request that did not live to confirm it; undefined if there was none, or it came to nothing.
 * Sends nothing. Errors: as `submitTask`.
 */
export async function submittedBefore(
  client: MarketClient,
  request: SubmitRequest,
  home: string,
): Promise<number | undefined> {
  const account = accountOf(client, 'submit a task');
  const { job, registered } = await jobOf(client, request);
  const journal = await submitterNotes(client, account, home);
  try {
    const before = journal.read<Attempt & Record<string, unknown>>(noteOf(request, job));
    return before && (await earlier(client, account, before, request, registered));
  } finally {
    journal.close();
  }
}

const noteOf = (request: SubmitRequest, job: ChainJob): string =>
  `${ATTEMPT_PREFIX}${digestOf(request, job)}`;

async function submitterNotes(client: MarketClient, account: string, home: string): Promise<Journal> {
  const genesis = (await client.provider.getBlock(0))?.hash ?? `0x${'00'.repeat(32)}`;
  const place = { home, chainId: client.chainId, genesis, market: client.address, account };
  return openJournal({ ...place, role: 'submitter' });
}

/** As the contract takes it. */
type Submission = Parameters<MarketClient['market']['submit']['populateTransaction']>[0];

function callOf(
  { market }: MarketClient,
  submission: Submission,
  selection: Selection | undefined,
): ContractCall {
  if (!selection) return market.submit.populateTransaction(submission);
  const { parents, opened, wiring } = selection;
  return market.submitFrom.populateTransaction(submission, [...parents], opened, wiring);
}

/** Where the first step of the task is; undefined for that of a job. */
async function beginningOf(
  client: MarketClient,
  { parent }: SubmitRequest,
  selection: Selection | undefined,
): Promise<(Beginning & { readonly after: string }) | undefined> {
  if (selection) {
    const { parents, opened, wiring, init } = selection;
    const after = `tasks ${parents.join(', ')}`;
    try {
      const { steps } = await client.selections.begin(client.address, [...parents], opened, wiring);
      return { firstStep: Number(steps), init, after };
    } catch (error) {
      throw refused(`begin after ${after}`, error) ?? error;
    }
  }
  if (parent === undefined) return undefined;
  const { firstStep, steps, state, status } = await readTask(client, parent);
  if (status !== 'done') {
    throw new GensynError('U0110', `task ${parent} is ${status}, so it has no final state to go on from`);
  }
  return { firstStep: firstStep + steps, init: state, after: `task ${parent}` };
}

async function jobOf(client: MarketClient, request: SubmitRequest) {
  const { job, segment, from } = request;
  const selection = from && selectStates(from.parents, from.wires);
  const beginning = await beginningOf(client, request, selection);
  if (beginning && job.manifest.steps <= beginning.firstStep) {
    throw new GensynError(
      'U0110',
      `${beginning.after} ended at step ${beginning.firstStep}, and the job ends at step ${job.manifest.steps}`,
      { help: 'the steps of a job that goes on count from the very first' },
    );
  }
  const made: ChainJob = chainJob(job.manifest, beginning);
  const firstStep = beginning?.firstStep ?? 0;
  const registered = chainJobRoot(made);
  const { graph, interval, steps } = made;
  if (segment !== undefined && segment !== steps && (segment > steps || segment % interval !== 0)) {
    throw new GensynError(
      'U0112',
      `claims of ${segment} steps do not fit a task of ${steps} steps with checkpoints every ${interval}`,
      {
        help: `take a multiple of ${interval} below ${steps}, or ${steps}`,
      },
    );
  }
  const { entries } = graphEntries(job);
  checkRegistered(job, { job: registered, graph, entries, interval, firstStep, steps }, beginning?.init);
  return { job: made, registered, firstStep, selection };
}

/** The task of an attempt that did not live to see it; undefined if it was never sent, or in vain. */
async function earlier(
  client: MarketClient,
  account: string,
  { from, deadline }: Attempt,
  request: SubmitRequest,
  registered: string,
): Promise<number | undefined> {
  const { provider, market } = client;
  // What was sent may still be on its way.
  for (const end = performance.now() + LOOK_LIMIT; ; await sleep(LOOK)) {
    const [latest, pending] = await Promise.all([
      provider.getTransactionCount(account, 'latest'),
      provider.getTransactionCount(account, 'pending'),
    ]);
    if (latest === pending) break;
    if (performance.now() > end) {
      throw new GensynError(
        'N0403',
        `transactions of ${account} wait for a block, the task's own perhaps among them`,
        {
          help: 'try again when they are in a block: until then nobody can tell whether the task is posted',
        },
      );
    }
  }
  // A reorganisation may have moved it to an earlier block.
  const range = { from: Math.max(0, from - 100) };
  for (const { args } of await events(client, market, 'Submitted', [null, account], range)) {
    const task = await readTask(client, Number(args['task']));
    const same =
      textOf(args, 'artefacts') === request.artefacts &&
      task.job === registered &&
      task.deadline === deadline;
    if (same && task.rewardMax === request.rewardMax && task.rewardMin === request.rewardMin) return task.id;
  }
  return undefined;
}

/** Names a request; the same one has the same name. */
function digestOf(request: SubmitRequest, job: ChainJob): string {
  const { artefacts, rewardMin, rewardMax, rise, workTime, deadline, segment = 0, parent = 0 } = request;
  const times = { rise, workTime, deadline, segment, parent };
  const parents = request.from?.parents.map(({ task }) => task);
  const text = canonicalJson({
    ...job,
    ...times,
    ...(parents ? { parents } : {}),
    artefacts,
    rewardMin: String(rewardMin),
    rewardMax: String(rewardMax),
  });
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}
