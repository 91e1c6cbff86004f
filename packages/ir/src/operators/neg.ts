import { containsZero, range } from '../value/range.js';
import { unwrapped } from './bounds.js';
import { map, numeric } from './map.js';
import { f32, i32 } from './operator.js';

export const Neg = map({
  name: 'Neg',
  opcode: 6,
  summary: '-a.',
  exactness: 'Flips the sign bit.',
  arity: 1,
  dtype: numeric,
  range: ([a], [dtype]) =>
    dtype === 'i32'
      ? unwrapped('Neg', -a!.hi, -a!.lo)
      : range({ lo: -a!.hi, hi: -a!.lo, tiny: a!.tiny, quantum: a!.quantum, negativeZero: containsZero(a!) }),
  scalar: ([dtype]) => (dtype === 'i32' ? (a) => -a! | 0 : (a) => -a!),
  cases: [
    { name: 'flips signs', inputs: [f32([4], [1, -2, 0, -0])] },
    { name: 'integers', inputs: [i32([2], [7, -5])] },
  ],
});
