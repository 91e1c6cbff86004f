/** Comparisons and logic: the results are bool. */
import { BOOL_RANGE } from '../value/range.js';
import { comparison, logical, map } from './map.js';
import { bool, f32, i32, type Operator } from './operator.js';

const EXACT = 'Compares exactly; -0 equals +0.';
const LOGIC = 'Works on single bits.';

export const Less: Operator = map({
  name: 'Less',
  opcode: 10,
  summary: 'a < b.',
  exactness: EXACT,
  arity: 2,
  dtype: comparison,
  range: () => BOOL_RANGE,
  scalar: () => (a, b) => (a! < b! ? 1 : 0),
  cases: [
    { name: 'floats', inputs: [f32([4], [1, 2, 3, -0]), f32([4], [2, 2, 2, 0])] },
    { name: 'integers', inputs: [i32([2], [1, 3]), i32([2], [2, 2])] },
  ],
});

export const LessOrEqual: Operator = map({
  name: 'LessOrEqual',
  opcode: 11,
  summary: 'a <= b.',
  exactness: EXACT,
  arity: 2,
  dtype: comparison,
  range: () => BOOL_RANGE,
  scalar: () => (a, b) => (a! <= b! ? 1 : 0),
  cases: [{ name: 'floats', inputs: [f32([4], [1, 2, 3, -0]), f32([4], [2, 2, 2, 0])] }],
});

export const Equal: Operator = map({
  name: 'Equal',
  opcode: 12,
  summary: 'a = b.',
  exactness: EXACT,
  arity: 2,
  dtype: comparison,
  range: () => BOOL_RANGE,
  scalar: () => (a, b) => (a! === b! ? 1 : 0),
  cases: [
    { name: 'floats', inputs: [f32([3], [1, 2, -0]), f32([3], [2, 2, 0])] },
    { name: 'one-hot', inputs: [i32([3, 1], [0, 2, 1]), i32([3], [0, 1, 2])] },
  ],
});

export const And: Operator = map({
  name: 'And',
  opcode: 13,
  summary: 'Both.',
  exactness: LOGIC,
  arity: 2,
  dtype: logical,
  range: () => BOOL_RANGE,
  scalar: () => (a, b) => a! & b!,
  cases: [{ name: 'truth table', inputs: [bool([4], [0, 0, 1, 1]), bool([4], [0, 1, 0, 1])] }],
});

export const Or: Operator = map({
  name: 'Or',
  opcode: 14,
  summary: 'Either or both.',
  exactness: LOGIC,
  arity: 2,
  dtype: logical,
  range: () => BOOL_RANGE,
  scalar: () => (a, b) => a! | b!,
  cases: [{ name: 'truth table', inputs: [bool([4], [0, 0, 1, 1]), bool([4], [0, 1, 0, 1])] }],
});

export const Not: Operator = map({
  name: 'Not',
  opcode: 15,
  summary: 'Not a.',
  exactness: LOGIC,
  arity: 1,
  dtype: logical,
  range: () => BOOL_RANGE,
  scalar: () => (a) => 1 - a!,
  cases: [{ name: 'truth table', inputs: [bool([2], [0, 1])] }],
});
