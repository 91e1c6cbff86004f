/** What a solver has noted of its own claims, where it works on them, and their training, with a lie where it is one for it. */
import { GensynError, rootsOf } from '@gensyn/ir';
import type { Machine } from '@gensyn/runtime';
import { isDeepStrictEqual } from 'node:util';
import type { ClaimRecord } from '../artefacts/index.js';
import { readClaim, readTask, type Claim } from '../chain/index.js';
import { faulty, type Lies } from '../witness/index.js';
import { faultOf, type Cheat } from './cheat.js';
import type { Note } from './journal.js';
import type { Party } from './party.js';
import { runClaim } from './run-claim.js';
import type { OpenJob, Shelf, Stretch } from './shelf.js';

/** What a claim is of: after a reorganisation its number may be another's. */
type Subject = Readonly<{ task: number; job: string; from: number; before: string }>;

/** What is noted of an own claim. */
export interface ClaimNote extends Note {
  /** Not in notes of earlier versions. */
  readonly of?: Subject;
  readonly cheat?: Cheat;
  /** What the lie is chosen by. */
  readonly seed: number;
}

/** Where an own claim is worked on, and by what. */
export interface Place {
  readonly open: OpenJob;
  readonly folder: string;
  readonly note: ClaimNote;
  readonly liar: { readonly machine: Machine; readonly lies: Lies } | undefined;
}

/** Training cannot go on, whoever does it. */
const DIVERGED: ReadonlySet<string> = new Set(['R0401', 'R0402']);
/** Nor from a state that a lie has led to, which no run gets to. */
const STUCK: ReadonlySet<string> = new Set([...DIVERGED, 'R0403']);
const PROGRESS_MS = 1000;

export interface OwnClaims {
  noteOf(claim: Claim): Promise<ClaimNote>;
  placeOf(claim: Claim): Promise<Place>;
  checkStillThat(id: number, note: ClaimNote): Promise<void>;
  run(
    claim: Claim,
    place: Place,
    stretch: Stretch,
    signal: AbortSignal,
    recorded: (records: readonly ClaimRecord[]) => Promise<void>,
  ): Promise<ClaimRecord[]>;
  /** Its note and its folder. */
  forget(claim: number): void;
}

/** @param cheats one for each claim in turn; honest after the last */
export function openOwnClaims(party: Party, shelf: Shelf, cheats: readonly (Cheat | undefined)[]): OwnClaims {
  const { view, journal, client } = party;
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
      const cheat = cheats[earlier.length];
      return { of, seed: claim.id, ...(cheat ? { cheat } : {}) };
    });
  }

  function forget(claim: number): void {
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
      if (error instanceof GensynError && STUCK.has(error.code) && liar) {
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

  return { noteOf, placeOf, checkStillThat, run, forget };
}
