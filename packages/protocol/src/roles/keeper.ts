/** Moves on what time has decided and somebody must say: the sample, the end of work, settlement, fees, the end of challenges. */
import { claimEnded, type Claim } from '../chain/index.js';
import type { Duties } from './duties.js';
import type { Party } from './party.js';
import type { SeenChallenge, SeenClaim } from './view.js';

export type Due = 'draw' | 'stop' | 'settle';

/**
 * What can be done with a claim at `block` (the next one) and `now`; undefined where nothing can.
 * @param seedDelay blocks between a proof and its sample
 */
export function dueOf(claim: Claim, block: number, now: number, seedDelay: number): Due | undefined {
  if (claim.status === 'working') return now > claim.deadline ? 'stop' : undefined;
  if (claim.status !== 'proven') return undefined;
  const drawn = BigInt(claim.seed) !== 0n;
  if (!drawn && block >= claim.provenBlock + seedDelay && now <= claim.commitEnd) return 'draw';
  return now > claim.windowsEnd && claim.games === 0 ? 'settle' : undefined;
}

/** What a keeper asks whether it is its party's business. */
export type Concern = Due | 'release' | 'resolve';

/** Begins, at each call, whatever is due and `concerns` this party. */
export function openKeeper(
  party: Party,
  duties: Duties,
  concerns: (concern: Concern, claim: SeenClaim) => boolean,
): () => Promise<void> {
  const { view, client } = party;
  const { market } = client;
  const delays = new Map<number, Promise<number>>();
  const released = new Set<string>();

  /** Blocks between proof and sample under the parameters of the claim's task. */
  async function seedDelayOf(claim: Claim): Promise<number> {
    const { version } = await view.task(claim.task);
    let reading = delays.get(version);
    if (!reading) {
      reading = client.parameters.valuesOf(version).then((values) => Number(values.seedDelay));
      reading.catch(() => delays.delete(version));
      delays.set(version, reading);
    }
    return reading;
  }

  async function moveOn(claim: Claim): Promise<void> {
    const due = dueOf(claim, view.block + 1, view.now, await seedDelayOf(claim));
    if (due === undefined || !concerns(due, view.claims.get(claim.id)!)) return;
    const about = { task: claim.task, claim: claim.id };
    const { what, call } = {
      draw: { what: 'draw the sample of', call: market.draw },
      stop: { what: 'stop', call: market.stop },
      settle: { what: 'settle', call: market.settle },
    }[due];
    duties.begin(`${due} ${claim.id}`, async () => {
      await party.send(`${what} claim ${claim.id}`, () => call.populateTransaction(claim.id), about);
    });
  }

  /** Says how a game has ended, and takes one's part of what the loser had staked once all who share it are known. */
  async function resolve({
    number,
    claim,
    game,
    seat,
    challenger,
    resolved,
    paid,
  }: SeenChallenge): Promise<void> {
    const seen = view.claims.get(claim);
    const outcome = view.games.get(game)?.outcome;
    if (!seen || outcome === undefined || outcome === 'open' || paid) return;
    const about = { claim, challenge: number, game };
    if (!resolved) {
      if (concerns('resolve', seen) || party.isMe(challenger))
        duties.begin(`resolve ${number}`, async () => {
          await party.send(
            `resolve challenge ${number}`,
            () => market.resolve.populateTransaction(number),
            about,
          );
        });
    } else if (seat === 0 && outcome === 'challenger' && party.isMe(challenger)) {
      const { status, games, pending, windowsEnd } = await view.claim(claim);
      if (status !== 'slashed' || games > 0 || (pending > 0 && view.now <= windowsEnd)) return;
      duties.begin(`collect ${number}`, async () => {
        await party.send(
          `collect the prize of challenge ${number}`,
          () => market.collect.populateTransaction(number),
          about,
        );
      });
    }
  }

  /** Ends the duties of own seats whose claims have ended. */
  async function release(seen: SeenClaim): Promise<void> {
    const mine = seen.seats.filter((seat) => party.isMe(view.seats.get(seat) ?? ''));
    if (mine.length === 0 || !concerns('release', seen) || !claimEnded((await view.claim(seen.id)).status))
      return;
    for (const seat of mine) {
      const key = `release ${seen.id} ${seat}`;
      const over = `${view.turns} ${key}`;
      if (released.has(over) || duties.busy(key)) continue;
      const duty = await market.dutyOf(seen.id, seat);
      if (!duty.assigned) released.add(over);
      if (!duty.assigned || duty.games > 0n) continue;
      duties.begin(key, async () => {
        await party.send(
          `release seat ${seat} from claim ${seen.id}`,
          () => market.release.populateTransaction(seen.id, seat),
          { task: seen.task, claim: seen.id, seat },
        );
      });
    }
  }

  return async () => {
    for (const claim of await view.running()) await moveOn(claim);
    for (const challenge of view.challenges.values()) await resolve(challenge);
    for (const seen of view.claims.values()) await release(seen);
  };
}
