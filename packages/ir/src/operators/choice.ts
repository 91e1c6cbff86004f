/** What Min and Max share: the range of picking one operand, and the rule on zeros. */
import { breaks } from '../verify/rule.js';
import { containsZero, range, type Range } from '../value/range.js';

export function pickRange(name: string, a: Range, b: Range, pick: (a: number, b: number) => number): Range {
  if (containsZero(a) && containsZero(b) && (a.negativeZero || b.negativeZero)) {
    breaks('zeroSign', `${name} can meet -0 and +0, and which one it returns depends on the device`);
  }
  return range({
    lo: pick(a.lo, b.lo),
    hi: pick(a.hi, b.hi),
    tiny: Math.min(a.tiny, b.tiny),
    quantum: Math.min(a.quantum, b.quantum),
    negativeZero: a.negativeZero || b.negativeZero,
    powerOfTwo: a.powerOfTwo && b.powerOfTwo,
  });
}
