/** Demands of one account: of what a claim has delivered and nobody gives it asks for one piece, at random, on the chain. */
import { randomInt } from 'node:crypto';
import { tensorBytes } from '@gensyn/ir';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasState, isUnavailable } from '../artefacts/index.js';
import { claimEnded, readValues, sameAddress, settled, tokens, type Claim } from '../chain/index.js';
import { piecesOf } from '../pinpoint/index.js';
import type { Duties } from './duties.js';
import type { Note } from './journal.js';
import type { Party } from './party.js';
import type { Shelf } from './shelf.js';
import type { SeenChallenge } from './view.js';

export interface DemandOptions {
  /** The most that a demand may cost; by default what is won by one that nobody answers. */
  readonly mostFee?: bigint | undefined;
  /** The most that all demands of a day may cost; by default five of them. */
  readonly budget?: bigint | undefined;
}

/** What has to be there of a claim. */
export interface Wanted {
  readonly claim: Claim;
  /** Counted from 0; of the first whose state cannot be had a piece is demanded. */
  readonly records: readonly number[];
  /** It has been looked for before, in vain: else half of the time for demands is left to the solver and the store. */
  readonly missed: boolean;
}

/** At each look: seeks what is wanted, and moves on what was decided. */
export type Demands = (wanted: readonly Wanted[]) => Promise<void>;

/** Which piece was drawn: written before it is asked for, so that it is asked for once. */
interface DemandNote extends Note {
  readonly claim: number;
  readonly task: number;
  /** Of the claim: after a reorganisation its number may be another's. */
  readonly root: string;
  /** As the contract counts. */
  readonly record: number;
  readonly entry: number;
  readonly piece: number;
  /** Block with the demand. */
  readonly madeIn?: number;
}

/** What demands have cost lately: times by the chain. */
interface Spending extends Note {
  readonly spent: readonly { readonly at: number; readonly fee: string }[];
}

type Found = 'there' | 'lacking' | 'unknown';

const noteName = (claim: number): string => `demand-${claim}`;
/** Milliseconds that a state has to come, and a job, at each try; a later try goes on where this one was. */
const STATE_MS = 5000;
const JOB_MS = 60_000;
/** Tries before the time at which a state is given up; claims whose states are sought at once. */
const TRIES = 4;
const MOST_SEEKING = 2;
const DAY = 86_400;
const BUDGET = 5n;

