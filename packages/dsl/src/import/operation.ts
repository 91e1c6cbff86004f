/** One node while it is imported: its operands and attributes, read with the checks that every operator needs. */
import type { AttributeProto } from '@gensyn/ir';
import type { Shape, Tensor } from '../tensor/tensor.js';
import { constantOf, tensorOf, type Algebra } from './algebra.js';
import { importError } from './import-error.js';
import type { NetworkNode } from './network.js';
import { readTensor, type External } from './read-tensor.js';
import type { Known, Value } from './value.js';

export interface Operation {
  readonly node: NetworkNode;
  readonly opset: number;
  readonly algebra: Algebra;
  /** Undefined for an operand that is left out. */
  readonly inputs: readonly (Value | undefined)[];
  /** Which outputs anything uses. */
  readonly used: readonly boolean[];
  readonly external: External;
  /** A random stream of its own for this node, the same on every compile. */
  stream(): number;
}

/** How an ONNX operator becomes tensors. */
export interface ImportedOperator {
  /** Fewest and most operands. */
  readonly operands: readonly [number, number];
  /** Attributes that are read; a node with any other is refused. */
  readonly attributes?: readonly string[];
  /** What is not covered, in one clause, for the documentation. */
  readonly limits?: string;
  /** Values of the outputs, in order; outputs beyond them are not available. */
  build(o: Operation): Value | readonly Value[];
}

export type Family = Readonly<Record<string, ImportedOperator>>;

/** Refuses the node: what it asks for cannot be imported. */
export function refuse(message: string, help?: string): never {
  throw importError('L0814', message, { help });
}

export function given(o: Operation, index: number): Value | undefined {
  return o.inputs[index];
}

export function operand(o: Operation, index: number): Value {
  return o.inputs[index] ?? refuse(`operand ${index + 1} is missing`);
}

/** An f32 operand as a tensor. */
export function tensor(o: Operation, index: number): Tensor {
  return floats(o, operand(o, index));
}

export function floats(o: Operation, value: Value): Tensor {
  if (value.type !== 'f32') {
    refuse(
      `it computes with ${value.type === 'bool' ? 'truth values' : 'integers'} that are not constant`,
      'only indices of Gather may be integers that are computed in the step',
    );
  }
  return tensorOf(o.algebra, value);
}

/** An operand that must be constant. */
export function constant(o: Operation, index: number, what: string): Known {
  return (
    constantOf(o.algebra, operand(o, index)) ??
    refuse(
      `its ${what} must be constant and is computed in the step`,
      'export the network with fixed shapes but for the batch',
    )
  );
}

/** A constant operand as a list of integers. */
export function integers(o: Operation, index: number, what: string): number[] {
  const { data, shape, type } = constant(o, index, what);
  if (type !== 'i32' || shape.length > 1 || data.length > 4096) refuse(`its ${what} are no list of integers`);
  return [...data];
}

/** A constant operand of one element. */
export function scalarOf(o: Operation, index: number, what: string): number {
  const { data } = constant(o, index, what);
  return data.length === 1 ? data[0]! : refuse(`its ${what} is no single number`);
}

const attribute = (o: Operation, name: string): AttributeProto | undefined => o.node.attributes.get(name);

function present<T>(
  o: Operation,
  name: string,
  read: (attribute: AttributeProto) => T | undefined,
): T | undefined {
  const found = attribute(o, name);
  if (!found) return undefined;
  if (found.refAttrName) refuse(`its attribute '${name}' refers to one of a function`);
  return read(found);
}

export function integer(o: Operation, name: string, fallback: number): number {
  // An absent field is 0 on the wire.
  const value = present(o, name, (found) => Number(found.i ?? 0n));
  if (value !== undefined && !Number.isSafeInteger(value)) refuse(`its attribute '${name}' is too large`);
  return value ?? fallback;
}

export function number(o: Operation, name: string, fallback: number): number {
  const value = present(o, name, (found) => found.f ?? 0) ?? fallback;
  return Number.isFinite(value) ? value : refuse(`its attribute '${name}' is not finite`);
}

export function text(o: Operation, name: string, fallback: string): string {
  const value = present(o, name, (found) => Buffer.from(found.s ?? []).toString('latin1')) ?? fallback;
  return value === '' ? fallback : value;
}

export function list(o: Operation, name: string): number[] | undefined {
  return present(o, name, (found) => {
    const values = Array.from(found.ints ?? [], Number);
    if (values.length > 4096 || !values.every(Number.isSafeInteger))
      refuse(`its attribute '${name}' is no list`);
    return values;
  });
}

export function numbers(o: Operation, name: string): number[] | undefined {
  return present(o, name, (found) => Array.from(found.floats ?? []));
}

export function tensorAttribute(o: Operation, name: string): Known | undefined {
  return present(o, name, (found) => found.t && readTensor(found.t, o.external));
}

/** Axis counted from the front. `rank` axes, or one more where a new one may be named. */
export function axisOf(axis: number, rank: number): number {
  const found = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(found) || found < 0 || found >= rank) refuse(`there is no axis ${axis} of ${rank}`);
  return found;
}

/** Axes from the operand (new opsets) or the attribute (old ones), counted from the front. */
export function axesOf(o: Operation, index: number, rank: number): number[] | undefined {
  const raw = given(o, index) ? integers(o, index, 'axes') : list(o, 'axes');
  const axes = raw?.map((axis) => axisOf(axis, rank));
  if (axes && new Set(axes).size !== axes.length) refuse('it names an axis twice');
  return axes;
}

export const formatShape = (shape: Shape): string => `[${shape.join(', ')}]`;
