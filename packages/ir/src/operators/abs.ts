import { magnitude, range, smallest } from '../value/range.js';
import { float, map } from './map.js';
import { f32 } from './operator.js';

export const Abs = map({
  name: 'Abs',
  opcode: 7,
  summary: '|a|; the result is never -0.',
  exactness: 'Clears the sign bit.',
  arity: 1,
  dtype: float,
  range: ([a]) =>
    range({
      lo: smallest(a!),
      hi: magnitude(a!),
      tiny: a!.tiny,
      quantum: a!.quantum,
      powerOfTwo: a!.powerOfTwo,
    }),
  scalar: () => (a) => Math.abs(a!),
  cases: [{ name: 'clears signs', inputs: [f32([4], [1, -2, 0, -0])] }],
});
