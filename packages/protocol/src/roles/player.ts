/** Plays pinpoint games: the right move when it is one's turn, judgement at a value, the flag when the other's clock is empty. */
import { writeDescent, nextMove, type Descent, type Side, type Witness } from '../pinpoint/index.js';
import type { Duties } from './duties.js';
import type { Party } from './party.js';
import type { SeenChallenge, SeenGame } from './view.js';

/** What a player has in a game. */
export interface Hand {
  readonly witness: Witness;
  /** Arguments for `judge`: the job, and the proof of the value that one's own trees lead to. */
  judgement(descent: Descent, side: Side): Promise<{ readonly job: JobStruct; readonly proof: string }>;
  /** In place of the right move, for those who cheat: sends something else, or nothing. */
  readonly misplay?: (game: SeenGame, side: Side) => Promise<void>;
}

/** IReferee's Job. */
export interface JobStruct {
  readonly graph: string;
  readonly data: string;
  readonly init: string;
  readonly seed: number;
  readonly batch: number;
  readonly steps: number;
  readonly interval: number;
  readonly holdout: number;
}

export type Decision = 'judge' | 'move' | 'wait';

/** What `side` does in a game that stands so. */
export function decide({ last, outcome }: Pick<SeenGame, 'last' | 'outcome'>, side: Side): Decision {
  if (outcome !== 'open' || !last) return 'wait';
  if (last.descent.level === 'value') return 'judge';
  return last.side === side ? 'wait' : 'move';
}

/** Begins what is to be done in all games of this account. */
export function playGames(
  party: Party,
  duties: Duties,
  handOf: (challenge: SeenChallenge, side: Side) => Promise<Hand>,
  ended: (challenge: SeenChallenge, game: SeenGame, side: Side) => void,
): void {
  const { view } = party;
  for (const challenge of view.challenges.values()) {
    const game = view.games.get(challenge.game);
    if (!game) continue;
    const side = game.players.findIndex((player) => party.isMe(player)) as Side | -1;
    if (side < 0) continue;
    if (game.outcome !== 'open') {
      ended(challenge, game, side as Side);
      continue;
    }
    if (challenge.resolved) continue;
    const key = `game ${game.game}`;
    duties.begin(key, () => act(party, challenge, game, side as Side, handOf));
  }
}

async function act(
  party: Party,
  challenge: SeenChallenge,
  game: SeenGame,
  side: Side,
  handOf: (challenge: SeenChallenge, side: Side) => Promise<Hand>,
): Promise<void> {
  const { pinpoint } = party.client;
  const decision = decide(game, side);
  const about = { claim: challenge.claim, challenge: challenge.number, game: game.game };
  if (decision === 'wait') {
    const { turn, since, clocks } = await pinpoint.turnOf(game.game);
    const left = Number(clocks[Number(turn)]!) - (party.view.now - Number(since));
    if (Number(turn) !== side && left < 0)
      await party.send(
        `flag the other side's empty clock in game ${game.game}`,
        () => pinpoint.flag.populateTransaction(game.game),
        about,
      );
    return;
  }
  const { descent, opened } = game.last!;
  const hand = await handOf(challenge, side);
  if (hand.misplay) return hand.misplay(game, side);
  if (decision === 'judge') {
    const { job, proof } = await hand.judgement(descent, side);
    await party.send(
      `have the value of game ${game.game} judged`,
      () => pinpoint.judge.populateTransaction(game.game, writeDescent(descent), side, job, proof),
      about,
    );
    return;
  }
  const move = await nextMove(hand.witness, descent, opened, side);
  await party.send(
    `move in game ${game.game}, at ${placeOf(descent)}`,
    () => pinpoint.move.populateTransaction(game.game, move),
    about,
  );
}

/** For people. */
export function placeOf({ level, index, depth, step }: Descent): string {
  const at = depth > 0 ? `level ${level}, ${depth} above the leaves` : `leaf ${index} of level ${level}`;
  return `${at}, step ${step}`;
}
