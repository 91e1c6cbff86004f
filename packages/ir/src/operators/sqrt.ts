import { breaks } from '../verify/rule.js';
import { finite } from './bounds.js';
import { float, map } from './map.js';
import { f32 } from './operator.js';

export const Sqrt = map({
  name: 'Sqrt',
  opcode: 5,
  summary: 'Square root, rounded once to nearest even; the operand is proved to be non-negative.',
  exactness: 'IEEE-754 square root rounds once. A device whose root does not is given an exact correction.',
  arity: 1,
  dtype: float,
  range([a]) {
    if (a!.lo < 0)
      breaks('finite', `Sqrt of a value that can be negative: the operand spans ${a!.lo} .. ${a!.hi}`);
    return finite('Sqrt', {
      lo: Math.sqrt(a!.lo),
      hi: Math.sqrt(a!.hi),
      tiny: Math.fround(Math.sqrt(a!.tiny)),
      negativeZero: a!.negativeZero,
    });
  },
  scalar: () => (a) => Math.fround(Math.sqrt(a!)),
  cases: [{ name: 'rounds once', inputs: [f32([5], [0, 1, 2, 3, 1e-20])] }],
});
