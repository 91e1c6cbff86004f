/** Looks through the open tasks and takes the best that this machine can do. */
import { GensynError } from '@gensyn/ir';
import { memoryEstimate } from '@gensyn/runtime';
import { publishJob } from '../artefacts/index.js';
import { readReward, readValues, tokens, type Task } from '../chain/index.js';
import { byWorth, objection, priceOf, type Offer, type Wishes } from './choose-task.js';
import { measureSpeed } from './measure-speed.js';
import type { Party } from './party.js';
import type { Shelf } from './shelf.js';

export interface PickerOptions extends Wishes {
  /** Only this task. */
  readonly task?: number;
}

/** Failures of this moment: the task is looked at again. All others are the job's, and remembered. */
const PASSING = /^(N0[1246]|N050[134]|N07|R05|R03)/;
const AGAIN_MS = 5000;
const MOST_OFFERS = 16;
/** For what a rising reward may add to the stake until the claim is in a block. */
const SLACK = 50n;

/** One look; claims at most one task. Errors: those of the connection and of `send`. */
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
    for (const id of view.submitted.keys()) {
      if (options.task !== undefined && id !== options.task) continue;
      if ((later.get(id) ?? 0) > performance.now()) continue;
      const task = await view.task(id);
      if (task.status !== 'open' || task.deadline <= view.now || journal.read(`refused-${id}`)) continue;
      open.push(task);
    }
    const worth = ({ rewardMax, steps }: Task): number => Number(rewardMax) / steps;
    return open.sort((a, b) => worth(b) - worth(a)).slice(0, MOST_OFFERS);
  }

  async function offerOf(task: Task): Promise<Offer | undefined> {
    try {
      const open = await shelf.job(task);
      const { manifest, step } = open.job;
      const [{ reward }, { clock }, speed] = await Promise.all([
        readReward(client, task.id),
        readValues(client, task.version),
        measureSpeed(party, open),
      ]);
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
      if (!(error instanceof GensynError)) throw error;
      leave(task.id, error.message, error.code);
      if (PASSING.test(error.code)) later.set(task.id, performance.now() + AGAIN_MS);
      else journal.write(`refused-${task.id}`, { code: error.code, message: error.message });
      return undefined;
    }
  }

  return async () => {
    const offers: Offer[] = [];
    for (const task of await candidates()) {
      party.signal.throwIfAborted();
      const offer = await offerOf(task);
      if (!offer) continue;
      const why = objection(offer, options);
      if (why === undefined) offers.push(offer);
      else {
        leave(task.id, why);
        later.set(task.id, performance.now() + AGAIN_MS);
      }
    }
    for (const offer of offers.sort(byWorth(party.account))) {
      const { task, reward } = offer;
      // The job must be there for whoever checks, even if its submitter is gone.
      await publishJob(store, (await shelf.job(task)).folder);
      const { stake } = await readReward(client, task.id);
      const receipt = await party.stake(stake + stake / SLACK, () =>
        party.send(
          `claim steps ${task.done} to ${task.done + offer.steps} of task ${task.id} for ${tokens(reward)}, ${tokens(priceOf(offer))} for a billion operations`,
          () => client.market.claim.populateTransaction(task.id, task.done, reward),
          { task: task.id },
        ),
      );
      if (receipt) return;
    }
  };
}
