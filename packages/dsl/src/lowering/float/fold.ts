/** Folds of ordinary ONNX over axes, which stay with length 1. */
import { integerAttribute, integersTensor, type Value } from '@gensyn/ir';
import type { LoweringContext } from '../context.js';
import type { FloatBuilder } from './float-builder.js';

export function fold(
  ctx: LoweringContext,
  opType: 'ReduceSum' | 'ReduceMean' | 'ReduceMax',
  x: Value,
  axes: readonly number[],
): Value {
  const shape = x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return (ctx.builder as FloatBuilder).emit(
    opType,
    [x],
    { dtype: 'f32', shape },
    [integerAttribute('keepdims', 1)],
    [integersTensor(axes)],
  );
}
