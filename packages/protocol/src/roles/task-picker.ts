/** Looks through the open tasks and takes the best that this machine can do. */
import { GensynError } from '@gensyn/ir';
import { memoryEstimate } from '@gensyn/runtime';
import { formatEther } from 'ethers';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { publishJob } from '../artefacts/index.js';
import { allIn, moneyOf, readReward, readValues, tokens, type Task } from '../chain/index.js';
import { byWorth, objection, priceOf, valuesBytes, type Offer, type Wishes } from './choose-task.js';
import { ANSWER_GAS } from './demand-answers.js';
import type { Note } from './journal.js';
import { measureSpeed } from './measure-speed.js';
import type { Party } from './party.js';
import type { Shelf } from './shelf.js';

export interface PickerOptions extends Wishes {
  /** Only this task. */
  readonly task?: number;
}

/** What is noted of a job that cannot be done. */
interface Refusal extends Note {
  readonly job: string;
  readonly code: string;
  readonly message: string;
}

/** Failures of this moment: the task is looked at again. All others are the job's, and remembered. */
const PASSING = /^(N0[1246]|N050[134]|N07|R05|R03)/;
const AGAIN_MS = 5000;
const MUCH_LATER_MS = 60_000;
/** Part of the memory that the values of a step may take. */
const MEMORY_SHARE = 0.5;
const MOST_OFFERS = 16;
/** For the files of all offers of one look. */
const FETCH_MS = 20_000;
/** Of all transactions from the claim to its proof, of one game about it, and of the answers to some demands. */
const GAS = 2_000_000n + 20n * ANSWER_GAS;
/** For what a rising reward may add to the stake until the claim is in a block. */
const SLACK = 50n;

