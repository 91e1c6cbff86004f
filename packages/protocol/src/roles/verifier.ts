/** Holds seats, replays the sampled interval of each claim that they are drawn for, attests to it, and challenges what is wrong. */
import { GensynError, type State } from '@gensyn/ir';
import { isUnavailable } from '../artefacts/index.js';
import {
  claimEnded,
  readDuty,
  readValues,
  seats as seatsOf,
  settled,
  tokens,
  UNAVAILABLE,
  ZERO_ROOT,
  type Claim,
} from '../chain/index.js';
import { accuseClaim, accuseSeat, openHands } from './accuse.js';
import type { Agent } from './agent.js';
import { challengeNote, commitmentOf, pursueChallenges } from './challenges.js';
import { checkClaim } from './check-claim.js';
import { openDemands, type Wanted } from './demands.js';
import type { Duties } from './duties.js';
import { newSalt, type Note } from './journal.js';
import { openKeeper } from './keeper.js';
import type { Party } from './party.js';
import { playGames, type Hand } from './player.js';
import { replaySample, type Replayed } from './sample.js';
import type { OpenJob, Shelf } from './shelf.js';
import { tellEnd } from './tell-end.js';
import type { SeenChallenge } from './view.js';

export interface VerifierOptions {
  /** To hold; taken when there are fewer. */
  readonly seats?: number;
  /** In place of what was found: for those who lie. */
  readonly attest?: (claim: Claim, trace: string) => string;
  /** The most that a demand may cost, for a piece of what could not be had. */
  readonly mostFee?: bigint | undefined;
}

/** What is attested to of a claim, and by which salts: written before the first commitment. */
interface AttestNote extends Note {
  /** Which drawing it is about. */
  readonly seed: string;
  readonly trace: string;
  readonly salts: Readonly<Record<string, string>>;
  /** Undefined where artefacts could not be had. */
  readonly sample?: Replayed;
  /** The claim holds states that no run gets to, and it has not been found out yet where it goes wrong. */
  readonly refuted?: boolean;
}

/** What replaying an interval begins with. */
interface Fetched {
  readonly open: OpenJob;
  /** State roots that the claim names. */
  readonly theirs: readonly string[];
  /** Undefined where it has to be computed. */
  readonly before: State | undefined;
}

/** No honest run gets to such states. */
const REFUTING: ReadonlySet<string> = new Set(['R0401', 'R0402', 'R0403']);
/** Part of the time to commit, before its end, in which missing artefacts are given up; and seconds at least. */
const LAST = { share: 0.3, least: 3 } as const;
const WATCH_MS = 200;

