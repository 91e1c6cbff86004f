import { pickRange } from './choice.js';
import { float, map } from './map.js';
import { f32 } from './operator.js';

export const Min = map({
  name: 'Min',
  opcode: 8,
  summary: 'The smaller operand.',
  exactness: 'Returns one of its operands; they may not be zeros of both signs.',
  arity: 2,
  dtype: float,
  range: ([a, b]) => pickRange('Min', a!, b!, Math.min),
  scalar: () => (a, b) => (a! < b! ? a! : b!),
  cases: [{ name: 'clamps from above', inputs: [f32([4], [-3, 126.5, 127, 400]), f32([], [127])] }],
});
