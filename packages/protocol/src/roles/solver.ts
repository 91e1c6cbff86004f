/** Takes tasks, trains them, delivers and proves, and defends what it has delivered. */
import { digestFromHex, GensynError, rootsOf } from '@gensyn/ir';
import { checkpointFile, type Machine } from '@gensyn/runtime';
import { hexlify } from 'ethers';
import fs from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { publishClaim, type ClaimRecord } from '../artefacts/index.js';
import { claimEnded, readClaim, readTask, type Claim } from '../chain/index.js';
import { nodeTree } from '../pinpoint/index.js';
import { faulty, type Lies } from '../witness/index.js';
import type { Agent } from './agent.js';
import { checkMayCheat, faultOf, type Cheat } from './cheat.js';
import { openAnswers, type Held } from './demand-answers.js';
import type { Duties } from './duties.js';
import { handOf } from './hand.js';
import type { Note } from './journal.js';
import { openKeeper } from './keeper.js';
import { misplayOf } from './misplay.js';
import type { Party } from './party.js';
import { playGames, type Hand } from './player.js';
import { recordsOfRun, runClaim } from './run-claim.js';
import type { OpenJob, Shelf, Stretch } from './shelf.js';
import { openTaskPicker, type PickerOptions } from './task-picker.js';
import { tellEnd } from './tell-end.js';
import { statesOfRun } from './work-folder.js';

export interface SolverOptions extends PickerOptions {
  /** Ends when one claim has: that which was being worked on, or a new one. */
  readonly once?: boolean;
  /** One for each claim in turn; honest after the last. */
  readonly cheats?: readonly (Cheat | undefined)[];
}

/** What a claim is of: after a reorganisation its number may be another's. */
type Subject = Readonly<{ task: number; job: string; from: number; before: string }>;

/** What is noted of an own claim. */
interface ClaimNote extends Note {
  /** Not in notes of earlier versions. */
  readonly of?: Subject;
  readonly cheat?: Cheat;
  /** What the lie is chosen by. */
  readonly seed: number;
}

/** Part of the time for a claim that is kept for delivering, in seconds at least and at most. */
const MARGIN = { share: 0.1, least: 3, most: 120 } as const;
/** A CID of nothing that anybody has. */
const NOWHERE = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';
/** Training cannot go on, whoever does it. */
const DIVERGED: ReadonlySet<string> = new Set(['R0401', 'R0402']);
const PROGRESS_MS = 1000;

