/** Replays claims unbidden, dearest first, and challenges what is wrong with them or with the attestations to them. */
import { digestFromHex, GensynError } from '@gensyn/ir';
import { keccak256, toUtf8Bytes } from 'ethers';
import { claimEnded, UNAVAILABLE, type Claim } from '../chain/index.js';
import { accuseSeat, checkFolder, openHands } from './accuse.js';
import type { Agent } from './agent.js';
import { challengeNote, challengesOver, pursueChallenges } from './challenges.js';
import { checkClaim } from './check-claim.js';
import { openDemands, type Wanted } from './demands.js';
import type { Duties } from './duties.js';
import type { Note } from './journal.js';
import { openKeeper } from './keeper.js';
import type { Party } from './party.js';
import { playGames, type Hand } from './player.js';
import { replaySample, type Replayed } from './sample.js';
import type { Shelf } from './shelf.js';
import { tellEnd } from './tell-end.js';
import type { SeenChallenge } from './view.js';
import { statesOfRun } from './work-folder.js';

export interface WhistleblowerOptions {
  /** Part of the claims that is replayed; all by default. */
  readonly sample?: number;
  /** Only this claim, whoever made it; then it ends. */
  readonly claim?: number;
  /** The most that a demand may cost, for a piece of what a claim has delivered to nobody. */
  readonly mostFee?: bigint | undefined;
}

interface CheckNote extends Note {
  /** Of the claim's root, for what was found. */
  readonly root: string;
  readonly wrong: number | null;
  readonly roots: readonly string[];
  /** The sampled interval, once an attestation had to be compared. */
  readonly replayed?: Replayed & { readonly seed: string };
}

/** Claims that are checked at once: one that takes long, or cannot be had, holds nobody up but one. */
const MOST_CHECKS = 2;
const FIRST_PAUSE_MS = 5000;
const LAST_PAUSE_MS = 60_000;

