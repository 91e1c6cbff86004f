/** Places in tensors: coordinates, offsets, and rows of the float64 evaluation. */
import type { Tensor } from '../../src/tensor/tensor.js';

export type Row = (tensor: Tensor, inputs: readonly Float64Array[]) => Float64Array;

export const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export function coordinates(index: number, shape: readonly number[]): number[] {
  const at = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at[axis] = index % shape[axis]!;
    index = Math.floor(index / shape[axis]!);
  }
  return at;
}

export function offset(at: readonly number[], shape: readonly number[]): number {
  return shape.reduce((sum, dim, axis) => sum * dim + at[axis]!, 0);
}

/** Position in `shape` of a coordinate of a shape that it is broadcast to. */
export function broadcastOffset(at: readonly number[], shape: readonly number[]): number {
  const lead = at.length - shape.length;
  return offset(
    shape.map((dim, axis) => (dim === 1 ? 0 : at[axis + lead]!)),
    shape,
  );
}

export function each(shape: readonly number[], value: (at: number[]) => number): Float64Array {
  return Float64Array.from({ length: size(shape) }, (_, i) => value(coordinates(i, shape)));
}
