import { breaks } from '../verify/rule.js';
import { magnitude } from '../value/range.js';
import { elements, formatType, stridesOf, type Shape } from '../value/type.js';
import { finite, normal } from './bounds.js';
import { broadcastMap, broadcastShape } from './map.js';
import { f32, type IndexMap, type Operator } from './operator.js';
import { walk } from './walk.js';

/** Largest magnitude of a digit, in units of its grid: 8 bits fit every tensor core, VNNI unit and half format exactly. */
export const DIGIT_MAX = 256;
/** Sums stay within this many units of the product's grid, so each partial sum is exact in binary32. */
export const EXACT_SUM = 2 ** 24;

function batchOf(shape: Shape): Shape {
  return shape.slice(0, -2);
}

/** Index map over (batch..., m, n, k) of a matrix operand whose last two axes move with the given iteration axes. */
function matrixMap(shape: Shape, batch: Shape, rows: 'm' | 'k', columns: 'k' | 'n'): IndexMap {
  const own = stridesOf(shape);
  const lead = broadcastMap(batchOf(shape), batch).strides.map((s, d) => {
    const axis = d - (batch.length - batchOf(shape).length);
    return s === 0 ? 0 : own[axis]!;
  });
  const stride = { m: 0, n: 0, k: 0 };
  stride[rows] = own[shape.length - 2]!;
  stride[columns] = own[shape.length - 1]!;
  return { offset: 0, strides: [...lead, stride.m, stride.n, stride.k] };
}

/** The exact product of digits, batched like NumPy matmul: out[..., m, n] = sum over k of a[..., m, k] * b[..., k, n]. */
export const Dot: Operator = {
  name: 'Dot',
  opcode: 64,
  family: 'reduce',
  summary: 'Matrix product of digits; every partial sum is exact, and a zero result is +0.',
  exactness:
    'Operands are multiples of grids q_a and q_b, at most 256 grid units in magnitude, and K max|a| max|b| <= 2^24 q_a q_b: every product and every partial sum is a multiple of q_a q_b within 2^24 units, so it is exact in binary32 and no order, tiling, fused or tensor-core arithmetic can change it.',
  arity: 2,
  attributes: {},
  infer([a, b]) {
    if (
      !a ||
      !b ||
      a.dtype !== 'f32' ||
      b.dtype !== 'f32' ||
      a.shape.length < 2 ||
      b.shape.length < 2 ||
      a.shape.at(-1) !== b.shape.at(-2)
    ) {
      breaks(
        'constraint',
        `Dot cannot multiply ${[a, b].map((t) => (t ? formatType(t) : 'nothing')).join(' with ')}`,
      );
    }
    const batch = broadcastShape([batchOf(a.shape), batchOf(b.shape)]);
    if (!batch) breaks('constraint', `Dot cannot broadcast ${formatType(a)} with ${formatType(b)}`);
    return { dtype: 'f32', shape: [...batch, a.shape.at(-2)!, b.shape.at(-1)!] };
  },
  range([a, b], [type]) {
    const terms = type!.shape.at(-1)!;
    for (const [operand, side] of [
      [a!, 'left'],
      [b!, 'right'],
    ] as const) {
      if (magnitude(operand) > DIGIT_MAX * operand.quantum) {
        breaks(
          'dotOperand',
          `Dot: the ${side} operand is no digit: it spans ${operand.lo} .. ${operand.hi} in steps of ${operand.quantum}`,
        );
      }
    }
    const quantum = a!.quantum * b!.quantum;
    const bound = terms * magnitude(a!) * magnitude(b!);
    if (bound > EXACT_SUM * quantum) {
      breaks(
        'dotBound',
        `Dot: a sum of ${terms} products of up to ${magnitude(a!)} * ${magnitude(b!)} passes 2^24 units`,
      );
    }
    normal('Dot', quantum, 'a product of digits');
    const corners = [a!.lo * b!.lo, a!.lo * b!.hi, a!.hi * b!.lo, a!.hi * b!.hi];
    return finite('Dot', { lo: terms * Math.min(...corners), hi: terms * Math.max(...corners), quantum });
  },
  space([a, b], _attributes, output) {
    const batch = output.shape.slice(0, -2);
    return {
      fold: [a!.shape.at(-1)!],
      maps: [matrixMap(a!.shape, batch, 'm', 'k'), matrixMap(b!.shape, batch, 'k', 'n')],
    };
  },
  evaluate([a, b], attributes, output) {
    const out = new Float32Array(elements(output.shape));
    const { fold, maps } = this.space([a!, b!], attributes, output);
    const terms = fold[0]!;
    const [stepA, stepB] = maps.map((m) => m.strides.at(-1)!);
    const outer = maps.map((m) => ({ offset: m.offset, strides: m.strides.slice(0, -1) }));
    walk(output.shape, outer, (i, at) => {
      let sum = 0;
      for (let k = 0; k < terms; k++) sum += a!.data[at[0]! + k * stepA!]! * b!.data[at[1]! + k * stepB!]!;
      out[i] = sum + 0;
    });
    return out;
  },
  cases: [
    {
      name: 'matrix product',
      inputs: [f32([2, 3], [1, -2, 3, 127, 0, -128]), f32([3, 2], [4, 5, -6, 7, 8, -128])],
    },
    { name: 'zero is positive', inputs: [f32([1, 1], [-5]), f32([1, 1], [0])] },
    { name: 'batched', inputs: [f32([2, 1, 2], [1, 2, 3, 4]), f32([2, 2, 1], [5, 6, 7, -8])] },
    {
      name: 'one matrix for the whole batch',
      inputs: [f32([2, 1, 2], [1, 2, 3, 4]), f32([2, 2], [5, 6, 7, -8])],
    },
    { name: 'on a finer grid', inputs: [f32([1, 2], [0.5, 1]), f32([2, 1], [3, -128])] },
  ],
};
