/** What cheats do in a game in place of the right move. */
import { randomBytes } from 'node:crypto';
import { hexlify } from 'ethers';
import { refusal, type ContractCall } from '../chain/index.js';
import { nextMove, type Move, type Side } from '../pinpoint/index.js';
import type { Note } from './journal.js';
import type { Party } from './party.js';
import type { Hand } from './player.js';
import type { SeenGame } from './view.js';

/** Sends what the contract refuses, once for each turn, or nothing; undefined for cheats that play on as if they were honest. */
export function misplayOf(
  kind: string,
  party: Party,
  hand: Hand,
): ((game: SeenGame, side: Side) => Promise<void>) | undefined {
  if (kind === 'silence') return () => Promise.resolve();
  if (kind !== 'garbage' && kind !== 'replay') return undefined;
  const { pinpoint } = party.client;
  const tried = new Set<string>();
  return async (game, side) => {
    const { descent, opened, side: mover } = game.last!;
    if (mover === side || descent.level === 'value') return;
    const turn = `${game.game} ${descent.level} ${descent.depth} ${descent.index} ${descent.step}`;
    if (tried.has(turn)) return;
    tried.add(turn);
    const right = await nextMove(hand.witness, descent, opened, side);
    const note = `move-${game.game}`;
    const last = party.journal.read<Note & { move: Move }>(note)?.move;
    const move =
      kind === 'garbage'
        ? { ...right, answer: right.answer.map(() => hexlify(randomBytes(32))) }
        : (last ?? right);
    party.journal.write(note, { move });
    const call = (): ContractCall => pinpoint.move.populateTransaction(game.game, move);
    try {
      await party.send(`send ${kind === 'garbage' ? 'garbage' : 'a move'} in game ${game.game}`, call, {
        game: game.game,
      });
    } catch (error) {
      const why = refusal(error);
      if (!why) throw error;
      party.emit({ kind: 'refused', text: `the contract refuses the ${kind}: ${why.name}`, game: game.game });
    }
  };
}
