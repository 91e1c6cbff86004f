/** Where a pinpoint game stands, as the contract's events tell it. */
import { concat, keccak256 } from 'ethers';

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

/** IPinpoint's Descent, with every integer a number; roots 0x-prefixed, zeros where there is none yet. */
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
const NO_LEFT = 255;
const NONE = `0x${'00'.repeat(32)}`;
/** From this level on, a step's operators are in dispute, and below it one of them. */
const STEP = LEVELS.indexOf('step');

/** Numbers of a word with their bits, from the highest down. */
const FIRST = { step: 64, steps: 64, interval: 64, entries: 32, level: 8, depth: 8, leftHeight: 8, dtype: 8 };
const SECOND = { index: 64, count: 64, element: 64, operator: 32, terms: 32 };

/** Takes the words of an event apart: Standing.sol says what they are. */
export function readDescent(result: Iterable<string>): Descent {
  const words = [...result];
  const [first, second] = [unpacked(FIRST, words.shift()!), unpacked(SECOND, words.shift()!)];
  const next = (): string => words.shift()!;
  const [job, graph, before] = [next(), next(), next()];
  const pair = (there: boolean): readonly [string, string] => (there ? [next(), next()] : [NONE, NONE]);
  const level = LEVELS[first.level]!;
  const nodes = pair(true);
  const left = first.leftHeight === NO_LEFT ? NONE : next();
  const opened = pair(first.depth === 0 && level !== 'value');
  const traces = pair(first.level >= STEP);
  const last = first.level > STEP ? BigInt(next()) : 0n;
  const term = BigInt.asUintN(64, last);
  const partials = pair(level === 'terms' || (level === 'value' && term !== NO_TERM));
  const trees = { job, graph, before, nodes, left, opened, traces, partials };
  return {
    ...first,
    ...second,
    ...trees,
    level,
    elements: Number(last >> 64n),
    term: term === NO_TERM ? undefined : Number(term),
  };
}

/** The words of a descent, as the contract takes them. */
export function writeDescent(d: Descent): string[] {
  const words = [
    packed(FIRST, { ...d, level: levelNumber(d.level) }),
    packed(SECOND, { ...d }),
    d.job,
    d.graph,
    d.before,
    ...d.nodes,
  ];
  if (d.leftHeight !== NO_LEFT) words.push(d.left);
  if (d.depth === 0 && d.level !== 'value') words.push(...d.opened);
  if (levelNumber(d.level) >= STEP) words.push(...d.traces);
  if (levelNumber(d.level) > STEP)
    words.push(hexWord((BigInt(d.elements) << 64n) | BigInt(d.term ?? NO_TERM)));
  if (d.level === 'terms' || (d.level === 'value' && d.term !== undefined)) words.push(...d.partials);
  return words;
}

/** What the contract stores of a descent. */
export const descentHash = (words: Iterable<string>): string => keccak256(concat([...words]));

function unpacked<Name extends string>(
  bits: Readonly<Record<Name, number>>,
  word: string,
): Record<Name, number> {
  let rest = BigInt(word);
  const names = Object.keys(bits) as Name[];
  const values = names.toReversed().map((name): [Name, number] => {
    const value = Number(BigInt.asUintN(bits[name], rest));
    rest >>= BigInt(bits[name]);
    return [name, value];
  });
  return Object.fromEntries(values) as Record<Name, number>;
}

function packed<Name extends string>(
  bits: Readonly<Record<Name, number>>,
  values: Readonly<Record<NoInfer<Name>, number>>,
): string {
  const names = Object.keys(bits) as Name[];
  return hexWord(names.reduce((word, name) => (word << BigInt(bits[name])) | BigInt(values[name]), 0n));
}

const hexWord = (value: bigint): string => `0x${value.toString(16).padStart(64, '0')}`;
