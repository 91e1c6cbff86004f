/** The tasks that wait for a solver, with what they pay for their work. */
import { jobArtefacts, readReward, type MarketClient, type Store, type Task } from '@gensyn/protocol';
import { parseManifest } from '@gensyn/runtime';

export interface Offer {
  readonly task: Task;
  /** Steps of the next segment, what it pays now, and the stake. */
  readonly steps: number;
  readonly reward: bigint;
  readonly stake: bigint;
  /** What its submitter says of it; undefined where the job cannot be had. */
  readonly name: string | undefined;
  /** Scalar operations of a step, as its job says. */
  readonly workPerStep: number | undefined;
}

const MANIFEST_BYTES = 4 * 2 ** 20;
/** Longer waits for a store would hold the whole list up. */
const STORE_MS = 3000;

/** @param store where jobs may be; undefined to leave their names out. Errors: those of the reads. */
export async function offersOf(
  client: MarketClient,
  open: readonly Task[],
  store: Store | undefined,
): Promise<readonly Offer[]> {
  const offers: Offer[] = [];
  for (const task of open) {
    const [{ reward, stake }, job] = await Promise.all([
      readReward(client, task.id),
      store ? manifestOf(client, store, task.id) : undefined,
    ]);
    const steps = Math.min(task.segment, task.steps - task.done);
    offers.push({ task, steps, reward, stake, name: job?.name, workPerStep: job?.size.workPerStep });
  }
  return offers;
}

/** For people only: nothing is paid for what it says. */
async function manifestOf(client: MarketClient, store: Store, task: number) {
  const read = async () => {
    const cid = await jobArtefacts(client, task);
    return parseManifest(new TextDecoder().decode(await store.read(cid, 'job.json', MANIFEST_BYTES)));
  };
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, STORE_MS, undefined).unref());
  return Promise.race([read().catch(() => undefined), late]);
}

/** Tokens for so many scalar operations; undefined where the work is not known. */
export function pricePer(work: number, { reward, steps, workPerStep }: Offer): number | undefined {
  if (workPerStep === undefined || workPerStep <= 0) return undefined;
  return (Number(reward) / 1e18 / (steps * workPerStep)) * work;
}
