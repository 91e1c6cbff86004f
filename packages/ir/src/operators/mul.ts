import { canBeNegative, canBePositive, containsZero, type Range } from '../value/range.js';
import { finite, normal, unwrapped } from './bounds.js';
import { map, numeric } from './map.js';
import { f32, i32 } from './operator.js';

/** The four corner products of two intervals. */
function corners(a: Range, b: Range): { lo: number; hi: number } {
  const products = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
  return { lo: Math.min(...products), hi: Math.max(...products) };
}

/** Whether a product or quotient of these can be -0: a zero meets the opposite sign. */
export function zeroOfOppositeSign(zero: Range, other: Range): boolean {
  return containsZero(zero) && (canBeNegative(other) || (zero.negativeZero && canBePositive(other)));
}

export const Mul = map({
  name: 'Mul',
  opcode: 3,
  summary: 'a * b, rounded once to nearest even.',
  exactness: 'IEEE-754 multiplication rounds once; every device agrees on normal numbers.',
  arity: 2,
  dtype: numeric,
  range([a, b], [dtype]) {
    const { lo, hi } = corners(a!, b!);
    if (dtype === 'i32') return unwrapped('Mul', lo, hi);
    const tiny = a!.tiny * b!.tiny;
    normal('Mul', tiny, 'a product');
    return finite('Mul', {
      lo,
      hi,
      tiny: Math.fround(tiny),
      quantum: a!.quantum * b!.quantum,
      negativeZero: zeroOfOppositeSign(a!, b!) || zeroOfOppositeSign(b!, a!),
      powerOfTwo: a!.powerOfTwo && b!.powerOfTwo,
    });
  },
  scalar: ([dtype]) => (dtype === 'i32' ? (a, b) => Math.imul(a!, b!) : (a, b) => Math.fround(a! * b!)),
  cases: [
    { name: 'rounds once', inputs: [f32([3], [1.0000001, 3, 0.1]), f32([3], [1.0000001, 1 / 3, 0.1])] },
    { name: 'keeps the sign of zero', inputs: [f32([3], [0, 0, -2]), f32([3], [1, -1, 0])] },
    { name: 'scales by a scalar', inputs: [f32([2, 2], [1, -2, 3, 4]), f32([], [0.0078125])] },
    { name: 'integers', inputs: [i32([2], [7, -5]), i32([2], [6, 3])] },
  ],
});
