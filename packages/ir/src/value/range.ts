/**
 * What is known of every element of a tensor: an interval, how small a non-zero value can be, and on which grid it lies.
 *
 * The grid ("quantum") is the idea that keeps rounding tricks out of the analysis: an integer is a multiple of 1, a sum is a
 * multiple of the coarser grid's finer one, and whatever lies in [2^e, 2^(e+1)) is a multiple of 2^(e-23).
 */
import type { TensorData } from './type.js';

export interface Range {
  /** Smallest and largest value, both attained or not; finite for f32. */
  readonly lo: number;
  readonly hi: number;
  /** No non-zero value is smaller in magnitude; Infinity when every value is zero. */
  readonly tiny: number;
  /** Every value is an integer multiple of this power of two. 1 or more means integers. */
  readonly quantum: number;
  /** Some element may be -0. */
  readonly negativeZero: boolean;
  /** Every value is a positive power of two. */
  readonly powerOfTwo: boolean;
}

/** Largest finite and smallest normal binary32. */
export const F32_MAX = 3.4028234663852886e38;
export const F32_TINY = 2 ** -126;
export const I32_MIN = -(2 ** 31);
export const I32_MAX = 2 ** 31 - 1;

/** Exponent of a positive finite number: 2^e <= x < 2^(e+1). */
export function exponentOf(x: number): number {
  let e = Math.floor(Math.log2(x));
  // Math.log2 may round up to an integer just below a power of two, and down just above.
  if (2 ** e > x) e--;
  else if (2 ** (e + 1) <= x) e++;
  return e;
}

/** Distance between neighbouring binary32 values at magnitude x > 0. */
export function ulp(x: number): number {
  return 2 ** (Math.max(exponentOf(x), -126) - 23);
}

export function magnitude(r: Range): number {
  return Math.max(Math.abs(r.lo), Math.abs(r.hi));
}

/** Smallest magnitude an element can have, zero if zero is possible. */
export function smallest(r: Range): number {
  return r.lo > 0 ? r.lo : r.hi < 0 ? -r.hi : 0;
}

export function containsZero(r: Range): boolean {
  return r.lo <= 0 && r.hi >= 0;
}

export function canBeNegative(r: Range): boolean {
  return r.lo < 0 || r.negativeZero;
}

export function canBePositive(r: Range): boolean {
  return r.hi >= 0;
}

/** Completes a range: each of interval, tiny and quantum sharpens the others. */
export function range(part: {
  lo: number;
  hi: number;
  tiny?: number;
  quantum?: number;
  negativeZero?: boolean;
  powerOfTwo?: boolean;
}): Range {
  const lo = part.lo === 0 ? 0 : part.lo;
  const hi = part.hi === 0 ? 0 : part.hi;
  const zeroOnly = lo === 0 && hi === 0;
  if (zeroOnly) {
    return {
      lo: 0,
      hi: 0,
      tiny: Infinity,
      quantum: 2 ** 127,
      negativeZero: part.negativeZero ?? false,
      powerOfTwo: false,
    };
  }
  const least = lo > 0 ? lo : hi < 0 ? -hi : 0;
  let tiny = Math.max(part.tiny ?? 0, least);
  let quantum = part.quantum ?? 0;
  tiny = Math.max(tiny, quantum);
  // Not beyond 1, where the neighbours of an i32 are closer than those of an f32.
  if (tiny > 0) quantum = Math.max(quantum, Math.min(ulp(tiny), 1));
  if (quantum === 0) quantum = 2 ** -149;
  if (tiny === 0) tiny = quantum;
  const negativeZero = (part.negativeZero ?? false) && lo <= 0 && hi >= 0;
  return { lo, hi, tiny, quantum, negativeZero, powerOfTwo: (part.powerOfTwo ?? false) && lo > 0 };
}

/** The range of integers lo..hi. */
export function integerRange(lo: number, hi: number): Range {
  return range({ lo, hi, quantum: 1 });
}

export const BOOL_RANGE: Range = integerRange(0, 1);

/** The smallest range that holds both: a value that is one or the other. */
export function union(a: Range, b: Range): Range {
  return range({
    lo: Math.min(a.lo, b.lo),
    hi: Math.max(a.hi, b.hi),
    tiny: Math.min(a.tiny, b.tiny),
    quantum: Math.min(a.quantum, b.quantum),
    negativeZero: a.negativeZero || b.negativeZero,
    powerOfTwo: a.powerOfTwo && b.powerOfTwo,
  });
}

/** Whether every value of `inner` is allowed by `outer`. */
export function within(inner: Range, outer: Range): boolean {
  return (
    inner.lo >= outer.lo &&
    inner.hi <= outer.hi &&
    inner.tiny >= outer.tiny &&
    inner.quantum >= outer.quantum &&
    (!inner.negativeZero || outer.negativeZero) &&
    (!outer.powerOfTwo || inner.powerOfTwo)
  );
}

/** The exact range of given data. Empty data has the range of zero. */
export function rangeOf(data: TensorData): Range {
  let lo = Infinity;
  let hi = -Infinity;
  let tiny = Infinity;
  let negativeZero = false;
  let powerOfTwo = true;
  let quantum = 2 ** 127;
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    if (x < lo) lo = x;
    if (x > hi) hi = x;
    const size = Math.abs(x);
    if (size === 0) {
      powerOfTwo = false;
      if (Object.is(x, -0)) negativeZero = true;
      continue;
    }
    if (size < tiny) tiny = size;
    // Already on the grid, as nearly all are of many: a quotient by a power of two is exact.
    if (!powerOfTwo && Number.isInteger(size / quantum)) continue;
    const grid = quantumOf(size);
    if (grid < quantum) quantum = grid;
    if (powerOfTwo && grid !== size) powerOfTwo = false;
    if (x < 0) powerOfTwo = false;
    if (Number.isNaN(x))
      return { lo: NaN, hi: NaN, tiny: 0, quantum: 2 ** -149, negativeZero, powerOfTwo: false };
  }
  if (data.length === 0) return range({ lo: 0, hi: 0 });
  return range({ lo, hi, tiny, quantum, negativeZero, powerOfTwo });
}

const bits = new DataView(new ArrayBuffer(4));

/** The largest power of two that divides a finite non-zero binary32 (or i32) magnitude. */
export function quantumOf(size: number): number {
  if (!Number.isFinite(size)) return 2 ** -149;
  if (Number.isInteger(size) && size < 2 ** 31) return (size & -size) >>> 0;
  bits.setFloat32(0, size);
  const word = bits.getUint32(0);
  const exponent = Math.max((word >>> 23) & 0xff, 1);
  const mantissa = (word & 0x7fffff) | (((word >>> 23) & 0xff) === 0 ? 0 : 0x800000);
  return (mantissa & -mantissa) * 2 ** (exponent - 150);
}

export function formatRange(r: Range): string {
  const zero = r.negativeZero ? ', may be -0' : '';
  const tiny = r.tiny === Infinity ? '' : `, non-zero >= 2^${exponentOf(r.tiny)}`;
  return `[${r.lo}, ${r.hi}] in steps of 2^${exponentOf(r.quantum)}${tiny}${zero}`;
}
