/** The operations of Binary32 and what they must give, from the arithmetic of JavaScript. */
import { operands, type Operands } from './operands.js';

export interface Operation {
  readonly name: string;
  /** Position in the list of the contract that tests deploy. */
  readonly number: number;
  readonly arity: 1 | 2;
  /** What the operands are; f32 unless said otherwise. */
  readonly takes: Operands;
  /** Bits of the result, from bits of the operands, as unsigned numbers. */
  readonly expected: (a: number, b: number) => number;
  /** Most gas that one operation may take. */
  readonly ceiling: number;
}

export const NAN = 0x7fc00000;
const word = new DataView(new ArrayBuffer(4));

export function valueOf(bits: number): number {
  word.setUint32(0, bits);
  return word.getFloat32(0);
}

/** One NaN for all; otherwise the rounding of Math.fround, which is to nearest, ties to even. */
export function bitsOf(value: number): number {
  if (Number.isNaN(value)) return NAN;
  word.setFloat32(0, Math.fround(value));
  return word.getUint32(0);
}

// A binary64 operation on binary32 operands, rounded once more, is the binary32 operation: 53 >= 2 * 24 + 2 places
// (Figueroa, When is double rounding innocuous, 1995); a subnormal result keeps fewer places, which leaves more to spare.
type Scalar = (a: number, b: number) => number;
const float = (f: Scalar) => (a: number, b: number) => bitsOf(f(valueOf(a), valueOf(b)));
const truth = (f: (a: number, b: number) => boolean) => (a: number, b: number) =>
  Number(f(valueOf(a), valueOf(b)));

/** WebAssembly's i32.trunc_sat_f32_s. */
function truncated(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(value))) >>> 0;
}

const list: readonly [string, 1 | 2, (a: number, b: number) => number, number, Operands?][] = [
  ['add', 2, float((a, b) => a + b), 1000, operands.sums],
  ['sub', 2, float((a, b) => a - b), 1000, operands.sums],
  ['mul', 2, float((a, b) => a * b), 1000, operands.products],
  ['div', 2, float((a, b) => a / b), 1000, operands.quotients],
  ['sqrt', 1, float((a) => Math.sqrt(a)), 1000],
  ['lt', 2, truth((a, b) => a < b), 1000, operands.close],
  ['le', 2, truth((a, b) => a <= b), 1000, operands.close],
  ['eq', 2, truth((a, b) => a === b), 1000, operands.close],
  ['abs', 1, float((a) => Math.abs(a)), 1000],
  ['neg', 1, float((a) => -a), 1000],
  ['min', 2, float((a, b) => Math.min(a, b)), 1000, operands.close],
  ['max', 2, float((a, b) => Math.max(a, b)), 1000, operands.close],
  ['fromInt32', 1, (a) => bitsOf(a | 0), 1000, operands.integers],
  ['toInt32', 1, (a) => truncated(valueOf(a)), 1000, operands.nearIntegers],
];

export const OPERATIONS: readonly Operation[] = list.map(
  ([name, arity, expected, ceiling, takes = operands.any], index) => ({
    name,
    number: index,
    arity,
    takes,
    expected,
    ceiling,
  }),
);
