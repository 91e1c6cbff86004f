import { BOOL_RANGE, union } from '../value/range.js';
import { map, numeric } from './map.js';
import { bool, f32 } from './operator.js';

export const Where = map({
  name: 'Where',
  opcode: 16,
  summary: 'a where the condition holds, else b.',
  exactness: 'Returns one of its operands.',
  arity: 3,
  dtype: ([condition, a, b]) => (condition === 'bool' && (a === 'bool' ? b === 'bool' : numeric([a!, b!])) ? a : undefined),
  range: ([, a, b], [, dtype]) => (dtype === 'bool' ? BOOL_RANGE : union(a!, b!)),
  scalar: () => (condition, a, b) => (condition ? a! : b!),
  cases: [
    { name: 'chooses', inputs: [bool([3], [1, 0, 1]), f32([3], [1, 2, 3]), f32([3], [4, 5, 6])] },
    { name: 'broadcasts', inputs: [bool([2, 1], [1, 0]), f32([], [0]), f32([2, 2], [1, -0, 3, -0])] },
  ],
});
