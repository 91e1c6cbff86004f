/** Where a pinpoint game stands: what the contract stores, and the last move out of its events. */
import { GensynError } from '@gensyn/ir';
import type { Result } from 'ethers';
import { descentHash, OUTCOMES, readDescent, type Descent, type Side } from '../pinpoint/descent.js';
import { events } from './events.js';
import type { MarketClient } from './market-client.js';

export interface Game {
  readonly id: number;
  readonly outcome: (typeof OUTCOMES)[number];
  /** Addresses of the defender and of the challenger. */
  readonly players: readonly [string, string];
  /** Whose move it is, and since when, in seconds. */
  readonly turn: Side;
  readonly since: number;
  /** Seconds that each side had left when the turn began. */
  readonly clocks: readonly [number, number];
  readonly descent: Descent;
  /** What the last mover, the other side, has opened. */
  readonly opened: readonly string[];
  /** Moves made, the opening among them. */
  readonly moves: readonly Moved[];
}

export interface Moved {
  readonly side: Side;
  readonly descent: Descent;
  readonly opened: readonly string[];
  readonly block: number;
  readonly transaction: string;
}

/** Nodes and contents of a move: no contract takes more. */
const MOST_OPENED = 64;

/** @param from block from which on its events are looked for. Errors: N0404 no such game, N0412 the node's events and state do not fit. */
export async function readGame(client: MarketClient, id: number, from?: number): Promise<Game> {
  for (let tries = 0; ; tries++) {
    const [standing, outcome, hash] = await Promise.all([
      client.pinpoint.turnOf(id),
      client.pinpoint.outcomeOf(id),
      client.pinpoint.descentOf(id),
    ]);
    if (standing[2] === 0n) throw new GensynError('N0404', `there is no game ${id} in this market`);
    const range = from === undefined ? {} : { from };
    const [[opening], moved] = await Promise.all([
      events(client, client.pinpoint, 'Opened', [id], { ...range, most: 1 }),
      events(client, client.pinpoint, 'Moved', [id], range),
    ]);
    const last = moved.at(-1);
    // A move between the reads, or an event that the node does not have yet.
    if (!opening || !last || descentHash(last.args['descent'] as Result) !== hash) {
      if (tries < 3) continue;
      throw new GensynError(
        'N0412',
        `the node at ${client.url} does not know the last move of game ${id} yet`,
      );
    }
    const moves = moved.map(({ args, block, transaction }) => ({
      side: Number(args['side']) as Side,
      descent: readDescent(args['descent'] as Result),
      opened: [...(args['opened'] as Iterable<string>)].slice(0, MOST_OPENED),
      block,
      transaction,
    }));
    const { descent, opened } = moves.at(-1)!;
    const [turn, , since, clocks] = standing;
    return {
      id,
      outcome: OUTCOMES[Number(outcome)]!,
      players: [String(opening.args['defender']), String(opening.args['challenger'])],
      turn: Number(turn) as Side,
      since: Number(since),
      clocks: [Number(clocks[0]), Number(clocks[1])],
      descent,
      opened,
      moves,
    };
  }
}
