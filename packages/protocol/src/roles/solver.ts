/** Takes tasks, trains them, delivers and proves, and defends what it has delivered. */
import { digestFromHex } from '@gensyn/ir';
import { checkpointFile } from '@gensyn/runtime';
import { hexlify } from 'ethers';
import fs from 'node:fs';
import { publishClaim, type ClaimRecord } from '../artefacts/index.js';
import { claimEnded, type Claim } from '../chain/index.js';
import { nodeTree } from '../pinpoint/index.js';
import type { Agent } from './agent.js';
import { checkMayCheat, type Cheat } from './cheat.js';
import { openAnswers, type Held } from './demand-answers.js';
import type { Duties } from './duties.js';
import { handOf } from './hand.js';
import type { Note } from './journal.js';
import { openKeeper } from './keeper.js';
import { misplayOf } from './misplay.js';
import { openOwnClaims, type Place } from './own-claims.js';
import type { Party } from './party.js';
import { playGames, type Hand } from './player.js';
import { recordsOfRun } from './run-claim.js';
import type { Shelf } from './shelf.js';
import { openTaskPicker, type PickerOptions } from './task-picker.js';
import { tellEnd } from './tell-end.js';
import { statesOfRun } from './work-folder.js';

export interface SolverOptions extends PickerOptions {
  /** Ends when one claim has: that which was being worked on, or a new one. */
  readonly once?: boolean;
  /** One for each claim in turn; honest after the last. */
  readonly cheats?: readonly (Cheat | undefined)[];
}

/** Part of the time for a claim that is kept for delivering, in seconds at least and at most. */
const MARGIN = { share: 0.1, least: 3, most: 120 } as const;
/** A CID of nothing that anybody has. */
const NOWHERE = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';

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

  const own = openOwnClaims(party, shelf, options.cheats ?? []);

  function forget(claim: number): void {
    for (const name of hands.keys()) if (name.startsWith(`${claim} `)) hands.delete(name);
    own.forget(claim);
  }

  async function deliver(
    claim: Claim,
    place: Place,
    from: number,
    records: readonly ClaimRecord[],
  ): Promise<void> {
    await own.checkStillThat(claim.id, place.note);
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
    const place = await own.placeOf(claim);
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
        const records = await own.run(claim, place, stretch, signal, async (so) => {
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
    await own.checkStillThat(id, place.note);
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
      await own.run(claim, place, stretch, party.signal, () => Promise.resolve());
    const roots = recordsOfRun(folder, stretch.from).map(({ stateRoot }) => stateRoot);
    return { stretch, folder, manifest: place.open.job.manifest, roots: roots.slice(0, count) };
  }

  async function makeHand(claim: Claim): Promise<Hand> {
    const place = await own.placeOf(claim);
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
    const place = await own.placeOf(claim);
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
        if (!duties.busy(`work ${claim.id}`)) await own.noteOf(claim);
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
