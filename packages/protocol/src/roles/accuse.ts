/** From a wrong value to a planned challenge, and to the hand that its game is played with. */
import { digestFromHex } from '@gensyn/ir';
import { hexlify, solidityPackedKeccak256 } from 'ethers';
import type { Claim, Task } from '../chain/index.js';
import { beginning, firstOpening, nodeTree, type Descent } from '../pinpoint/index.js';
import { challengeNote, planChallenge, type ChallengeNote, type ChallengePlan } from './challenges.js';
import { handOf } from './hand.js';
import type { Party } from './party.js';
import type { Hand } from './player.js';
import { intervalOf, sampleFolder, type Replayed } from './sample.js';
import type { Shelf } from './shelf.js';
import { statesOfOne, statesOfRun } from './work-folder.js';

/** For a run over a claim's steps: after a reorganisation the number may be that of a claim of something else. */
export function checkFolder(party: Party, task: Task, { id, from, before }: Claim): string {
  const of = solidityPackedKeccak256(
    ['bytes32', 'uint256', 'bytes32'],
    [task.job, task.firstStep + from, before],
  );
  return party.journal.work(`check-${id}/${of.slice(2, 18)}`);
}

type Unopened = Omit<ChallengePlan, 'first'>;

/** Says that the claim's records should be `roots` (hex), of which the first that differs was computed here. */
export async function accuseClaim(
  party: Party,
  shelf: Shelf,
  claim: Claim,
  roots: readonly string[],
  states: ChallengeNote['states'],
): Promise<void> {
  if (challengeNote(party, claim.id, 0)?.disputed === claim.root) return;
  const root = hexlify(nodeTree(roots.map((each) => digestFromHex(each))).root);
  const plan: Unopened = { claim: claim.id, seat: 0, root, disputed: claim.root, before: [], roots, states };
  const task = await party.view.task(claim.task);
  const start = beginning(
    {
      ...(await common(party, claim)),
      step: task.firstStep + claim.from,
      steps: claim.delivered,
      before: claim.before,
      nodes: [claim.root, root],
    },
    'run',
  );
  await settlePlan(party, shelf, claim, plan, start);
}

/** Says that a seat should have attested to what was replayed here. */
export async function accuseSeat(
  party: Party,
  shelf: Shelf,
  claim: Claim,
  seat: number,
  theirs: string,
  sample: Replayed,
  roots: readonly Uint8Array[],
): Promise<void> {
  if (challengeNote(party, claim.id, seat)?.disputed === theirs) return;
  const before =
    claim.sample === 0
      ? []
      : [
          `0x${sample.before}`,
          ...nodeTree(roots)
            .path(claim.sample - 1)
            .map((node) => hexlify(node)),
        ];
  const plan: Unopened = {
    claim: claim.id,
    seat,
    root: sample.trace,
    disputed: theirs,
    before,
    states: { step: sample.from, root: sample.before },
  };
  const start = beginning(
    {
      ...(await common(party, claim)),
      step: sample.from,
      steps: sample.steps,
      before: `0x${sample.before}`,
      nodes: [theirs, sample.trace],
    },
    'attestation',
  );
  await settlePlan(party, shelf, claim, plan, start);
}

async function common(
  { view }: Party,
  claim: Claim,
): Promise<Pick<Descent, 'job' | 'graph' | 'entries' | 'interval'>> {
  const { job, graph, entries, interval } = await view.task(claim.task);
  return { job, graph, entries, interval };
}

async function settlePlan(
  party: Party,
  shelf: Shelf,
  claim: Claim,
  plan: Unopened,
  start: Descent,
): Promise<void> {
  const { witness } = await handOfPlan(party, shelf, claim, plan);
  planChallenge(party, { ...plan, first: await firstOpening(witness, start) });
}

/** What a challenger plays with, again after a restart too. */
export async function handOfPlan(
  party: Party,
  shelf: Shelf,
  claim: Claim,
  { seat, roots, states: where }: Pick<ChallengePlan, 'seat' | 'roots' | 'states'>,
): Promise<Hand> {
  const task = await party.view.task(claim.task);
  const open = await shelf.job(task);
  const folder =
    where === 'run' ? checkFolder(party, task, claim) : sampleFolder(party, claim.id, where.root);
  const states =
    where === 'run' ? statesOfRun(folder, open.job) : statesOfOne(folder, open.job, where.step, where.root);
  return handOf({
    open,
    states,
    folder,
    stretch: seat === 0 ? await shelf.stretch(claim) : intervalOf(task, claim, claim.sample),
    ...(roots ? { roots } : {}),
  });
}

/** What is played with, made once for each claim and plan: numbers may become those of others, and what they are about does not. */
export interface Hands {
  of(
    claim: Claim,
    plan: Pick<ChallengePlan, 'seat' | 'roots' | 'states'> & { readonly root?: string },
  ): Promise<Hand>;
  /** All of a claim. */
  forget(claim: number): void;
}

export function openHands(party: Party, shelf: Shelf): Hands {
  const hands = new Map<number, Map<string, Promise<Hand>>>();
  return {
    of(claim, plan) {
      const { seat, states } = plan;
      const key = [claim.root, claim.before, seat, plan.root, states === 'run' ? states : states.root].join(
        ' ',
      );
      const made = hands.get(claim.id) ?? new Map<string, Promise<Hand>>();
      hands.set(claim.id, made);
      let making = made.get(key);
      if (!making) {
        making = handOfPlan(party, shelf, claim, plan);
        making.catch(() => made.delete(key));
        made.set(key, making);
      }
      return making;
    },
    forget: (claim) => void hands.delete(claim),
  };
}
