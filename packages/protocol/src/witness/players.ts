/** Players of pinpoint games: the honest one, and those who lie with their moves. */
import { hexlify } from 'ethers';
import type { Descent, Side } from '../pinpoint/descent.js';
import { firstOpening, nextMove, type Move } from '../pinpoint/next-move.js';
import type { Witness } from '../pinpoint/witness.js';
import { chooser } from './chooser.js';

/** What a player sees when it is its turn. */
export interface Turn {
  readonly descent: Descent;
  /** What the other side has opened. */
  readonly opened: readonly string[];
  readonly side: Side;
}

export interface Player {
  /** What a challenger opens where the game begins. */
  open(descent: Descent): Promise<readonly string[]>;
  /** Undefined: nothing. What does not fit is refused by the contract, and then nothing was said. */
  move(turn: Turn): Promise<Move | undefined>;
  /** Seconds that it lets pass before a move. */
  readonly delay?: number;
}

export function honestPlayer(witness: Witness): Player {
  return {
    open: (descent) => firstOpening(witness, descent),
    move: ({ descent, opened, side }) => nextMove(witness, descent, opened, side),
  };
}

/** Whatever of `player` is left after `moves` right moves, changed. */
function changedAfter(
  player: Player,
  moves: number,
  change: (turn: Turn, move: () => Promise<Move | undefined>) => Promise<Move | undefined>,
): Player {
  let made = 0;
  return {
    ...player,
    move: async (turn) => (made++ < moves ? player.move(turn) : change(turn, () => player.move(turn))),
  };
}

/** Says nothing after so many moves. */
export function silentPlayer(player: Player, moves: number): Player {
  return changedAfter(player, moves, () => Promise.resolve(undefined));
}

/** Moves when its time is over. @param clock seconds of a player for all its moves */
export function latePlayer(player: Player, clock: number): Player {
  return { ...player, delay: clock + 1 };
}

/** Sends malformed moves after so many right ones: one word is another, there is one too many, or one is missing. */
export function garbagePlayer(player: Player, moves: number, seed: number): Player {
  return changedAfter(player, moves, async (_turn, right) => {
    const move = await right();
    return move && garbled(move, seed);
  });
}

function garbled(move: Move, seed: number): Move {
  const choose = chooser(seed);
  const word = hexlify(Uint8Array.from({ length: 32 }, () => choose(256)));
  const lists = (['answer', 'agreed', 'open'] as const).filter((name) => move[name].length > 0);
  const name = lists[choose(lists.length)];
  if (name === undefined || choose(8) === 0) return { ...move, branch: move.branch ^ (1 << choose(5)) };
  const words = [...move[name]];
  const at = choose(words.length);
  const way = choose(3);
  if (way === 0) words[at] = word;
  else if (way === 1) words.splice(at, 1);
  else words.push(word);
  return { ...move, [name]: words };
}

/** Sends its move before again, after so many. */
export function replayingPlayer(player: Player, moves: number): Player {
  let last: Move | undefined;
  const remembering: Player = {
    ...player,
    move: async (turn) => (last = await player.move(turn)),
  };
  return changedAfter(remembering, Math.max(1, moves), () => Promise.resolve(last));
}

/** Opens as its own what the other side has opened, after so many moves. */
export function copycatPlayer(player: Player, moves: number): Player {
  return changedAfter(player, moves, async ({ opened }, right) => {
    const move = await right();
    return move && { ...move, open: [...opened] };
  });
}
