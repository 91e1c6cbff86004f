/** Solvers that cheat on purpose, on a local chain only: to see that they are caught. */
import { GensynError } from '@gensyn/ir';
import { FAULT_KINDS, randomFault, type Fault, type FaultKind } from '../witness/index.js';
import type { MarketClient } from '../chain/index.js';
import type { Stretch } from './shelf.js';

/** withhold: nothing is published. The last three tell a lie too, and in its game: say nothing, send garbage, send the last move again. */
export const CHEAT_KINDS = [...FAULT_KINDS, 'withhold', 'silence', 'garbage', 'replay'] as const;
export type CheatKind = (typeof CHEAT_KINDS)[number];

export interface Cheat {
  readonly kind: CheatKind;
  /** Counted in the claim. */
  readonly step?: number;
  readonly operator?: number;
  readonly element?: number;
  readonly term?: number;
}

const LOCAL_CHAIN = 31337;
const isFault = (kind: CheatKind): kind is FaultKind => (FAULT_KINDS as readonly string[]).includes(kind);

/**
 * Reads `weight,operator:12.5.3,none`: one for each claim in turn, a kind or none; behind the colon numbers of a step of the claim, an
 * operator, an element, a term. Errors: N0708.
 */
export function parseCheats(text: string): (Cheat | undefined)[] {
  return text.split(',').map((part) => {
    const [kind = '', place] = part.trim().split(':');
    if (kind === 'none' && place === undefined) return undefined;
    const numbers = place === undefined ? [] : place.split('.').map(Number);
    if (
      !(CHEAT_KINDS as readonly string[]).includes(kind) ||
      numbers.length > 4 ||
      numbers.some((n) => !Number.isSafeInteger(n) || n < 0)
    ) {
      throw new GensynError('N0708', `'${part.trim()}' is no way to cheat`, {
        help: `it is one of ${CHEAT_KINDS.join(', ')}, or none; with a place: operator:step.operator.element.term`,
      });
    }
    const [step, operator, element, term] = numbers;
    return {
      kind: kind as CheatKind,
      ...(step === undefined ? {} : { step }),
      ...(operator === undefined ? {} : { operator }),
      ...(element === undefined ? {} : { element }),
      ...(term === undefined ? {} : { term }),
    };
  });
}

/** Errors: N0709 off a local chain. */
export function checkMayCheat({ chainId }: Pick<MarketClient, 'chainId'>): void {
  if (chainId !== LOCAL_CHAIN)
    throw new GensynError('N0709', `cheating is for trying out a local chain, and this is chain ${chainId}`);
}

/** What is computed wrong; undefined for somebody who only withholds. */
export function faultOf(
  { kind, step, operator, element, term }: Cheat,
  run: Stretch,
  seed: number,
): Fault | undefined {
  if (kind === 'withhold') return undefined;
  const fault = randomFault(isFault(kind) ? kind : 'weight', run, seed);
  return {
    ...fault,
    ...(step === undefined || fault.kind === 'initial' || fault.kind === 'stale' || fault.kind === 'skip'
      ? {}
      : { step: run.from + Math.min(step, run.steps - 1) }),
    ...(operator === undefined ? {} : { operator }),
    ...(element === undefined ? {} : { element }),
    ...(term === undefined ? {} : { term }),
  };
}
