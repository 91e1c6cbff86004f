/** Demands of one account: of what a claim has delivered and nobody gives it asks for one piece, at random, on the chain. */
import { randomInt } from 'node:crypto';
import { tensorBytes } from '@gensyn/ir';
import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '../artefacts/index.js';
import { claimEnded, readValues, settled, tokens, type Claim } from '../chain/index.js';
import { piecesOf } from '../pinpoint/index.js';
import type { Duties } from './duties.js';
import type { Note } from './journal.js';
import type { Party } from './party.js';
import type { Shelf } from './shelf.js';
import type { SeenChallenge } from './view.js';

export interface DemandOptions {
  /** The most that a demand may cost; by default what is won by one that nobody answers. */
  readonly mostFee?: bigint | undefined;
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

const noteName = (claim: number): string => `demand-${claim}`;
/** Milliseconds that artefacts have to come at each try, and tries before the time at which they are given up. */
const FETCH_MS = 5000;
const TRIES = 4;

export function openDemands(
  party: Party,
  shelf: Shelf,
  duties: Duties,
  { mostFee }: DemandOptions = {},
): Demands {
  const { view, journal, client, isMe } = party;
  /** Since when, by the chain's time, what a claim has delivered is looked for, and when next; never again once it is there. */
  const sought = new Map<string, { readonly since: number; readonly next: number }>();

  /** Whether it comes within a moment. Errors: those that say nothing about who published it. */
  async function comes(fetching: Promise<unknown>): Promise<boolean> {
    const limit = new AbortController();
    const late = sleep(FETCH_MS, false, { signal: limit.signal }).catch(() => false);
    try {
      return await Promise.race([fetching.then(() => true), late]);
    } catch (error) {
      if (isUnavailable(error)) return false;
      throw error;
    } finally {
      limit.abort();
    }
  }

  async function lackingRecord(claim: Claim, records: readonly number[]): Promise<number | undefined> {
    // Without its job nobody can say what a state consists of; that is not the solver's doing.
    if (!(await comes(view.task(claim.task).then((task) => shelf.job(task))))) return undefined;
    for (const record of records) if (!(await comes(shelf.state(claim, record)))) return record;
    return undefined;
  }

  async function demand(claim: Claim, record: number): Promise<void> {
    if (journal.read(noteName(claim.id)) || made(claim.id)) return;
    const task = await view.task(claim.task);
    const { demandFee, winnerShare } = await readValues(client, task.version);
    const about = { task: claim.task, claim: claim.id };
    if (demandFee > (mostFee ?? (claim.stake * BigInt(winnerShare)) / 1_000_000n)) {
      party.emit({
        kind: 'unavailable',
        text: `a demand for a piece of claim ${claim.id} would cost ${tokens(demandFee)}: too much`,
        ...about,
      });
      return;
    }
    const { manifest } = (await shelf.job(task)).job;
    const pieces = manifest.state.map(({ dtype, shape }) => piecesOf(tensorBytes(dtype, shape)));
    // Each piece of the state is as likely as any other.
    let piece = randomInt(pieces.reduce((sum, count) => sum + count, 0));
    const entry = pieces.findIndex((count) => piece < count || ((piece -= count), false));
    const { id, root } = claim;
    journal.once<DemandNote>(noteName(id), () => ({
      ...{ claim: id, task: task.id, root, record: record + 1, entry, piece },
    }));
    party.emit({
      kind: 'unavailable',
      text: `the state after record ${record + 1} of claim ${id} cannot be had: piece ${piece} of '${manifest.state[entry]!.name}' is demanded`,
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
    if (made(note.claim)) return;
    const { demandFee } = await readValues(client, (await view.task(claim.task)).version);
    const receipt = await party.stake(demandFee, () =>
      party.send(
        `demand a piece of claim ${note.claim}, for ${tokens(demandFee)}`,
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
    const record = await lackingRecord(claim, records);
    if (record === undefined) sought.set(key, { since, next: Infinity });
    else if (view.now >= last) await demand(claim, record);
  }

  return async (wanted) => {
    for (const each of wanted) {
      const { claim } = each;
      const { next } = sought.get(keyOf(claim)) ?? { next: 0 };
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
