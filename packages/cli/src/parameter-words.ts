/** The market's parameters as people read and write them: amounts in tokens, shares in percent, times with their unit. */
import { GensynError } from '@gensyn/ir';
import { parseTokens, tokens, type Values } from '@gensyn/protocol';
import { parseTime } from './amounts.js';
import { nearest } from './nearest.js';
import { duration } from './words.js';

type Kind = 'amount' | 'share' | 'time' | 'count';

/** In the order of the contract, with what each means. */
export const PARAMETERS: Readonly<Record<keyof Values, readonly [Kind, string]>> = {
  minStake: ['amount', 'least stake of a claim'],
  seatStake: ['amount', "stake of a verifier's seat"],
  demandFee: ['amount', 'price of a demand for a piece of a state'],
  stakeShare: ['share', 'stake of a claim, of its reward'],
  bondShare: ['share', 'bond of a challenge, of the stake'],
  feeShare: ['share', 'fees of the committee, on the reward'],
  winnerShare: ['share', 'of what is slashed: to the winner'],
  burnShare: ['share', 'of what is slashed: burned'],
  bonusShare: ['share', 'of the jackpot: to a winner'],
  idleShare: ['share', 'of a stake: lost by silence'],
  committee: ['count', 'seats drawn for a claim'],
  commitTime: ['time', 'window to commit attestations'],
  revealTime: ['time', 'window to reveal them'],
  challengeTime: ['time', 'window to challenge'],
  clock: ['time', 'time of a player in a dispute'],
  seedDelay: ['count', 'blocks before the sample is drawn'],
};

export function parameterText(name: keyof Values, value: bigint | number): string {
  const [kind] = PARAMETERS[name];
  if (kind === 'amount') return tokens(BigInt(value));
  if (kind === 'share') return `${Number((Number(value) / 10_000).toFixed(4))}%`;
  return kind === 'time' ? duration(Number(value)) : String(value);
}

/** `feeShare=12%` pairs. Errors: U0107, U0108, U0109. */
export function parseChanges(pairs: readonly string[]): Partial<Values> {
  const changes: Record<string, bigint | number> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const [name, text] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    if (at <= 0 || !Object.hasOwn(PARAMETERS, name)) {
      const close = nearest(at <= 0 ? pair : name, Object.keys(PARAMETERS));
      throw new GensynError('U0107', `'${pair}' names no parameter and its value`, {
        help:
          close === undefined
            ? '`gensyn governance show` lists the parameters; write for instance feeShare=12%'
            : `did you mean ${close}=...?`,
      });
    }
    changes[name] = parseParameter(PARAMETERS[name as keyof Values][0], name, text);
  }
  return changes as Partial<Values>;
}

function parseParameter(kind: Kind, name: string, text: string): bigint | number {
  if (kind === 'amount') return parseTokens(text);
  if (kind === 'time') return parseTime(text, name);
  const match = kind === 'share' ? /^(\d{1,5}(?:\.\d{1,4})?)%$/.exec(text) : /^(\d{1,4})$/.exec(text);
  if (!match) {
    throw new GensynError('U0108', `${name}=${text} is no ${kind === 'share' ? 'share' : 'number'}`, {
      help: kind === 'share' ? 'write 12% or 0.5%' : 'write a whole number',
    });
  }
  return kind === 'share' ? Math.round(Number(match[1]) * 10_000) : Number(match[1]);
}