/** One look; claims at most one task. What fails of one task does not keep it from the others. Errors: those of the connection. */
export function openTaskPicker(party: Party, shelf: Shelf, options: PickerOptions): () => Promise<void> {
  const { view, journal, client, store } = party;
  const later = new Map<number, number>();
  const said = new Set<string>();

  function leave(task: number, why: string, code?: string): void {
    const key = `${task} ${why}`;
    if (said.has(key)) return;
    said.add(key);
    party.emit({
      kind: 'refused',
      text: `leave task ${task} alone: ${why}`,
      task,
      ...(code === undefined ? {} : { code }),
    });
  }

  async function candidates(): Promise<Task[]> {
    const open: Task[] = [];
    for (const [id, { block }] of view.submitted) {
      if (options.task !== undefined && id !== options.task) continue;
      // Until then its number may become another's.
      if (view.block < block + client.confirmations) continue;
      if ((later.get(id) ?? 0) > performance.now()) continue;
      const task = await view.task(id);
      if (task.status !== 'open' || task.deadline <= view.now) continue;
      if (journal.read<Refusal>(`refused-${id}`)?.job === task.job) continue;
      open.push(task);
    }
    const worth = ({ rewardMax, steps }: Task): number => Number(rewardMax) / steps;
    return open.sort((a, b) => worth(b) - worth(a)).slice(0, MOST_OFFERS);
  }

  function leaveForNow(task: number, why: string, pause = AGAIN_MS): undefined {
    leave(task, why);
    later.set(task, performance.now() + pause);
  }

  async function gasPrice(): Promise<bigint> {
    const { maxFeePerGas, gasPrice: price } = await client.provider.getFeeData();
    return maxFeePerGas ?? price ?? 0n;
  }

  /** Leaves a task alone: for long where it is the job's fault. */
  function failed(task: number, error: unknown): void {
    party.signal.throwIfAborted();
    const known = error instanceof GensynError ? error : undefined;
    leave(task, known?.message ?? String(error), known?.code);
    const passing = known && PASSING.test(known.code);
    later.set(task, performance.now() + (passing ? AGAIN_MS : MUCH_LATER_MS));
  }

  /** Those whose files are here, or cannot be had, in the time that all have together: what is slow goes on meanwhile. */
  async function fetched(tasks: readonly Task[]): Promise<ReadonlySet<number>> {
    const here = new Set<number>();
    const each = tasks.map((task) =>
      shelf.fetched(task).then(
        () => here.add(task.id),
        () => here.add(task.id),
      ),
    );
    const ended = new AbortController();
    const signal = AbortSignal.any([ended.signal, party.signal]);
    await Promise.race([Promise.all(each), sleep(FETCH_MS, undefined, { signal }).catch(() => undefined)]);
    ended.abort();
    return new Set(here);
  }

  async function offerOf(task: Task, money: bigint): Promise<Offer | undefined> {
    try {
      const { reward, stake } = await readReward(client, task.id);
      if (money < withSlack(stake))
        return leaveForNow(
          task.id,
          `its stake is ${tokens(withSlack(stake))}, and this account has ${tokens(money)}`,
        );
      const open = await shelf.job(task);
      const { manifest, step } = open.job;
      // Before anything of a stranger's is run.
      const [need, most] = [valuesBytes(step), memory() * MEMORY_SHARE];
      if (need > most)
        return leaveForNow(
          task.id,
          `the values of a step take ${mib(need)} of memory, and ${mib(most)} of this machine may be used for them`,
          MUCH_LATER_MS,
        );
      const { clock } = await readValues(client, task.version);
      const speed = await measureSpeed(party, open);
      return {
        task,
        reward,
        clock,
        steps: Math.min(task.segment, task.steps - task.done),
        workPerStep: manifest.size.workPerStep,
        memoryBytes: memoryEstimate(step, manifest),
        secondsPerStep: speed.secondsPerStep,
        secondsPerTrace: speed.secondsPerTrace,
      };
    } catch (error) {
      failed(task.id, error);
      if (error instanceof GensynError && !PASSING.test(error.code))
        journal.write(`refused-${task.id}`, {
          job: task.job,
          code: error.code,
          message: error.message,
        } satisfies Refusal);
      return undefined;
    }
  }

  /** Whether another claim of this account, one that a killed process has sent too, is at work or may be in the next block. */
  async function alreadyClaimed(): Promise<boolean> {
    if (!(await allIn(client, view.block))) return true;
    return (await view.running()).some(({ status, solver }) => status === 'working' && party.isMe(solver));
  }

  /** Whether it was claimed, or something was before. */
  async function take(offer: Offer): Promise<boolean> {
    const { task, reward, steps, secondsPerStep } = offer;
    // Who has claimed must go on from there; what nobody has must be computed, in the time for the work.
    if (
      (await shelf.foundNext(task)) === undefined &&
      (task.firstStep > 0 || objection({ ...offer, steps: task.done + steps }, {}) !== undefined)
    ) {
      leaveForNow(
        task.id,
        task.firstStep > 0
          ? `nobody has the state after ${task.firstStep + task.done} steps`
          : `nobody has the state after ${task.done} steps, and it would take ${Math.ceil(task.done * secondsPerStep)} s to compute it`,
      );
      return false;
    }
    // The job must be there for whoever checks, even if its submitter is gone.
    await publishJob(store, (await shelf.job(task)).folder);
    const { stake } = await readReward(client, task.id);
    if (await alreadyClaimed()) return true;
    const receipt = await party.stake(withSlack(stake), () =>
      party.send(
        `claim steps ${task.done} to ${task.done + steps} of task ${task.id} for ${tokens(reward)}, ${tokens(priceOf(offer))} for a billion operations`,
        () => client.market.claim.populateTransaction(task.id, task.done, reward),
        { task: task.id },
      ),
    );
    return receipt !== undefined;
  }

  return async () => {
    const offers: Offer[] = [];
    const tasks = await candidates();
    if (tasks.length === 0) return;
    const { free, wallet, gas } = await moneyOf(client, party.account);
    const needed = GAS * (await gasPrice());
    if (gas < needed) {
      for (const { id } of tasks)
        leaveForNow(
          id,
          `delivering and defending it may take ${formatEther(needed)} ETH for gas, and this account has ${formatEther(gas)}`,
        );
      return;
    }
    const here = await fetched(tasks);
    for (const task of tasks) {
      party.signal.throwIfAborted();
      if (!here.has(task.id)) {
        leaveForNow(task.id, 'its artefacts have not come yet', MUCH_LATER_MS);
        continue;
      }
      const offer = await offerOf(task, free + wallet);
      if (!offer) continue;
      const why = objection(offer, options);
      if (why === undefined) offers.push(offer);
      else leaveForNow(task.id, why);
    }
    for (const offer of offers.sort(byWorth(party.account))) {
      try {
        if (await take(offer)) return;
      } catch (error) {
        failed(offer.task.id, error);
      }
    }
  };
}

const withSlack = (stake: bigint): bigint => stake + stake / SLACK;

/** Bytes that this process may use. */
function memory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
}

const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