export function openDemands(
  party: Party,
  shelf: Shelf,
  duties: Duties,
  { mostFee, budget }: DemandOptions = {},
): Demands {
  const { view, journal, client, store, isMe } = party;
  /** Since when, by the chain's time, what a claim has delivered is looked for, and when next; never again once it is there. */
  const sought = new Map<string, { readonly since: number; readonly next: number }>();
  /** What is being fetched: each once, however many tries wait for it. */
  const coming = new Map<string, Promise<unknown>>();
  let seeking = 0;

  /** Whether it comes within so many milliseconds; unknown while it is on its way. Errors: those that say nothing about who published it. */
  async function comes(key: string, ms: number, fetch: () => Promise<unknown>): Promise<Found> {
    let fetching = coming.get(key);
    if (!fetching) {
      fetching = fetch();
      coming.set(key, fetching);
      const over = (): unknown => coming.delete(key);
      fetching.then(over, over);
    }
    const limit = new AbortController();
    const late = sleep(ms, 'unknown' as const, { signal: AbortSignal.any([limit.signal, party.signal]) });
    late.catch(() => undefined);
    try {
      return await Promise.race([fetching.then(() => 'there' as const), late]);
    } catch (error) {
      if (isUnavailable(error)) return 'lacking';
      throw error;
    } finally {
      limit.abort();
    }
  }

  /** The first record whose state does not come; unknown where the job does not, which is not the solver's doing. */
  async function lackingRecord(claim: Claim, records: readonly number[]): Promise<number | Found> {
    const task = await view.task(claim.task);
    if ((await comes(`job ${task.id}`, JOB_MS, () => shelf.fetched(task))) !== 'there') return 'unknown';
    const { manifest } = (await shelf.job(task)).job;
    for (const record of records) {
      const found = await comes(`${keyOf(claim)} ${record}`, STATE_MS, async () => {
        const { cid, records: all } = await shelf.records(claim);
        await hasState(store, cid, manifest, all.records[record]!, journal.work(`seek-${claim.id}`));
      });
      if (found !== 'there') return record;
    }
    return 'there';
  }

  const solverOf = (claim: number): string => view.claims.get(claim)?.solver ?? '';
  /** Whoever has answered once has its states, and is paid for each answer: the committee may judge whether they can be had. */
  const hasAnswered = (solver: string): boolean =>
    [...view.challenges.values()].some(
      ({ demand, challenger, claim, game }) =>
        demand &&
        isMe(challenger) &&
        sameAddress(solverOf(claim), solver) &&
        view.games.get(game)?.outcome === 'defender',
    );
  /** One demand tells everybody. */
  const isAsked = (claim: number): boolean =>
    [...view.challenges.values()].some(
      (each) => each.demand && each.claim === claim && view.games.get(each.game)?.outcome === 'open',
    );

  async function costOf(
    claim: Claim,
  ): Promise<{ readonly fee: bigint; readonly bond: bigint; readonly won: bigint }> {
    const { version } = await view.task(claim.task);
    const { demandFee, winnerShare, bondShare } = await readValues(client, version);
    const [bond, won] = [bondShare, winnerShare].map(
      (share) => (claim.stake * BigInt(share)) / 1_000_000n,
    ) as [bigint, bigint];
    return { bond, won, fee: demandFee < bond ? demandFee : bond };
  }

  /** Of the last day. */
  const spending = (): Spending['spent'] =>
    (journal.read<Spending>('demanded')?.spent ?? []).filter(({ at }) => at > view.now - DAY);

  /** Why nothing is demanded; undefined where it is. */
  async function objection(claim: Claim): Promise<string | undefined> {
    if (hasAnswered(claim.solver)) return 'its solver has answered a demand before';
    const { fee, won } = await costOf(claim);
    if (fee > (mostFee ?? won)) return `it would cost ${tokens(fee)}`;
    const spent = spending().reduce((sum, each) => sum + BigInt(each.fee), fee);
    if (spent > (budget ?? fee * BUDGET)) return `${tokens(spent - fee)} have been spent within a day`;
    return undefined;
  }

  async function demand(claim: Claim, record: number): Promise<void> {
    if (journal.read(noteName(claim.id)) || made(claim.id) || isAsked(claim.id)) return;
    const task = await view.task(claim.task);
    const about = { task: claim.task, claim: claim.id };
    const what = `the state after record ${record + 1} of claim ${claim.id} cannot be had`;
    const why = await objection(claim);
    if (why !== undefined) {
      sought.set(keyOf(claim), { since: view.now, next: Infinity });
      party.emit({ kind: 'unavailable', text: `${what}, and nothing is demanded: ${why}`, ...about });
      return;
    }
    const { manifest } = (await shelf.job(task)).job;
    const pieces = manifest.state.map(({ dtype, shape }) => piecesOf(tensorBytes(dtype, shape)));
    // Each piece of the state is as likely as any other.
    let piece = randomInt(pieces.reduce((sum, count) => sum + count, 0));
    const entry = pieces.findIndex((count) => piece < count || ((piece -= count), false));
    const { id, root } = claim;
    const { fee } = await costOf(claim);
    journal.write('demanded', {
      spent: [...spending(), { at: view.now, fee: String(fee) }],
    } satisfies Spending);
    journal.once<DemandNote>(noteName(id), () => ({
      ...{ claim: id, task: task.id, root, record: record + 1, entry, piece },
    }));
    party.emit({
      kind: 'unavailable',
      text: `${what}: piece ${piece} of '${manifest.state[entry]!.name}' is demanded`,
      ...about,
    });
  }

  /** The own demand about a claim, as far as the chain was read. */
  const made = (claim: number): SeenChallenge | undefined =>
    [...view.challenges.values()].find(
      (each) => each.demand && each.claim === claim && isMe(each.challenger),
    );

  async function pursue(note: DemandNote): Promise<void> {
    const name = noteName(note.claim);
    const claim = await view.claim(note.claim);
    const over = claim.root !== note.root || claim.status !== 'proven' || view.now > claim.challengeEnd;
    if (over) return journal.remove(name);
    // It is in a block that was not read yet.
    if (note.madeIn !== undefined && view.block < note.madeIn) return;
    // A process before this one may have made it a moment ago.
    await settled(client);
    await view.refresh();
    if (made(note.claim) || isAsked(note.claim)) return;
    const { fee, bond } = await costOf(claim);
    const receipt = await party.stake(bond, () =>
      party.send(
        `demand a piece of claim ${note.claim}, for ${tokens(fee)} of a bond of ${tokens(bond)}`,
        () =>
          client.market.demand.populateTransaction(
            note.claim,
            note.root,
            note.record,
            note.entry,
            note.piece,
          ),
        { task: note.task, claim: note.claim },
      ),
    );
    if (receipt) journal.write(name, { ...note, madeIn: receipt.blockNumber } satisfies DemandNote);
  }

  async function seek({ claim, records, missed }: Wanted): Promise<void> {
    const key = keyOf(claim);
    const since = sought.get(key)?.since ?? view.now;
    const last = missed ? since : since + (claim.challengeEnd - since) / 2;
    sought.set(key, { since, next: view.now + Math.max(1, (last - since) / TRIES) });
    seeking++;
    try {
      const found = await lackingRecord(claim, records);
      if (found === 'there') sought.set(key, { since, next: Infinity });
      else if (typeof found === 'number' && view.now >= last) await demand(claim, found);
    } finally {
      seeking--;
      if (![...coming.keys()].some((each) => each.startsWith(key))) journal.removeWork(`seek-${claim.id}`);
    }
  }

  return async (wanted) => {
    for (const each of wanted) {
      const { claim } = each;
      const { next } = sought.get(keyOf(claim)) ?? { next: 0 };
      if (seeking >= MOST_SEEKING) break;
      if (view.now < next || journal.read(noteName(claim.id)) || made(claim.id)) continue;
      duties.begin(`seek ${claim.id}`, () => seek(each));
    }
    for (const name of journal.names('demand-')) {
      const note = journal.read<DemandNote>(name);
      // A reorganisation may have undone the claim; it may come again.
      if (!note || !view.claims.has(note.claim)) continue;
      if (!made(note.claim)) duties.begin(`demand ${note.claim}`, () => pursue(note));
      else if (claimEnded((await view.claim(note.claim)).status)) journal.remove(name);
    }
  };
}

const keyOf = ({ id, root }: Claim): string => `${id} ${root}`;
