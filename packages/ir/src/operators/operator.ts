/** The form of an operator definition: the single place that says all there is to know of it. */
import type { Range } from '../value/range.js';
import type { DType, Shape, TensorData, TensorType, TensorValue } from '../value/type.js';

export type Family = 'map' | 'move' | 'gather' | 'reduce' | 'source';

/** How an attribute is encoded in the canonical bytes. */
export type AttributeKind = 'dtype' | 'integer' | 'integers';

export type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

/**
 * Where an operand of output element c is found: flat index = offset + sum(strides[d] * c[d]), where c runs over the
 * output axes followed by the fold axes. Outside `window` (half-open, per axis) the operand does not contribute.
 */
export interface IndexMap {
  readonly offset: number;
  readonly strides: readonly number[];
  readonly window?: readonly (readonly [number, number])[];
}

export interface Space {
  /** Axes that are folded away (reductions); empty otherwise. */
  readonly fold: Shape;
  readonly maps: readonly IndexMap[];
}

/** One documented example; tests run it on every device and on chain. */
export interface Case {
  readonly name: string;
  readonly inputs: readonly TensorValue[];
  readonly attributes?: Attributes;
}

export interface Operator {
  readonly name: string;
  /** Append-only: an opcode never changes its meaning. */
  readonly opcode: number;
  readonly family: Family;
  /** One sentence for the operator page. */
  readonly summary: string;
  /** Why its bits are the same on every device. */
  readonly exactness: string;
  readonly arity: number | 'variadic';
  readonly attributes: Readonly<Record<string, AttributeKind>>;
  /** Output type. @throws RuleError (constraint, dtype) */
  infer(inputs: readonly TensorType[], attributes: Attributes): TensorType;
  /** Output range. @throws RuleError when an element could break a rule. */
  range(inputs: readonly Range[], types: readonly TensorType[], attributes: Attributes): Range;
  /** Index maps of the operands, given the output type. */
  space(types: readonly TensorType[], attributes: Attributes, output: TensorType): Space;
  /** Normative evaluation, bit for bit. */
  evaluate(inputs: readonly TensorValue[], attributes: Attributes, output: TensorType): TensorData;
  readonly cases: readonly Case[];
}

export function f32(shape: Shape, values: readonly number[]): TensorValue {
  return { dtype: 'f32', shape, data: Float32Array.from(values) };
}

export function i32(shape: Shape, values: readonly number[]): TensorValue {
  return { dtype: 'i32', shape, data: Int32Array.from(values) };
}

export function bool(shape: Shape, values: readonly number[]): TensorValue {
  return { dtype: 'bool', shape, data: Uint8Array.from(values) };
}

export type ScalarFunction = (...operands: number[]) => number;

export type { DType };
