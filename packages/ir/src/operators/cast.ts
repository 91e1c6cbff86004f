import { breaks } from '../verify/rule.js';
import { BOOL_RANGE, range } from '../value/range.js';
import type { DType } from '../value/type.js';
import { map } from './map.js';
import { bool, f32, i32 } from './operator.js';

const EXACT_LIMIT = 2 ** 24;

export const Cast = map({
  name: 'Cast',
  opcode: 17,
  summary: 'Changes the element type without changing the value: integers within 2^24, and bool to 0 or 1.',
  exactness: 'Only values that both types hold are converted.',
  arity: 1,
  attributes: { to: 'dtype' },
  dtype([from], { to }) {
    const allowed: Record<DType, readonly DType[]> = { bool: ['f32', 'i32'], i32: ['f32'], f32: ['i32'] };
    return allowed[from!].includes(to as DType) ? (to as DType) : undefined;
  },
  range([a], [from]) {
    if (from === 'bool') return BOOL_RANGE;
    if (a!.quantum < 1 || a!.lo < -EXACT_LIMIT || a!.hi > EXACT_LIMIT) {
      breaks(
        'exactCast',
        `Cast of values in ${a!.lo} .. ${a!.hi} that are ${a!.quantum < 1 ? 'not integers' : 'beyond 2^24'}`,
      );
    }
    return range({ lo: a!.lo, hi: a!.hi, tiny: a!.tiny, quantum: a!.quantum, powerOfTwo: a!.powerOfTwo });
  },
  // Adding 0 turns -0 into the +0 that an integer zero is.
  scalar: () => (a) => a! + 0,
  cases: [
    { name: 'mask', inputs: [bool([2], [0, 1])], attributes: { to: 'f32' } },
    { name: 'bool to integer', inputs: [bool([2], [0, 1])], attributes: { to: 'i32' } },
    { name: 'to integer', inputs: [f32([4], [3, -7, 16777216, -0])], attributes: { to: 'i32' } },
    { name: 'to float', inputs: [i32([3], [3, -7, 16777215])], attributes: { to: 'f32' } },
  ],
});
