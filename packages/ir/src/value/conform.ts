/** Whether the elements of a tensor keep what a range says of them. */
import { quantumOf, type Range } from './range.js';
import type { TensorData } from './type.js';

/** Index of the first element that the range does not allow, or -1. */
export function firstOutside(data: TensorData, r: Range): number {
  const { lo, hi, tiny, quantum, powerOfTwo } = r;
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    const size = Math.abs(x);
    // What nearly all are: a quotient by a power of two is exact, so it is whole for multiples of the quantum alone.
    if (!powerOfTwo && x >= lo && x <= hi && size > 0 && size >= tiny && Number.isInteger(size / quantum))
      continue;
    if (!allows(r, x)) return i;
  }
  return -1;
}

/** Whether one value (finite or not) is allowed. */
export function allows(r: Range, x: number): boolean {
  if (!(x >= r.lo && x <= r.hi)) return false;
  if (x === 0) return !r.powerOfTwo && (!Object.is(x, -0) || r.negativeZero);
  const size = Math.abs(x);
  const grid = quantumOf(size);
  return size >= r.tiny && grid >= r.quantum && (!r.powerOfTwo || (x > 0 && grid === size));
}
