/** Says how claims and games have ended, each once. */
import { tokens, type Claim } from '../chain/index.js';
import type { Party } from './party.js';
import type { SeenChallenge, SeenGame } from './view.js';

export interface TellEnd {
  (claim: Claim): void;
  game(challenge: SeenChallenge, game: SeenGame): void;
}

export function tellEnd(party: Party): TellEnd {
  const said = new Set<string>();
  const once = (key: string, say: () => void): void => {
    if (said.has(key)) return;
    said.add(key);
    say();
  };
  const tell = (claim: Claim): void =>
    once(`claim ${claim.id}`, () =>
      party.emit({
        kind: 'ended',
        text: `claim ${claim.id} is ${claim.status}${claim.status === 'settled' ? `, for ${tokens((claim.reward * BigInt(claim.delivered)) / BigInt(claim.steps))}` : ''}`,
        task: claim.task,
        claim: claim.id,
        status: claim.status,
      }),
    );
  return Object.assign(tell, {
    game: (
      { claim, number, resolved, demand }: SeenChallenge,
      { game, outcome, players }: SeenGame,
    ): void => {
      // What had ended before this process began is no news.
      if (resolved && !said.has(`game ${game}`)) said.add(`game ${game}`);
      once(`game ${game}`, () => {
        const winner =
          outcome === 'defender' ? players[0] : outcome === 'challenger' ? players[1] : undefined;
        party.emit({
          kind: 'verdict',
          text: demand
            ? `the demand for a piece of claim ${claim} was ${outcome === 'defender' ? '' : 'not '}answered`
            : `game ${game} about claim ${claim}: ${winner === undefined ? 'neither side was right' : party.isMe(winner) ? 'won' : 'lost'}`,
          claim,
          challenge: number,
          game,
          outcome,
        });
      });
    },
  });
}
