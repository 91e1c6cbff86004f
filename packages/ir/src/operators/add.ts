import { containsZero, exponentOf, range, smallest, ulp, type Range } from '../value/range.js';
import { finite, normal, unwrapped } from './bounds.js';
import { map, numeric } from './map.js';
import { f32, i32 } from './operator.js';

/**
 * Range of a + b for f32. The grid of a sum is the finer of the two, but not below 2^(e-24) when one operand is at least
 * 2^e in magnitude: either the other is small and the sum lies near 2^e, or it is large and on a coarse grid itself.
 */
export function sumRange(name: string, a: Range, b: Range, negativeZero: boolean): Range {
  const anchor = Math.max(smallest(a), smallest(b));
  let quantum = Math.min(a.quantum, b.quantum);
  if (anchor > 0) quantum = Math.max(quantum, 2 ** (exponentOf(anchor) - 24));
  const lo = a.lo + b.lo;
  const hi = a.hi + b.hi;
  let tiny = quantum;
  if ((a.lo >= 0 && b.lo >= 0) || (a.hi <= 0 && b.hi <= 0)) tiny = Math.max(tiny, Math.min(a.tiny, b.tiny));
  normal(name, tiny, 'a difference of close operands');
  const least = lo > 0 ? lo : hi < 0 ? -hi : 0;
  if (least > 0) quantum = Math.max(quantum, ulp(Math.fround(least)));
  return finite(name, {
    lo,
    hi,
    tiny,
    quantum,
    negativeZero: negativeZero && containsZero(range({ lo, hi })),
  });
}

export const Add = map({
  name: 'Add',
  opcode: 1,
  summary: 'a + b, rounded once to nearest even.',
  exactness: 'IEEE-754 addition rounds once; every device agrees on normal numbers.',
  arity: 2,
  dtype: numeric,
  range: ([a, b], [dtype]) =>
    dtype === 'i32'
      ? unwrapped('Add', a!.lo + b!.lo, a!.hi + b!.hi)
      : sumRange('Add', a!, b!, a!.negativeZero && b!.negativeZero),
  scalar: ([dtype]) => (dtype === 'i32' ? (a, b) => (a! + b!) | 0 : (a, b) => Math.fround(a! + b!)),
  cases: [
    {
      name: 'rounds ties to even',
      inputs: [f32([4], [1, 1, 16777216, 16777216]), f32([4], [2 ** -24, 3 * 2 ** -24, 1, 3])],
    },
    { name: 'broadcasts a row', inputs: [f32([2, 3], [1, 2, 3, 4, 5, 6]), f32([3], [0.5, -2, 1e10])] },
    { name: 'rounds to integers', inputs: [f32([5], [0.5, 1.5, 2.5, -0.5, 126.4]), f32([], [12582912])] },
    { name: 'opposite operands give +0', inputs: [f32([2], [1.5, -1.5]), f32([2], [-1.5, 1.5])] },
    { name: 'integers', inputs: [i32([3], [1, -5, 2147483640]), i32([3], [2, 3, -7])] },
  ],
});
