/** Range checks shared by the arithmetic operators: overflow, underflow, integer wrap. */
import { breaks } from '../verify/rule.js';
import { exponentOf, F32_MAX, F32_TINY, I32_MAX, I32_MIN, range, type Range } from '../value/range.js';

interface Part {
  lo: number;
  hi: number;
  tiny?: number;
  quantum?: number;
  negativeZero?: boolean;
  powerOfTwo?: boolean;
}

/** Rounds an exact real interval to binary32 and checks that it is finite. */
export function finite(name: string, part: Part): Range {
  const lo = Math.fround(part.lo);
  const hi = Math.fround(part.hi);
  if (!(lo >= -F32_MAX && hi <= F32_MAX)) {
    breaks('finite', `${name} can overflow: its result spans ${part.lo} .. ${part.hi}`);
  }
  return range({ ...part, lo, hi });
}

/** Checks that a result whose exact non-zero magnitude is at least `tiny` is never subnormal. */
export function normal(name: string, tiny: number, how: string): void {
  if (tiny < F32_TINY)
    breaks(
      'underflow',
      `${name} can be subnormal: ${how} can be as small as 2^${exponentOf(Math.max(tiny, 2 ** -1000))}`,
    );
}

export function unwrapped(name: string, lo: number, hi: number): Range {
  if (lo < I32_MIN || hi > I32_MAX)
    breaks('wrap', `${name} can leave 32 bits: its result spans ${lo} .. ${hi}`);
  return range({ lo, hi, quantum: 1 });
}
