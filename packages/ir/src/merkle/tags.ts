/** The constants that keep the kinds of Merkle hashes apart: ASCII, padded with zeros to 32 bytes. */
import type { DType } from '../value/type.js';

function tag(text: string): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set(new TextEncoder().encode(text));
  return bytes;
}

/** Second half of a leaf's hash input. No digest equals it, so no leaf can pass for an inner node. */
export const LEAF_TAG = tag('gensyn/leaf/v1');
export const TENSOR_TAG = tag('gensyn/tensor/v1');
export const LIST_TAG = tag('gensyn/list/v1');
export const STATE_ENTRY_TAG = tag('gensyn/state-entry/v1');

/** Element types that are committed; `u8` occurs in data sets only. */
export type CommittedType = DType | 'u8';

/** Numbers of the element types inside hashes (ONNX's TensorProto.DataType) and bytes of an element. */
export const committedTypes: {
  readonly [T in CommittedType]: { readonly code: number; readonly size: 1 | 4 };
} = {
  f32: { code: 1, size: 4 },
  u8: { code: 2, size: 1 },
  i32: { code: 6, size: 4 },
  bool: { code: 9, size: 1 },
};
