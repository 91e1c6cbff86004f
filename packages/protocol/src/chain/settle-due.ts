/** Says what time has decided and somebody has to say: anybody may, and nobody is paid for it. */
import { GensynError } from '@gensyn/ir';
import { committeeOf } from './artefacts-of.js';
import type { ContractCall, MarketClient } from './market-client.js';
import {
  challenges,
  claims,
  readClaim,
  readCommitment,
  readDuty,
  readTask,
  readValues,
  tasks,
} from './read-records.js';
import type { Claim, Task } from './records.js';
import { refusal } from './refusal.js';
import { claimEnded, prizeDecided } from './status.js';

export interface Settled {
  /** For people: "settle claim 3". */
  readonly what: string;
  readonly gas: number;
}

export interface SettleOptions {
  /** Of this task only. */
  readonly task?: number | undefined;
  /** Told before each transaction. */
  readonly tell?: (what: string) => void;
}

/** Errors: N0404, those of `send` but for N0401: what somebody else has done meanwhile is left out. */
export async function settleDue(
  client: MarketClient,
  { task, tell = () => undefined }: SettleOptions = {},
): Promise<readonly Settled[]> {
  const done: Settled[] = [];
  const act = async (what: string, call: ContractCall): Promise<boolean> => {
    try {
      tell(what);
      done.push({ what, gas: Number((await client.send(what, call)).gasUsed) });
      return true;
    } catch (error) {
      if (error instanceof GensynError && refusal(error)) return false;
      throw error;
    }
  };
  const wanted = task === undefined ? await tasks(client) : [await readTask(client, task)];
  for (const each of wanted) {
    for (const claim of await claims(client, { task: each.id })) await settleClaim(client, each, claim, act);
  }
  for (const each of wanted) await closeTask(client, await readTask(client, each.id), act);
  const { market } = client;
  if ((await market.totalBurned()) > (await market.totalDestroyed()))
    await act('take what was burned out of the supply', market.burn.populateTransaction());
  return done;
}

type Act = (what: string, call: ContractCall) => Promise<boolean>;

async function settleClaim(client: MarketClient, task: Task, found: Claim, act: Act): Promise<void> {
  const { market } = client;
  const { id } = found;
  let claim = found;
  const now = await client.now();
  if (claim.status === 'working') {
    if (now > claim.deadline) await act(`stop claim ${id}`, market.stop.populateTransaction(id));
    return;
  }
  if (claim.status === 'proven') {
    const { seedDelay } = await readValues(client, task.version);
    const block = (await client.provider.getBlockNumber()) + 1;
    if (/^0x0+$/.test(claim.seed) && block >= claim.provenBlock + seedDelay && now <= claim.commitEnd)
      await act(`draw the committee of claim ${id}`, market.draw.populateTransaction(id));
    for (const challenge of await challenges(client, { claim: id })) await resolve(client, challenge, act);
    const games = Number((await market.claimOf(id)).games);
    if (now > claim.windowsEnd && games === 0)
      await act(`settle claim ${id}`, market.settle.populateTransaction(id));
    claim = await readClaim(client, id);
  }
  if (!claimEnded(claim.status)) return;
  // Challenges outlive the claim: of attestations, and those that may share its prize.
  for (const challenge of await challenges(client, { claim: id })) await resolve(client, challenge, act);
  if (claim.status === 'slashed') await payPrize(client, id, act);
  if (claim.members > 0) {
    for (const seat of await committeeOf(client, id)) {
      const { assigned, games } = await readDuty(client, id, seat);
      if (assigned && games === 0)
        await act(`release seat ${seat} from claim ${id}`, market.release.populateTransaction(id, seat));
    }
  }
  // Until then it may still be made.
  if (claim.status === 'slashed' && now <= claim.windowsEnd) return;
  if (client.account !== undefined && (await readCommitment(client, id, client.account)).bond > 0n)
    await act(`take back the bond on claim ${id}`, market.takeBack.populateTransaction(id));
}

/** Once nobody else can be right. */
async function payPrize(client: MarketClient, id: number, act: Act): Promise<void> {
  const claim = await readClaim(client, id);
  if (claim.prize === 0n || !prizeDecided(claim, await client.now())) return;
  const all = (await challenges(client, { claim: id })).filter(({ seat }) => seat === 0);
  const right = all.filter(({ status }) => status === 'won');
  for (const challenge of right.length > 0 ? right : all.slice(0, 1))
    await act(
      right.length > 0
        ? `pay challenge ${challenge.id} its share`
        : `give the prize of claim ${id} to the jackpot`,
      client.market.collect.populateTransaction(challenge.id),
    );
}

async function resolve(
  client: MarketClient,
  { id, game, status }: Awaited<ReturnType<typeof challenges>>[number],
  act: Act,
): Promise<void> {
  if (status !== 'playing') return;
  const { pinpoint, market } = client;
  if ((await pinpoint.outcomeOf(game)) === 0n) {
    const [turn, , since, clocks] = await pinpoint.turnOf(game);
    const left = clocks[Number(turn)]!;
    if (BigInt(await client.now()) - since > left)
      await act(`end game ${game}, whose player has no time left`, pinpoint.flag.populateTransaction(game));
  }
  if ((await pinpoint.outcomeOf(game)) !== 0n)
    await act(`resolve challenge ${id}`, market.resolve.populateTransaction(id));
}

async function closeTask(client: MarketClient, { id, status, deadline }: Task, act: Act): Promise<void> {
  if (status === 'open' && (await client.now()) >= deadline)
    await act(`close task ${id}`, client.market.close.populateTransaction(id));
}
