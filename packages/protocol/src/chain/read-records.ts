/** Reads what the market stores. */
import { GensynError } from '@gensyn/ir';
import { Result } from 'ethers';
import type { MarketClient } from './market-client.js';
import type { Challenge, Claim, Commitment, Duty, Seat, Task, Values } from './records.js';
import { CHALLENGE_STATUS, CLAIM_STATUS, TASK_STATUS, type ClaimStatus, type TaskStatus } from './status.js';

const AMOUNTS = new Set([
  'rewardMin',
  'rewardMax',
  'escrow',
  'stake',
  'reward',
  'fee',
  'prize',
  'bond',
  'minStake',
  'seatStake',
  'demandFee',
]);
/** TaskMarket's, as the double that the number is read as. */
const DEMAND = 2 ** 64;
/** Reads at a time; a node takes only so many. */
const AT_ONCE = 16;

/** Errors: N0404. */
export async function readTask({ market }: MarketClient, id: number): Promise<Task> {
  const found = plain(known(id) ? await market.taskOf(id) : undefined);
  if (found?.['status'] === 0 || !found) throw missing('task', id);
  return { id, ...found, status: TASK_STATUS[found['status'] as number]! } as unknown as Task;
}

/** Errors: N0404. */
export async function readClaim({ market }: MarketClient, id: number): Promise<Claim> {
  const found = plain(known(id) ? await market.claimOf(id) : undefined);
  if (found?.['status'] === 0 || !found) throw missing('claim', id);
  return { id, ...found, status: CLAIM_STATUS[found['status'] as number]! } as unknown as Claim;
}

/** Errors: N0404. */
export async function readChallenge({ market }: MarketClient, id: number): Promise<Challenge> {
  const found = plain(known(id) ? await market.challengeOf(id) : undefined);
  if (found?.['status'] === 0 || !found) throw missing('challenge', id);
  const demand = found['seat'] === DEMAND;
  return {
    id,
    ...found,
    kind: demand ? 'demand' : found['seat'] === 0 ? 'claim' : 'attestation',
    seat: demand ? 0 : found['seat'],
    status: CHALLENGE_STATUS[found['status'] as number]!,
  } as unknown as Challenge;
}

/** Of a seat in a claim; nothing is assigned where it was not drawn. */
export async function readDuty({ market }: MarketClient, claim: number, seat: number): Promise<Duty> {
  return plain(await market.dutyOf(claim, seat)) as unknown as Duty;
}

export async function readCommitment(
  { market }: MarketClient,
  claim: number,
  account: string,
): Promise<Commitment> {
  return plain(await market.commitmentOf(claim, account)) as unknown as Commitment;
}

export async function readSeat({ market }: MarketClient, id: number): Promise<Seat> {
  return { id, ...plain(await market.seatOf(id)) } as unknown as Seat;
}

/** Parameters of a version; of the newest by default. */
export async function readValues({ parameters }: MarketClient, version?: number): Promise<Values> {
  return plain(await parameters.valuesOf(version ?? (await parameters.version()))) as unknown as Values;
}

/** What the next segment of a task pays in the newest block, and its stake. Errors: N0404. */
export async function readReward(
  { market, provider }: MarketClient,
  task: number,
): Promise<{ readonly reward: bigint; readonly stake: bigint }> {
  // The pending block knows what time it is.
  const [reward, stake] = await market.rewardOf(task, {
    blockTag: (await provider.getBlock('pending')) ? 'pending' : 'latest',
  });
  return { reward, stake };
}

export interface TaskFilter {
  readonly status?: TaskStatus | readonly TaskStatus[];
  readonly submitter?: string;
}

/** Every task that fits, newest first. */
export async function tasks(client: MarketClient, filter: TaskFilter = {}): Promise<readonly Task[]> {
  const all = await upTo(Number(await client.market.tasks()), (id) => readTask(client, id));
  return all.filter(
    (task) => fits(task.status, filter.status) && sameAddress(task.submitter, filter.submitter),
  );
}

/** Tasks whose next segment waits for a solver and may still be claimed. */
export async function openTasks(client: MarketClient): Promise<readonly Task[]> {
  const [open, now] = [await tasks(client, { status: 'open' }), await client.now()];
  return open.filter((task) => task.deadline > now);
}

export interface ClaimFilter {
  readonly status?: ClaimStatus | readonly ClaimStatus[];
  readonly solver?: string;
  readonly task?: number;
}

/** Every claim that fits, newest first. */
export async function claims(client: MarketClient, filter: ClaimFilter = {}): Promise<readonly Claim[]> {
  const all = await upTo(Number(await client.market.claims()), (id) => readClaim(client, id));
  return all.filter(
    (claim) =>
      fits(claim.status, filter.status) &&
      sameAddress(claim.solver, filter.solver) &&
      (filter.task === undefined || claim.task === filter.task),
  );
}

/** Every challenge, newest first. */
export async function challenges(
  client: MarketClient,
  filter: { readonly claim?: number; readonly challenger?: string } = {},
): Promise<readonly Challenge[]> {
  const all = await upTo(Number(await client.market.challenges()), (id) => readChallenge(client, id));
  return all.filter(
    (each) =>
      sameAddress(each.challenger, filter.challenger) &&
      (filter.claim === undefined || each.claim === filter.claim),
  );
}

/** Seats of an account, or all. */
export async function seats(client: MarketClient, owner?: string): Promise<readonly Seat[]> {
  const all = await upTo(Number(await client.market.seats()), (id) => readSeat(client, id));
  return all.filter((seat) => sameAddress(seat.owner, owner) && !/^0x0+$/.test(seat.owner)).reverse();
}

export function sameAddress(address: string, wanted: string | undefined): boolean {
  return wanted === undefined || address.toLowerCase() === wanted.toLowerCase();
}

const fits = <S>(value: S, wanted: S | readonly S[] | undefined): boolean =>
  wanted === undefined || (Array.isArray(wanted) ? wanted.includes(value) : value === wanted);

const known = (id: number): boolean => Number.isSafeInteger(id) && id > 0;

const missing = (kind: string, id: number): GensynError =>
  new GensynError('N0404', `there is no ${kind} ${id} in this market`);

/** From the last to the first. */
async function upTo<T>(count: number, read: (id: number) => Promise<T>): Promise<T[]> {
  const list: T[] = [];
  for (let last = count; last > 0; last -= AT_ONCE) {
    const ids = Array.from({ length: Math.min(AT_ONCE, last) }, (_, i) => last - i);
    list.push(...(await Promise.all(ids.map(read))));
  }
  return list;
}

/** Names and values of a struct; all numbers but amounts fit a double. */
export function plain(result: unknown): Record<string, unknown> | undefined {
  if (!(result instanceof Result)) return undefined;
  return Object.fromEntries(
    Object.entries(result.toObject()).map(([key, value]) => [
      key,
      typeof value === 'bigint' && !AMOUNTS.has(key) ? Number(value) : value,
    ]),
  );
}
