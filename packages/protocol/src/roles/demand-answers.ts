/** Answers demands for pieces of one's own claims: whoever has the state is paid for showing it, and loses its stake if it does not. */
import { bytesOf, digestFromHex, GensynError, type Manifest } from '@gensyn/ir';
import { checkpointFile, outlined } from '@gensyn/runtime';
import { formatEther } from 'ethers';
import type { Claim } from '../chain/index.js';
import { answerOf, type Answer, type Place, type Shown } from '../pinpoint/index.js';
import type { Duties } from './duties.js';
import type { Party } from './party.js';
import type { Stretch } from './shelf.js';
import type { SeenChallenge } from './view.js';

/** What a claim is over, on disk. */
export interface Held {
  /** State roots of its records, hex. */
  readonly roots: readonly string[];
  readonly stretch: Stretch;
  /** With a checkpoint of each of these states. */
  readonly folder: string;
  readonly manifest: Pick<Manifest, 'state'>;
}

/** Gas of an answer to a demand and of its `resolve`, together: what is measured, and a tenth. */
export const ANSWER_GAS = 450_000n;
/** Answers that are made at once, each with a tensor in memory; and those that are sent and not in a block yet. */
const MOST_MAKING = 2;
const MOST_SENT = 32;
/** Milliseconds between looks at the account's money. */
const LOOK_MS = 60_000;

/**
 * At each look: begins to answer what can still be answered, the oldest first.
 * @param heldOf undefined for somebody who does not answer
 */
export function openAnswers(
  party: Party,
  duties: Duties,
  heldOf: (claim: Claim) => Promise<Held | undefined>,
): () => Promise<void> {
  const { view, client } = party;
  /** Until when, in seconds, each demand may be answered. */
  const untils = new Map<string, number>();
  let waiting: SeenChallenge[] = [];
  let making = 0;
  let sent = 0;
  let looked = -Infinity;

  /** Of this chain: after a reorganisation the number may be another game's. */
  const keyOf = (game: number): string => `${view.turns} ${game}`;

  async function untilOf(game: number): Promise<number> {
    const known = untils.get(keyOf(game));
    if (known !== undefined) return known;
    const { since, clocks } = await client.pinpoint.turnOf(game);
    const until = Number(since + clocks[0]!);
    untils.set(keyOf(game), until);
    return until;
  }

  async function answer({ claim: id, number, game, demand }: SeenChallenge): Promise<void> {
    let place: Place;
    let shown: Answer;
    making++;
    try {
      const claim = await view.claim(id);
      const held = await heldOf(claim);
      if (!held) return;
      party.signal.throwIfAborted();
      place = { root: claim.root, records: held.roots.length, ...demand! };
      shown = made(place, held);
    } finally {
      making--;
    }
    // While this one waits for its block.
    next();
    await party.send(
      `answer a demand for a piece of claim ${id}`,
      () => client.pinpoint.answer.populateTransaction(game, place, shown),
      { claim: id, challenge: number, game },
    );
  }

  function next(): void {
    while (making < MOST_MAKING && sent < MOST_SENT && waiting.length > 0) {
      const challenge = waiting.shift()!;
      duties.begin(`answer ${challenge.game}`, async () => {
        sent++;
        try {
          await answer(challenge);
        } finally {
          sent--;
        }
      });
    }
  }

  /** Says loudly that money for gas runs out: unanswered demands cost the stake. */
  async function lookAtMoney(open: number): Promise<void> {
    if (performance.now() - looked < LOOK_MS) return;
    looked = performance.now();
    const [gas, fees] = await Promise.all([
      client.provider.getBalance(party.account),
      client.provider.getFeeData(),
    ]);
    const needed = BigInt(open) * ANSWER_GAS * (fees.maxFeePerGas ?? fees.gasPrice ?? 0n);
    if (gas >= needed) return;
    party.emit({
      kind: 'error',
      code: 'N0402',
      text: `answering ${open} demand(s) takes ${formatEther(needed)} ETH for gas, and this account has ${formatEther(gas)}: a demand that is not answered costs the stake`,
    });
  }

  return async () => {
    const open = [...view.challenges.values()].filter(({ demand, resolved, game }) => {
      const seen = demand && !resolved ? view.games.get(game) : undefined;
      return seen?.outcome === 'open' && party.isMe(seen.players[0]);
    });
    const untils = await Promise.all(open.map(({ game }) => untilOf(game)));
    // What is too late would be refused.
    waiting = open.filter(({ game }, i) => untils[i]! >= view.now && !duties.busy(`answer ${game}`));
    if (waiting.length === 0) return;
    await lookAtMoney(waiting.length);
    next();
  };
}

/** Reads no more of the state than the tensor that is wanted. Errors: R0201, N0705. */
function made(place: Place, { roots, stretch, folder, manifest }: Held): Answer {
  const step = stretch.from + Math.min(place.record * stretch.interval, stretch.steps);
  return outlined(checkpointFile(folder, step), ({ metadata, read }) => {
    const shown: Shown = {
      // Believed only where they lead to the root of the record.
      entries: manifest.state.map(({ name, dtype, shape }) => {
        const root = metadata.get(`root.${name}`);
        if (root === undefined)
          throw new GensynError(
            'N0705',
            `the checkpoint after ${step} steps does not name the root of '${name}'`,
          );
        return { name, dtype, shape, root: digestFromHex(root) };
      }),
      bytes(entry) {
        const { name } = manifest.state[entry]!;
        const tensor = read(name);
        if (!tensor) throw new GensynError('N0705', `the checkpoint after ${step} steps has no '${name}'`);
        return bytesOf(tensor.data);
      },
    };
    return answerOf(
      place,
      roots.map((root) => digestFromHex(root)),
      shown,
    );
  });
}