export function openVerifier(
  party: Party,
  shelf: Shelf,
  duties: Duties,
  options: VerifierOptions = {},
): Agent {
  const { view, journal, client } = party;
  const { market } = client;
  const told = tellEnd(party);
  const demands = openDemands(party, shelf, duties, options);
  const committed = new Set<string>();
  const compared = new Set<string>();
  const hands = openHands(party, shelf);
  const mineOf = (claim: number): number[] =>
    (view.claims.get(claim)?.seats ?? []).filter((seat) => party.isMe(view.seats.get(seat) ?? ''));
  const keeper = openKeeper(party, duties, (due, { id }) => due !== 'settle' || mineOf(id).length > 0);
  // One for each drawing: a reorganisation may bring back one that another had taken the place of.
  const noteName = ({ id, seed }: Claim): string => `attest-${id}-${seed.slice(2, 18)}`;
  const noteOf = (claim: Claim): AttestNote | undefined => {
    const note = journal.read<AttestNote>(noteName(claim));
    return note?.seed === claim.seed ? note : undefined;
  };
  /** What has been done for a seat, as long as the chain does not go another way. */
  const doneFor = ({ id, seed }: Claim, seat: number): string => `${view.turns} ${id} ${seat} ${seed}`;

  async function takeSeats(): Promise<void> {
    await settled(client);
    const held = await seatsOf(client, party.account);
    if (held.length >= (options.seats ?? 0)) return;
    const { seatStake } = await readValues(client);
    await party.stake(seatStake, () =>
      party.send(`take a verifier's seat, for ${tokens(seatStake)}`, () =>
        market.takeSeat.populateTransaction(),
      ),
    );
  }

  /** Stores have only so much time, each time: what takes long here is nobody's fault. */
  async function fetched(claim: Claim): Promise<Fetched> {
    const task = await view.task(claim.task);
    await inTime(claim, shelf.fetched(task));
    const open = await shelf.job(task);
    const delivered = async (): Promise<Omit<Fetched, 'open'>> => {
      const { records } = await shelf.records(claim);
      const theirs = records.records.map(({ stateRoot }) => stateRoot);
      // Whoever goes on from here needs it.
      await shelf.state(claim, theirs.length - 1);
      return { theirs, before: claim.sample === 0 ? undefined : await shelf.state(claim, claim.sample - 1) };
    };
    const found = { open, ...(await inTime(claim, delivered())) };
    if (claim.sample > 0) return found;
    // Others may have said that they have it; what nobody has in time is computed where it can be.
    const before = await inTime(claim, shelf.foundBefore(claim)).catch((error: unknown) => {
      if (!isUnavailable(error)) throw error;
      return undefined;
    });
    return { ...found, before };
  }

  /** When missing artefacts are given up. */
  async function lastCall(claim: Claim): Promise<number> {
    const { commitTime } = await readValues(client, (await view.task(claim.task)).version);
    return claim.commitEnd - Math.max(LAST.least, LAST.share * commitTime);
  }

  /** Waits no longer than there is time to commit to something else. Errors: N0501 then, and those of `fetching`. */
  async function inTime<T>(claim: Claim, fetching: Promise<T>): Promise<T> {
    fetching.catch(() => undefined);
    // Who comes late has half of what is left.
    const until = Math.max(await lastCall(claim), (view.now + claim.commitEnd) / 2);
    let watch: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      watch = setInterval(() => {
        if (party.signal.aborted) reject(party.signal.reason as Error);
        else if (view.now > until)
          reject(new GensynError('N0501', 'they have not come in the time there is to commit'));
      }, WATCH_MS);
    });
    try {
      return await Promise.race([fetching, late]);
    } finally {
      clearInterval(watch);
    }
  }

  /** Replays, and challenges the claim if it ends otherwise. Errors: `isUnavailable` ones, REFUTING ones, and others. */
  async function replay(claim: Claim): Promise<Replayed> {
    const about = { task: claim.task, claim: claim.id };
    party.emit({ kind: 'work', text: `replay interval ${claim.sample} of claim ${claim.id}`, ...about });
    const { open, theirs, before } = await fetched(claim);
    const sample = await replaySample(party, open, claim, before ?? (await shelf.computedBefore(claim)));
    const same = sample.state === theirs[claim.sample];
    party.emit({
      kind: same ? 'matches' : 'wrong',
      text: `interval ${claim.sample} of claim ${claim.id} ${same ? 'is right' : 'ends in another state'}`,
      ...about,
    });
    if (!same) {
      const roots = theirs.with(claim.sample, sample.state);
      await accuseClaim(party, shelf, claim, roots, { step: sample.from, root: sample.before });
    }
    return sample;
  }

  async function attestation(claim: Claim): Promise<AttestNote> {
    const known = noteOf(claim);
    if (known) return known;
    let found: Pick<AttestNote, 'trace' | 'sample' | 'refuted'>;
    try {
      const sample = await replay(claim);
      found = { trace: options.attest?.(claim, sample.trace) ?? sample.trace, sample };
    } catch (error) {
      const refuting = error instanceof GensynError && REFUTING.has(error.code);
      if (refuting) {
        party.emit({
          kind: 'wrong',
          text: `claim ${claim.id} contains states that no run gets to`,
          claim: claim.id,
        });
      } else if (!isUnavailable(error)) throw error;
      else {
        await view.refresh();
        if (view.now <= (await lastCall(claim))) throw error;
        const why = error instanceof Error ? error.message : '';
        party.emit({
          kind: 'unavailable',
          text: `the artefacts of claim ${claim.id} cannot be had: ${why}`,
          claim: claim.id,
        });
      }
      found = { trace: UNAVAILABLE, ...(refuting ? { refuted: true } : {}) };
    }
    const salts = Object.fromEntries(mineOf(claim.id).map((seat) => [seat, newSalt()]));
    const note: AttestNote = { seed: claim.seed, salts, ...found };
    journal.write(noteName(claim), note);
    return note;
  }

  /** Finds out where a claim that contains such states goes wrong, after the attestation: it may take long. */
  async function checkWhole(claim: Claim, note: AttestNote): Promise<void> {
    await checkClaim(party, shelf, claim);
    journal.write(noteName(claim), { ...note, refuted: false } satisfies AttestNote);
  }

  async function attest(claim: Claim): Promise<void> {
    const note = await attestation(claim);
    for (const seat of mineOf(claim.id)) {
      const key = doneFor(claim, seat);
      const salt = note.salts[seat];
      if (committed.has(key) || salt === undefined) continue;
      const duty = await readDuty(client, claim.id, seat);
      if (duty.commitment === ZERO_ROOT && duty.assigned) {
        const commitment = commitmentOf(claim.id, seat, note.trace, party.account, salt);
        await party.send(
          `commit seat ${seat} to an attestation of claim ${claim.id}`,
          () => market.commitAttestation.populateTransaction(claim.id, seat, note.seed, commitment),
          { task: claim.task, claim: claim.id, seat },
        );
      } else committed.add(key);
    }
  }

  async function reveal(claim: Claim, note: AttestNote): Promise<void> {
    for (const seat of mineOf(claim.id)) {
      const salt = note.salts[seat];
      if (salt === undefined || view.claims.get(claim.id)?.attested.has(seat)) continue;
      const duty = await readDuty(client, claim.id, seat);
      if (duty.revealed || duty.commitment === ZERO_ROOT) continue;
      await party.send(
        `reveal the attestation of seat ${seat} to claim ${claim.id}`,
        () => market.revealAttestation.populateTransaction(claim.id, seat, note.trace, salt),
        { task: claim.task, claim: claim.id, seat },
      );
    }
  }

  /** Challenges attestations of others that are not what was replayed here. */
  async function compare(
    claim: Claim,
    { sample }: AttestNote & { readonly sample: Replayed },
  ): Promise<void> {
    const { roots } = await shelf.records(claim);
    for (const [seat, trace] of view.claims.get(claim.id)?.attested ?? []) {
      const key = `${doneFor(claim, seat)} ${trace}`;
      if (compared.has(key)) continue;
      const mine = party.isMe(view.seats.get(seat) ?? '');
      if (!mine && trace !== UNAVAILABLE && trace !== sample.trace) {
        party.emit({
          kind: 'wrong',
          text: `the attestation of seat ${seat} to claim ${claim.id} is wrong`,
          claim: claim.id,
          seat,
        });
        await accuseSeat(party, shelf, claim, seat, trace, sample, roots);
      }
      compared.add(key);
    }
  }

  /** As challenger by its note; as the owner of a seat by what was attested to. */
  async function hand({ claim: id, seat, challenger }: SeenChallenge): Promise<Hand> {
    const claim = await view.claim(id);
    const note = party.isMe(challenger) ? challengeNote(party, id, seat) : undefined;
    const sample = noteOf(claim)?.sample;
    const plan = note ?? (sample && { seat, states: { step: sample.from, root: sample.before } });
    if (!plan) throw new GensynError('N0705', `there are no notes about the challenge of claim ${id}`);
    return hands.of(claim, plan);
  }

  async function tidy(): Promise<void> {
    for (const name of journal.names('attest-')) {
      const id = Number(name.split('-')[1]);
      if (!view.claims.has(id) || duties.busy(`check ${id}`)) continue;
      const claim = await view.claim(id);
      const playing = [...view.challenges.values()].some((each) => each.claim === id && !each.resolved);
      if (!claimEnded(claim.status) || playing || challengeNote(party, id, 0)) continue;
      told(claim);
      hands.forget(id);
      journal.remove(name);
      for (const folder of ['sample', 'check', 'states']) journal.removeWork(`${folder}-${id}`);
    }
  }

  /** What was attested to as not to be had. */
  async function missed(): Promise<Wanted[]> {
    const wanted: Wanted[] = [];
    for (const claim of await view.running()) {
      if (claim.status !== 'proven' || mineOf(claim.id).length === 0 || view.now > claim.challengeEnd)
        continue;
      const note = noteOf(claim);
      if (note?.trace !== UNAVAILABLE || note.refuted !== undefined) continue;
      const { interval } = await view.task(claim.task);
      const before = claim.sample > 0 ? [claim.sample - 1] : [];
      wanted.push({ claim, records: [...before, Math.ceil(claim.delivered / interval) - 1], missed: true });
    }
    return wanted;
  }

  return {
    async tick() {
      // First what a clock runs for.
      playGames(party, duties, hand, (challenge, game) => told.game(challenge, game));
      await pursueChallenges(party, duties);
      await keeper();
      await demands(await missed());
      if ((options.seats ?? 0) > [...view.seats.values()].filter((owner) => party.isMe(owner)).length)
        duties.begin('seats', takeSeats);
      for (const claim of await view.running()) {
        if (claim.status !== 'proven' || mineOf(claim.id).length === 0) continue;
        const note = noteOf(claim);
        if (view.now <= claim.commitEnd) {
          const open = mineOf(claim.id).some((seat) => !committed.has(doneFor(claim, seat)));
          if (open) duties.begin(`attest ${claim.id}`, () => attest(claim));
        } else if (note && view.now <= claim.revealEnd)
          duties.begin(`reveal ${claim.id}`, () => reveal(claim, note));
        if (note?.refuted && view.now <= claim.challengeEnd)
          duties.begin(`check ${claim.id}`, () => checkWhole(claim, note));
        if (note?.sample && view.now <= claim.challengeEnd)
          duties.begin(`compare ${claim.id}`, () =>
            compare(claim, note as AttestNote & { sample: Replayed }),
          );
      }
      await tidy();
    },
    done: () => Promise.resolve(false),
  };
}
