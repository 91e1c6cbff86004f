/** Element types and shapes of canonical tensors. */

/** `f32` is IEEE-754 binary32 (finite, normal or zero), `i32` two's complement, `bool` one byte 0 or 1. */
export type DType = 'f32' | 'i32' | 'bool';

export type Shape = readonly number[];

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

export type TensorData = Float32Array | Int32Array | Uint8Array;

/** A tensor with its bytes, row-major. */
export interface TensorValue extends TensorType {
  readonly data: TensorData;
}

/** Largest number of elements of one tensor. */
export const MAX_ELEMENTS = 2 ** 31 - 1;
/** Axes of one tensor, and operands of one Concat: what a check on chain can read within its gas. */
export const MAX_RANK = 8;
export const MAX_OPERANDS = 32;

export function elements(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

export function sameType(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

export function allocate(dtype: DType, count: number): TensorData {
  return dtype === 'f32'
    ? new Float32Array(count)
    : dtype === 'i32'
      ? new Int32Array(count)
      : new Uint8Array(count);
}

export function byteWidth(dtype: DType): 1 | 4 {
  return dtype === 'bool' ? 1 : 4;
}

export function formatType(type: TensorType): string {
  return `${type.dtype}[${type.shape.join(', ')}]`;
}

/** The bytes of a tensor, little-endian as on every machine that onnxruntime supports. */
export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
