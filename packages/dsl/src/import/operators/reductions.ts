/** ONNX's reductions. */
import * as t from '../../tensor/build.js';
import type { Tensor } from '../../tensor/tensor.js';
import { reshape, reserve, transpose } from '../algebra.js';
import {
  axesOf,
  floats,
  integer,
  operand,
  refuse,
  type Family,
  type ImportedOperator,
  type Operation,
} from '../operation.js';
import { largest } from '../largest.js';
import { count, known, traced, type Known, type Value } from '../value.js';

/** Constants: the reduced axes are brought to the end and folded row by row. */
function folded(o: Operation, x: Known, axes: readonly number[], f: (row: Float64Array) => number): Value {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const shape = x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const turned = transpose(o.algebra, x, [...kept, ...axes]) as Known;
  const width = count(axes.map((axis) => x.shape[axis]!));
  const out = reserve(o.algebra, shape);
  out.forEach((_, i) => {
    const value = f(turned.data.subarray(i * width, (i + 1) * width));
    out[i] = x.type === 'f32' ? Math.fround(value) : Math.trunc(value);
  });
  return known(x.type, shape, out);
}

function reduction(
  numbers: (row: Float64Array) => number,
  tensors: ((x: Tensor, axes: readonly number[]) => Tensor) | undefined,
): ImportedOperator {
  return {
    operands: [1, 2],
    attributes: ['axes', 'keepdims', 'noop_with_empty_axes'],
    ...(tensors ? {} : { limits: 'constants only' }),
    build(o) {
      const x = operand(o, 0);
      const rank = x.shape.length;
      const named = axesOf(o, 1, rank) ?? [];
      const none = named.length === 0 && integer(o, 'noop_with_empty_axes', 0) === 1;
      const list = named.length > 0 || none ? named : x.shape.map((_, axis) => axis);
      if (x.kind !== 'known' && !tensors) refuse('it can be computed of constants only');
      const y = x.kind === 'known' ? folded(o, x, list, numbers) : traced(tensors!(floats(o, x), list));
      if (integer(o, 'keepdims', 1) !== 0) return y;
      return reshape(
        o.algebra,
        y,
        x.shape.filter((_, axis) => !list.includes(axis)),
      );
    },
  };
}

const total = (row: Float64Array): number => row.reduce((a, b) => a + b, 0);

export const reductions: Family = {
  ReduceSum: reduction(total, (x, axes) => t.sum(x, axes)),
  ReduceMean: reduction(
    (row) => total(row) / row.length,
    (x, axes) => t.mean(x, axes),
  ),
  ReduceSumSquare: reduction(
    (row) => total(row.map((x) => x * x)),
    (x, axes) => t.sum(t.mul(x, x), axes),
  ),
  ReduceL1: reduction(
    (row) => total(row.map(Math.abs)),
    (x, axes) => t.sum(t.unary('abs', x), axes),
  ),
  ReduceL2: reduction(
    (row) => Math.sqrt(total(row.map((x) => x * x))),
    (x, axes) => t.unary('sqrt', t.sum(t.mul(x, x), axes)),
  ),
  ReduceLogSum: reduction(
    (row) => Math.log(total(row)),
    (x, axes) => t.unary('log', t.sum(x, axes)),
  ),
  ReduceLogSumExp: reduction(
    (row) => Math.log(total(row.map(Math.exp))),
    (x, axes) => {
      const most = largest(x, axes);
      return t.add(most, t.unary('log', t.sum(t.unary('exp', t.sub(x, most)), axes)));
    },
  ),
  ReduceMax: reduction((row) => row.reduce((a, b) => Math.max(a, b), -Infinity), largest),
  ReduceMin: reduction(
    (row) => row.reduce((a, b) => Math.min(a, b), Infinity),
    (x, axes) => t.neg(largest(t.neg(x), axes)),
  ),
  ReduceProd: reduction((row) => row.reduce((a, b) => a * b, 1), undefined),
};
