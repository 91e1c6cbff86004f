/** Where a pinpoint game stands, as the contract's events tell it. */
import type { Result } from 'ethers';

/** As in IPinpoint.sol. */
export const LEVELS = [
  'run',
  'attestation',
  'segment',
  'step',
  'state',
  'tensor',
  'element',
  'terms',
  'value',
] as const;
export type Level = (typeof LEVELS)[number];
export const levelNumber = (level: Level): number => LEVELS.indexOf(level);

/** Outcomes of a game, by their number. */
export const OUTCOMES = ['open', 'defender', 'challenger', 'neither'] as const;

/** 0 defends the claim, 1 challenges it. */
export type Side = 0 | 1;

/** IPinpoint's Descent, with every integer a number; roots 0x-prefixed. */
export interface Descent {
  readonly job: string;
  readonly graph: string;
  readonly entries: number;
  readonly interval: number;
  readonly step: number;
  readonly steps: number;
  readonly before: string;
  readonly level: Level;
  readonly depth: number;
  readonly leftHeight: number;
  readonly index: number;
  readonly count: number;
  readonly nodes: readonly [string, string];
  readonly left: string;
  readonly opened: readonly [string, string];
  readonly traces: readonly [string, string];
  readonly partials: readonly [string, string];
  readonly operator: number;
  readonly element: number;
  /** undefined where the value is a whole element. */
  readonly term: number | undefined;
  readonly dtype: number;
  readonly elements: number;
  readonly terms: number;
}

const NO_TERM = 2n ** 64n - 1n;

/** Reads the struct out of an event or a call. */
export function readDescent(result: Result): Descent {
  const fields = result.toObject() as Record<string, unknown>;
  const plain: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === 'bigint') plain[key] = Number(value);
    else plain[key] = typeof value === 'string' ? value : [...(value as Result)];
  }
  plain['level'] = LEVELS[plain['level'] as number];
  if (fields['term'] === NO_TERM) plain['term'] = undefined;
  return plain as unknown as Descent;
}

/** The struct as the contract takes it. */
export function writeDescent(descent: Descent) {
  return {
    ...descent,
    level: levelNumber(descent.level),
    nodes: [...descent.nodes],
    opened: [...descent.opened],
    traces: [...descent.traces],
    partials: [...descent.partials],
    term: descent.term ?? NO_TERM,
  };
}
