import { pickRange } from './choice.js';
import { float, map } from './map.js';
import { f32 } from './operator.js';

export const Max = map({
  name: 'Max',
  opcode: 9,
  summary: 'The larger operand.',
  exactness: 'Returns one of its operands; they may not be zeros of both signs.',
  arity: 2,
  dtype: float,
  range: ([a, b]) => pickRange('Max', a!, b!, Math.max),
  scalar: () => (a, b) => (a! > b! ? a! : b!),
  cases: [{ name: 'rectifies', inputs: [f32([4], [-3, 0, 2.5, 400]), f32([], [0])] }],
});
