import { breaks } from '../verify/rule.js';
import { containsZero, magnitude, smallest } from '../value/range.js';
import { finite, normal } from './bounds.js';
import { float, map } from './map.js';
import { zeroOfOppositeSign } from './mul.js';
import { f32 } from './operator.js';

export const Div = map({
  name: 'Div',
  opcode: 4,
  summary: 'a / b, rounded once to nearest even; b is proved to be non-zero.',
  exactness:
    'IEEE-754 division rounds once. WGSL promises less, so a device proves itself or is given an exact correction.',
  arity: 2,
  dtype: float,
  range([a, b]) {
    if (containsZero(b!))
      breaks('finite', `Div by a value that can be zero: the divisor spans ${b!.lo} .. ${b!.hi}`);
    const quotients = [a!.lo / b!.lo, a!.lo / b!.hi, a!.hi / b!.lo, a!.hi / b!.hi];
    const tiny = Math.max(a!.tiny, smallest(a!)) / magnitude(b!);
    normal('Div', tiny, 'a quotient');
    return finite('Div', {
      lo: Math.min(...quotients),
      hi: Math.max(...quotients),
      tiny: Math.fround(tiny),
      quantum: b!.powerOfTwo ? a!.quantum / magnitude(b!) : 0,
      negativeZero: zeroOfOppositeSign(a!, b!),
      powerOfTwo: a!.powerOfTwo && b!.powerOfTwo,
    });
  },
  scalar: () => (a, b) => Math.fround(a! / b!),
  cases: [
    { name: 'rounds once', inputs: [f32([4], [1, 2, 1, 10]), f32([4], [3, 3, 10, 7])] },
    { name: 'by a broadcast row sum', inputs: [f32([2, 2], [1, 3, 2, 5]), f32([2, 1], [4, 7])] },
  ],
});
