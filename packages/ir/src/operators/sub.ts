import { containsZero, range } from '../value/range.js';
import { sumRange } from './add.js';
import { unwrapped } from './bounds.js';
import { map, numeric } from './map.js';
import { f32, i32 } from './operator.js';

export const Sub = map({
  name: 'Sub',
  opcode: 2,
  summary: 'a - b, rounded once to nearest even.',
  exactness: 'IEEE-754 subtraction rounds once; every device agrees on normal numbers.',
  arity: 2,
  dtype: numeric,
  range: ([a, b], [dtype]) =>
    dtype === 'i32'
      ? unwrapped('Sub', a!.lo - b!.hi, a!.hi - b!.lo)
      : sumRange(
          'Sub',
          a!,
          range({ lo: -b!.hi, hi: -b!.lo, tiny: b!.tiny, quantum: b!.quantum }),
          a!.negativeZero && containsZero(b!),
        ),
  scalar: ([dtype]) => (dtype === 'i32' ? (a, b) => (a! - b!) | 0 : (a, b) => Math.fround(a! - b!)),
  cases: [
    { name: 'cancels', inputs: [f32([3], [1, 16777217, 1.0000001]), f32([3], [1, 1, 1])] },
    { name: 'broadcasts a column', inputs: [f32([2, 2], [1, 2, 3, 4]), f32([2, 1], [0.1, 0.2])] },
    { name: 'integers', inputs: [i32([2], [1, -5]), i32([2], [2, 3])] },
  ],
});
