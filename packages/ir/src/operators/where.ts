import { breaks } from '../verify/rule.js';
import { union } from '../value/range.js';
import { map, numeric } from './map.js';
import { bool, f32, i32 } from './operator.js';

export const Where = map({
  name: 'Where',
  opcode: 16,
  summary: 'a where the condition holds, else b.',
  exactness:
    'Returns one of its operands. Neither may be -0, which the CPU kernel of onnxruntime returns as +0.',
  arity: 3,
  // No bool values: onnxruntime has no such kernel, and And, Or and Not say the same.
  dtype: ([condition, a, b]) => (condition === 'bool' ? numeric([a!, b!]) : undefined),
  range([, a, b]) {
    // onnxruntime merges (condition ? a : 0) and (condition ? 0 : b), taking the one that differs from zero.
    if (a!.negativeZero || b!.negativeZero)
      breaks(
        'zeroSign',
        'Where can choose -0, whose sign depends on the device: normalise it with x + 0 first',
      );
    return union(a!, b!);
  },
  scalar: () => (condition, a, b) => (condition ? a! : b!),
  cases: [
    { name: 'chooses', inputs: [bool([3], [1, 0, 1]), f32([3], [1, 2, 3]), f32([3], [4, 5, 6])] },
    { name: 'broadcasts', inputs: [bool([2, 1], [1, 0]), f32([], [0]), f32([2, 2], [1, 0, 3, -5])] },
    { name: 'integers', inputs: [bool([2], [1, 0]), i32([2], [1, 2]), i32([], [-1])] },
  ],
});