/** Errors: N0709 where cheating is not allowed. */
export function openSolver(party: Party, shelf: Shelf, duties: Duties, options: SolverOptions = {}): Agent {
  const { view, journal, client, store } = party;
  const { market } = client;
  if (options.cheats?.some((cheat) => cheat !== undefined)) checkMayCheat(client);
  const keeper = openKeeper(party, duties, (_, claim) => party.isMe(claim.solver));
  const pick = openTaskPicker(party, shelf, options);
  const hands = new Map<string, Promise<Hand>>();
  const holding = new Map<string, Promise<Held>>();
  const handName = ({ id, root, before }: Claim): string => `${id} ${root} ${before}`;
  const told = tellEnd(party);

  const workName = (claim: number): string => `claim-${claim}`;

  const subjectOf = ({ task, from, before }: Claim, job: string): Subject => ({ task, job, from, before });

  /** Decides, once, whether this claim is a cheat's. What was noted and done of another claim of that number is dropped. */
  async function noteOf(claim: Claim): Promise<ClaimNote> {
    const name = workName(claim.id);
    const of = subjectOf(claim, (await view.task(claim.task)).job);
    const known = journal.read<ClaimNote>(name);
    if (known?.of && !isDeepStrictEqual(known.of, of)) forget(claim.id);
    return journal.once<ClaimNote>(name, () => {
      const earlier = [...view.claims.values()].filter(
        ({ id, solver }) => id < claim.id && party.isMe(solver),
      );
      const cheat = options.cheats?.[earlier.length];
      return { of, seed: claim.id, ...(cheat ? { cheat } : {}) };
    });
  }

  function forget(claim: number): void {
    for (const name of hands.keys()) if (name.startsWith(`${claim} `)) hands.delete(name);
    journal.remove(workName(claim));
    journal.removeWork(workName(claim));
  }

  /** Errors: N0412 where the number is another claim's by now; the next try begins anew. */
  async function checkStillThat(id: number, { of }: ClaimNote): Promise<void> {
    const now = await readClaim(client, id);
    const { job } = await readTask(client, now.task);
    if (!of || (party.isMe(now.solver) && isDeepStrictEqual(subjectOf(now, job), of))) return;
    await view.refresh();
    throw new GensynError('N0412', `claim ${id} is another one since the chain was reorganised`);
  }

  interface Place {
    readonly open: OpenJob;
    readonly folder: string;
    readonly note: ClaimNote;
    readonly liar: { readonly machine: Machine; readonly lies: Lies } | undefined;
  }

  async function placeOf(claim: Claim): Promise<Place> {
    const open = await shelf.job(await view.task(claim.task));
    const note = await noteOf(claim);
    const all = { ...(await shelf.stretch(claim)), steps: claim.steps };
    const fault = note.cheat && faultOf(note.cheat, all, note.seed);
    const liar = fault && faulty(open.machine, open.job, fault);
    return { open, folder: journal.work(workName(claim.id)), note, liar };
  }

  /** Runs until the steps are done or `signal` says stop; tells of each record. */
  async function run(
    claim: Claim,
    { open, folder, liar, note }: Place,
    stretch: Stretch,
    signal: AbortSignal,
    recorded: (records: readonly ClaimRecord[]) => Promise<void>,
  ): Promise<ClaimRecord[]> {
    const records: ClaimRecord[] = [];
    let said = 0;
    const results = runClaim({
      open,
      folder,
      stretch,
      device: party.device,
      before: () => shelf.stateBefore(claim),
      signal,
      ...(liar ? { liar: liar.machine } : {}),
      progress(step, stepsPerSecond) {
        if (performance.now() - said < PROGRESS_MS) return;
        said = performance.now();
        const done = step - stretch.from;
        party.emit({
          kind: 'progress',
          text: `claim ${claim.id}: step ${done} of ${stretch.steps}`,
          task: claim.task,
          claim: claim.id,
          done,
          steps: stretch.steps,
          stepsPerSecond,
        });
      },
    });
    try {
      for await (const record of results) {
        records.push(record);
        await recorded(records);
      }
    } catch (error) {
      if (error instanceof GensynError && DIVERGED.has(error.code) && liar) {
        // A lie that nobody would get to tell.
        anotherLie(claim, note);
        throw error;
      }
      // What was done before counts.
      if (!(error instanceof GensynError && DIVERGED.has(error.code)) || records.length === 0) throw error;
      party.emit({ kind: 'error', text: error.message, code: error.code, claim: claim.id });
    }
    const last = records.at(-1);
    if (liar && last?.step === stretch.from + stretch.steps) {
      // Not every wrong value leads to a wrong state.
      const honest = await open.machine.advance(await shelf.stateBefore(claim), stretch.from, last.step);
      if (rootsOf(honest).root === last.stateRoot) {
        anotherLie(claim, note);
        throw new GensynError('N0304', `the lie of claim ${claim.id} makes no difference`);
      }
    }
    return records;
  }

  /** To be told from the beginning. */
  function anotherLie({ id }: Claim, note: ClaimNote): void {
    journal.write(workName(id), { ...note, seed: note.seed + 1000 });
    journal.removeWork(workName(id));
  }

  async function deliver(
    claim: Claim,
    place: Place,
    from: number,
    records: readonly ClaimRecord[],
  ): Promise<void> {
    await checkStillThat(claim.id, place.note);
    const withheld = place.note.cheat?.kind === 'withhold';
    const fileOf = (step: number): string => checkpointFile(place.folder, step);
    const cid = withheld
      ? NOWHERE
      : await publishClaim(store, { from, records }, fileOf, from > 0 && fs.existsSync(fileOf(from)));
    const tree = nodeTree(records.map(({ stateRoot }) => digestFromHex(stateRoot)));
    const last = records.length - 1;
    await party.send(
      `deliver ${records.length} record(s) of claim ${claim.id}`,
      () =>
        market.checkpoint.populateTransaction(
          claim.id,
          records.length,
          hexlify(tree.root),
          `0x${records[last]!.stateRoot}`,
          tree.path(last).map((node) => hexlify(node)),
          cid,
        ),
      { task: claim.task, claim: claim.id },
    );
  }

  async function work({ id }: Claim): Promise<void> {
    const claim = await view.claim(id);
    if (claim.status !== 'working') return;
    const task = await view.task(claim.task);
    const place = await placeOf(claim);
    const stretch = { ...(await shelf.stretch(claim)), steps: claim.steps };
    const about = { task: task.id, claim: id };
    let delivered = Math.ceil(claim.delivered / task.interval);
    const margin = Math.min(MARGIN.most, Math.max(MARGIN.least, task.workTime * MARGIN.share));
    const late = new AbortController();
    const watch = setInterval(() => {
      if (view.now > claim.deadline - margin) late.abort();
    }, 100);
    // Half of the time is gone, then half of what is left, and so on.
    let next = claim.deadline - task.workTime / 2;
    try {
      if (claim.delivered < claim.steps) {
        party.emit({ kind: 'work', text: `train ${claim.steps} steps of task ${task.id}`, ...about });
        const signal = AbortSignal.any([party.signal, late.signal]);
        const records = await run(claim, place, stretch, signal, async (so) => {
          if (so.length <= delivered || view.now < next || so.at(-1)!.step === stretch.from + stretch.steps)
            return;
          next = view.now + Math.max(1, (claim.deadline - view.now) / 2);
          await deliver(claim, place, stretch.from, so);
          delivered = so.length;
        });
        party.signal.throwIfAborted();
        if (records.length > delivered) await deliver(claim, place, stretch.from, records);
      }
    } finally {
      clearInterval(watch);
    }
    const { root, status, delivered: steps } = await readNow(id);
    if (status !== 'working' || steps === 0) return;
    await checkStillThat(id, place.note);
    const receipt = await party.send(
      `prove claim ${id}`,
      () => market.prove.populateTransaction(id, root),
      about,
    );
    if (receipt && steps < claim.steps)
      party.emit({
        kind: 'work',
        text: `claim ${id} ends early, after ${steps} of ${claim.steps} steps`,
        ...about,
      });
  }

  /** Past what the view knows. */
  async function readNow(id: number): Promise<Claim> {
    await view.refresh();
    return view.claim(id);
  }

  /** What was delivered. Once at a time, whatever asks for it. */
  function heldOf(claim: Claim, place: Place): Promise<Held> {
    const name = handName(claim);
    let held = holding.get(name);
    if (!held) {
      held = computedHeld(claim, place).finally(() => holding.delete(name));
      holding.set(name, held);
    }
    return held;
  }

  /** Computed again, should the folder be lost. */
  async function computedHeld(claim: Claim, place: Place): Promise<Held> {
    const { folder } = place;
    const stretch = await shelf.stretch(claim);
    const count = Math.ceil(stretch.steps / stretch.interval);
    if (recordsOfRun(folder, stretch.from).length < count)
      await run(claim, place, stretch, party.signal, () => Promise.resolve());
    const roots = recordsOfRun(folder, stretch.from).map(({ stateRoot }) => stateRoot);
    return { stretch, folder, manifest: place.open.job.manifest, roots: roots.slice(0, count) };
  }

  async function makeHand(claim: Claim): Promise<Hand> {
    const place = await placeOf(claim);
    const { open, folder, liar, note } = place;
    const { stretch, roots } = await heldOf(claim, place);
    const hand = handOf({
      open,
      stretch,
      states: statesOfRun(folder, open.job),
      folder,
      roots,
      ...(liar ? { machine: liar.machine, lies: liar.lies } : {}),
    });
    const misplay = note.cheat && misplayOf(note.cheat.kind, party, hand);
    return misplay ? { ...hand, misplay } : hand;
  }

  /** For an answer on the chain; nothing from those who withhold or say nothing. */
  async function shownOf(claim: Claim): Promise<Held | undefined> {
    const place = await placeOf(claim);
    const kind = place.note.cheat?.kind;
    return kind === 'withhold' || kind === 'silence' ? undefined : heldOf(claim, place);
  }

  function handFor(claim: Claim): Promise<Hand> {
    const name = handName(claim);
    let making = hands.get(name);
    if (!making) {
      making = makeHand(claim);
      making.catch(() => hands.delete(name));
      hands.set(name, making);
    }
    return making;
  }

  /** Forgets what nobody can ask for any more. */
  async function tidy(): Promise<void> {
    for (const name of journal.names('claim-')) {
      const id = Number(name.slice('claim-'.length));
      if (!view.claims.has(id)) continue;
      const claim = await view.claim(id);
      const playing = [...view.challenges.values()].some((each) => each.claim === id && !each.resolved);
      if (!claimEnded(claim.status) || playing || duties.busy(`work ${id}`)) continue;
      told(claim);
      forget(id);
    }
  }

  const answers = openAnswers(party, duties, shownOf);
  return {
    async tick() {
      // First what a clock runs for.
      playGames(
        party,
        duties,
        async ({ claim }) => handFor(await view.claim(claim)),
        (challenge, game) => told.game(challenge, game),
      );
      await answers();
      await keeper();
      const mine = (await view.running()).filter(({ solver }) => party.isMe(solver));
      for (const claim of mine) {
        if (!duties.busy(`work ${claim.id}`)) await noteOf(claim);
        if (claim.status === 'working' && view.now <= claim.deadline)
          duties.begin(`work ${claim.id}`, () => work(claim));
      }
      const claimed = journal.names('once-').length > 0;
      if (options.once && mine.length > 0 && !claimed) journal.write('once-claim', { claim: mine[0]!.id });
      await tidy();
      if (!mine.some(({ status }) => status === 'working') && !(options.once && (claimed || mine.length > 0)))
        duties.begin('choose', pick);
    },
    async done() {
      const once = journal.read<Note & { claim: number }>('once-claim');
      if (options.once && once && view.claims.has(once.claim)) {
        const claim = await view.claim(once.claim);
        if (!party.isMe(claim.solver)) {
          // Another's since a reorganisation.
          journal.remove('once-claim');
          return false;
        }
        const open = [...view.challenges.values()].some((each) => each.claim === claim.id && !each.resolved);
        if (!claimEnded(claim.status) || open) return false;
        journal.remove('once-claim');
        return true;
      }
      if (options.task === undefined || !view.submitted.has(options.task)) return false;
      const { status } = await view.task(options.task);
      return (status === 'done' || status === 'closed') && journal.names('claim-').length === 0;
    },
  };
}