export function openWhistleblower(
  party: Party,
  shelf: Shelf,
  duties: Duties,
  options: WhistleblowerOptions = {},
): Agent {
  const { view, journal } = party;
  const { sample = 1 } = options;
  const told = tellEnd(party);
  const demands = openDemands(party, shelf, duties, options);
  const compared = new Set<string>();
  const checking = new Set<number>();
  /** Until when, by `performance.now()`, claims are left alone whose check has failed. */
  const rests = new Map<number, { readonly pause: number; readonly until: number }>();
  const hands = openHands(party, shelf);
  const challenged = (claim: number): boolean =>
    [...view.challenges.values()].some((each) => each.claim === claim && party.isMe(each.challenger));
  const keeper = openKeeper(
    party,
    duties,
    (due, { id }) => due === 'draw' || due === 'stop' || challenged(id),
  );
  const noteOf = ({ id, root }: Claim): CheckNote | undefined => {
    const note = journal.read<CheckNote>(`check-${id}`);
    return note?.root === root ? note : undefined;
  };

  /** The same choice for the same claim each time, and another for each account. */
  function chosen(claim: Claim): boolean {
    if (options.claim !== undefined) return claim.id === options.claim;
    if (party.isMe(claim.solver)) return false;
    const lot = Number.parseInt(
      keccak256(toUtf8Bytes(`${party.account} ${claim.id} ${claim.root}`)).slice(2, 15),
      16,
    );
    return lot < sample * 2 ** 52;
  }

  async function check(claim: Claim): Promise<void> {
    const about = { task: claim.task, claim: claim.id };
    party.emit({ kind: 'work', text: `replay claim ${claim.id}, ${claim.delivered} steps`, ...about });
    const { wrong, roots } = await checkClaim(party, shelf, claim);
    journal.write(`check-${claim.id}`, { root: claim.root, wrong: wrong ?? null, roots } satisfies CheckNote);
    party.emit({
      kind: wrong === undefined ? 'matches' : 'wrong',
      text:
        wrong === undefined
          ? `claim ${claim.id} is right`
          : `claim ${claim.id} is wrong from interval ${wrong} on`,
      ...about,
    });
  }

  /** The dearest first; those that failed a moment ago have to wait. */
  function beginChecks(claims: readonly Claim[]): void {
    const ready = claims.filter(
      ({ id }) => !checking.has(id) && (rests.get(id)?.until ?? 0) <= performance.now(),
    );
    for (const claim of ready.sort((a, b) => Number(b.reward - a.reward) || a.id - b.id)) {
      if (checking.size >= MOST_CHECKS) return;
      duties.begin(`check ${claim.id}`, () => checkInTurn(claim));
    }
  }

  async function checkInTurn(claim: Claim): Promise<void> {
    const { id } = claim;
    checking.add(id);
    try {
      await check(claim);
      rests.delete(id);
    } catch (error) {
      const pause = Math.min(LAST_PAUSE_MS, (rests.get(id)?.pause ?? FIRST_PAUSE_MS / 2) * 2);
      rests.set(id, { pause, until: performance.now() + pause });
      // There will be no other try, and no game that needs what was computed.
      if (view.now > claim.challengeEnd)
        for (const folder of ['check', 'states']) journal.removeWork(`${folder}-${id}`);
      throw error;
    } finally {
      checking.delete(id);
    }
  }

  /** Attestations to an interval that begins in a right state. */
  async function compare(claim: Claim, note: CheckNote): Promise<void> {
    const seen = view.claims.get(claim.id)!;
    const wanted = [...seen.attested].filter(
      ([seat, trace]) =>
        trace !== UNAVAILABLE &&
        !party.isMe(view.seats.get(seat) ?? '') &&
        !compared.has(`${view.turns} ${claim.id} ${seat} ${trace}`),
    );
    if (wanted.length === 0) return;
    const replayed = await replayOf(claim, note);
    for (const [seat, trace] of wanted) {
      if (trace !== replayed.trace) {
        party.emit({
          kind: 'wrong',
          text: `the attestation of seat ${seat} to claim ${claim.id} is wrong`,
          claim: claim.id,
          seat,
        });
        const roots = note.roots.map((root) => digestFromHex(root));
        const all = note.wrong === null ? roots : (await shelf.records(claim)).roots;
        await accuseSeat(party, shelf, claim, seat, trace, replayed, all);
      }
      compared.add(`${view.turns} ${claim.id} ${seat} ${trace}`);
    }
  }

  async function replayOf(claim: Claim, note: CheckNote): Promise<Replayed> {
    if (note.replayed?.seed === claim.seed) return note.replayed;
    const task = await view.task(claim.task);
    const open = await shelf.job(task);
    const start = task.firstStep + claim.from + claim.sample * task.interval;
    const before = await statesOfRun(checkFolder(party, task, claim), open.job).at(start);
    const replayed = await replaySample(party, open, claim, before);
    journal.write(`check-${claim.id}`, { ...note, replayed: { ...replayed, seed: claim.seed } });
    return replayed;
  }

  async function hand({ claim, seat }: SeenChallenge): Promise<Hand> {
    const note = challengeNote(party, claim, seat);
    if (!note) throw new GensynError('N0705', `there are no notes about the challenge of claim ${claim}`);
    return hands.of(await view.claim(claim), note);
  }

  async function tidy(): Promise<void> {
    for (const name of journal.names('check-')) {
      const id = Number(name.slice('check-'.length));
      if (!view.claims.has(id)) continue;
      const claim = await view.claim(id);
      const busy = [...view.challenges.values()].some((each) => each.claim === id && !each.resolved);
      if (!claimEnded(claim.status) || busy || challengeNote(party, id, 0)) continue;
      told(claim);
      hands.forget(id);
      journal.remove(name);
      for (const folder of ['sample', 'check', 'states']) journal.removeWork(`${folder}-${id}`);
    }
  }

  /** The state from which others go on. */
  async function delivered(): Promise<Wanted[]> {
    const wanted: Wanted[] = [];
    for (const claim of await view.running()) {
      if (claim.status !== 'proven' || !chosen(claim) || view.now > claim.challengeEnd) continue;
      const { interval } = await view.task(claim.task);
      wanted.push({ claim, records: [Math.ceil(claim.delivered / interval) - 1], missed: false });
    }
    return wanted;
  }

  return {
    async tick() {
      // First what a clock runs for.
      playGames(party, duties, hand, (challenge, game) => told.game(challenge, game));
      await pursueChallenges(party, duties);
      await keeper();
      await demands(await delivered());
      const proven = (await view.running()).filter((claim) => claim.status === 'proven' && chosen(claim));
      const open = proven.filter((claim) => view.now <= claim.challengeEnd);
      beginChecks(open.filter((claim) => !noteOf(claim)));
      for (const claim of open) {
        const note = noteOf(claim);
        const right = note && (note.wrong === null || note.wrong >= claim.sample);
        if (right && view.claims.get(claim.id)!.attested.size > 0)
          duties.begin(`compare ${claim.id}`, () => compare(claim, note));
      }
      await tidy();
    },
    async done() {
      if (options.claim === undefined || !view.claims.has(options.claim)) return false;
      const claim = await view.claim(options.claim);
      if (claimEnded(claim.status))
        return journal.names(`challenge-${claim.id}-`).length === 0 && challengesOver(party, claim.id);
      const note = noteOf(claim);
      return note !== undefined && note.wrong === null;
    },
  };
}
