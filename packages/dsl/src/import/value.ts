/** What an ONNX value is while a network is imported: known now, a weight to be trained, or computed in the step. */
import type { ElementType, Shape, Tensor } from '../tensor/tensor.js';

/**
 * A constant. Integers of every width are `i32` here and held exactly up to 2^53; floats are rounded to binary32.
 */
export interface Known {
  readonly kind: 'known';
  readonly type: ElementType;
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** A float initialiser with at least one axis: a weight where it meets values of the step, a constant where an operator needs one. */
export interface Initial {
  readonly kind: 'initial';
  readonly name: string;
  readonly type: 'f32';
  readonly shape: Shape;
  data(): Float32Array;
}

export interface Traced {
  readonly kind: 'traced';
  readonly type: ElementType;
  readonly shape: Shape;
  readonly tensor: Tensor;
}

export type Value = Known | Initial | Traced;

export const traced = (tensor: Tensor): Traced => ({
  kind: 'traced',
  type: tensor.type,
  shape: tensor.shape,
  tensor,
});

export const count = (shape: Shape): number => shape.reduce((product, dim) => product * dim, 1);

export function known(type: ElementType, shape: Shape, data: Float64Array): Known {
  return { kind: 'known', type, shape, data };
}

export const knownScalar = (type: ElementType, value: number): Known =>
  known(type, [], Float64Array.of(value));

export const knownVector = (values: readonly number[]): Known =>
  known('i32', [values.length], Float64Array.from(values));
