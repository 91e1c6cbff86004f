/** Functions on constants. Only those whose result IEEE 754 fixes to the bit, so that a job means the same everywhere. */

export interface ConstantFunction {
  /** Fewest and most arguments. */
  readonly arity: readonly [number, number];
  readonly apply: (...args: number[]) => number;
  readonly doc: string;
}

export const constantFunctions: ReadonlyMap<string, ConstantFunction> = new Map([
  ['sqrt', { arity: [1, 1], apply: Math.sqrt, doc: 'square root' }],
  ['abs', { arity: [1, 1], apply: Math.abs, doc: 'magnitude' }],
  ['floor', { arity: [1, 1], apply: Math.floor, doc: 'largest integer not above' }],
  ['ceil', { arity: [1, 1], apply: Math.ceil, doc: 'smallest integer not below' }],
  ['round', { arity: [1, 1], apply: Math.round, doc: 'nearest integer, halves up' }],
  ['min', { arity: [1, 16], apply: Math.min, doc: 'smallest of its arguments' }],
  ['max', { arity: [1, 16], apply: Math.max, doc: 'largest of its arguments' }],
] satisfies [string, ConstantFunction][]);
