/** Answers demands for pieces of one's own claims: whoever has the state is paid for showing it, and loses its stake if it does not. */
import type { Claim } from '../chain/index.js';
import { digestFromHex } from '@gensyn/ir';
import { answerOf, type Place } from '../pinpoint/index.js';
import type { States } from '../witness/index.js';
import type { Duties } from './duties.js';
import type { Party } from './party.js';
import type { Stretch } from './shelf.js';
import type { SeenChallenge } from './view.js';

/** Each holds a whole state while it is made. */
const MOST_AT_ONCE = 4;

/** What a claim is over. */
export interface Held {
  /** State roots of its records, hex. */
  readonly roots: readonly string[];
  readonly states: States;
  readonly stretch: Stretch;
}

/** @param heldOf undefined for somebody who does not answer */
export function answerDemands(
  party: Party,
  duties: Duties,
  heldOf: (claim: Claim) => Promise<Held | undefined>,
): void {
  const { view } = party;
  const open = [...view.challenges.values()].filter(({ demand, resolved, game }) => {
    const seen = demand && !resolved ? view.games.get(game) : undefined;
    return seen?.outcome === 'open' && party.isMe(seen.players[0]);
  });
  // The oldest first: its clock has run for longest.
  let busy = open.filter(({ game }) => duties.busy(keyOf(game))).length;
  for (const challenge of open) {
    if (busy >= MOST_AT_ONCE) return;
    duties.begin(keyOf(challenge.game), () => answer(party, challenge, heldOf));
    if (duties.busy(keyOf(challenge.game))) busy++;
  }
}

const keyOf = (game: number): string => `answer ${game}`;

async function answer(
  party: Party,
  { claim: id, number, game, demand }: SeenChallenge,
  heldOf: (claim: Claim) => Promise<Held | undefined>,
): Promise<void> {
  const { client, view } = party;
  const { since, clocks } = await client.pinpoint.turnOf(game);
  // Too late: it would be refused.
  if (BigInt(view.now) - since > clocks[0]!) return;
  const claim = await view.claim(id);
  const held = await heldOf(claim);
  if (!held) return;
  const { roots, states, stretch } = held;
  const { record, entry, piece } = demand!;
  const place: Place = { root: claim.root, records: roots.length, record, entry, piece };
  const step = stretch.from + Math.min(record * stretch.interval, stretch.steps);
  const shown = answerOf(
    place,
    roots.map((root) => digestFromHex(root)),
    await states.at(step),
  );
  await party.send(
    `answer a demand for a piece of claim ${id}`,
    () => client.pinpoint.answer.populateTransaction(game, place, shown),
    { task: claim.task, claim: id, challenge: number, game },
  );
}
