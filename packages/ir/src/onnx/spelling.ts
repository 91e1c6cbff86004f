/** Reads one ONNX node back as an operator with canonical attributes: the reverse of `emitNode`, for any spelling that means the same. */
import { isOperator, type OperatorName } from '../operators/index.js';
import { broadcastShape } from '../operators/map.js';
import type { Attributes } from '../operators/operator.js';
import { elements, type DType, type Shape } from '../value/type.js';
import { breaks } from '../verify/rule.js';
import { DataType } from './data-types.js';
import type { NodeProto } from './messages.js';

export const DTYPE_OF: ReadonlyMap<number, DType> = new Map([
  [DataType.float, 'f32'],
  [DataType.int32, 'i32'],
  [DataType.bool, 'bool'],
]);

export interface Spelling {
  readonly op: OperatorName;
  /** How many of the ONNX operands are operands of the operator; the others are shape-like attributes. */
  readonly operands: number;
  readonly attributes: Attributes;
}

/** What the reader knows of an ONNX operand. */
export interface OperandShape {
  readonly shape?: Shape | undefined;
  /** Elements of a constant int64 vector. */
  readonly integers?: readonly number[] | undefined;
  /** A constant of zeros. */
  readonly zero?: boolean | undefined;
}

/** Attributes of ONNX operators that are read, with the value that may also be left out, if any. */
const ATTRIBUTES: Readonly<Record<string, Readonly<Record<string, bigint | undefined>>>> = {
  Cast: { to: undefined, saturate: 1n },
  Concat: { axis: undefined },
  Gather: { axis: 0n },
  Pad: {},
  ReduceMax: { keepdims: 1n, noop_with_empty_axes: 0n },
  Reshape: { allowzero: 0n },
  Transpose: { perm: undefined },
};

/** ONNX operators that are read: those of the same name, and MatMul for Dot. */
export function operatorOf(opType: string): OperatorName | undefined {
  if (opType === 'MatMul') return 'Dot';
  return isOperator(opType) && !['Dot', 'Input', 'Constant'].includes(opType) ? opType : undefined;
}

/** @throws RuleError operator, constraint, staticShape when the node does not mean what an operator can mean */
export function readSpelling(
  node: NodeProto,
  op: OperatorName,
  operands: readonly (OperandShape | undefined)[],
): Spelling {
  checkAttributes(node, op);
  const first = operands[0]?.shape;
  const count = operands.length;
  const given = (n: number): boolean => n < count && (node.input?.[n] ?? '') !== '';
  /** Operand n as a list of integers. */
  const integers = (n: number, what: string): readonly number[] => {
    const list = operands[n]?.integers;
    if (!list)
      breaks(
        'staticShape',
        `${op}: its ${what} are not a constant int64 vector, so its shape is not known before the run`,
      );
    return list;
  };
  const shape = (): Shape => first ?? breaks('constraint', `${op} has no operand of known shape`);
  const axis = (value: number, rank: number): number => (value < 0 ? value + rank : value);
  switch (op) {
    case 'Cast': {
      const to = DTYPE_OF.get(Number(attribute(node, 'to')?.i ?? 0n));
      if (!to)
        breaks(
          'dtype',
          `Cast to element type ${attribute(node, 'to')?.i ?? 'none'}: only f32, i32 and bool are canonical`,
        );
      return { op, operands: count, attributes: { to } };
    }
    case 'Transpose': {
      const perm = attribute(node, 'perm')?.ints;
      return {
        op,
        operands: count,
        attributes: { perm: perm ? Array.from(perm, Number) : shape().map((_, d) => shape().length - 1 - d) },
      };
    }
    case 'Concat':
      return {
        op,
        operands: count,
        attributes: { axis: axis(Number(attribute(node, 'axis')?.i ?? 0n), shape().length) },
      };
    case 'Reshape': {
      const to = integers(1, 'dimensions').map((dim, d) => (dim === 0 ? (shape()[d] ?? 0) : dim));
      const rest = to.filter((dim) => dim !== -1);
      return {
        op,
        operands: 1,
        attributes: { shape: to.map((dim) => (dim === -1 ? elements(shape()) / elements(rest) : dim)) },
      };
    }
    case 'Expand': {
      const to = broadcastShape([shape(), integers(1, 'dimensions')]);
      return { op, operands: 1, attributes: { shape: to ?? integers(1, 'dimensions') } };
    }
    case 'Slice': {
      const rank = shape().length;
      const starts = integers(1, 'starts');
      const ends = integers(2, 'ends');
      const axes = given(3) ? integers(3, 'axes') : starts.map((_, d) => d);
      const steps = given(4) ? integers(4, 'steps') : starts.map(() => 1);
      const whole = { starts: shape().map(() => 0), ends: [...shape()], steps: shape().map(() => 1) };
      axes.forEach((raw, n) => {
        const d = axis(raw, rank);
        const dim = shape()[d] ?? breaks('constraint', `Slice: there is no axis ${raw}`);
        const clamp = (x: number): number => Math.min(Math.max(x < 0 ? x + dim : x, 0), dim);
        whole.starts[d] = clamp(starts[n] ?? 0);
        whole.ends[d] = clamp(ends[n] ?? dim);
        whole.steps[d] = steps[n] ?? 1;
      });
      return { op, operands: 1, attributes: whole };
    }
    case 'Pad': {
      const pads = integers(1, 'amounts');
      if (given(2) && !operands[2]?.zero) breaks('constraint', 'Pad fills with another value than zero');
      if (given(3)) breaks('constraint', 'Pad names its axes: give an amount for each axis instead');
      return {
        op,
        operands: 1,
        attributes: { before: pads.slice(0, pads.length / 2), after: pads.slice(pads.length / 2) },
      };
    }
    case 'ReduceMax': {
      const rank = shape().length;
      const axes = given(1) ? integers(1, 'axes').map((raw) => axis(raw, rank)) : shape().map((_, d) => d);
      return { op, operands: 1, attributes: { axes: [...axes].sort((a, b) => a - b) } };
    }
    default:
      return { op, operands: count, attributes: {} };
  }
}

function attribute(node: NodeProto, name: string) {
  return node.attribute?.find((entry) => entry.name === name);
}

function checkAttributes(node: NodeProto, op: OperatorName): void {
  const known = ATTRIBUTES[op] ?? {};
  const seen = new Set<string>();
  for (const entry of node.attribute ?? []) {
    const name = entry.name ?? '';
    if (seen.has(name)) breaks('constraint', `${node.opType}: attribute '${name}' is given twice`);
    seen.add(name);
    // ONNX writes the default as text.
    if (op === 'Pad' && name === 'mode' && Buffer.from(entry.s ?? []).toString() === 'constant') continue;
    if (entry.refAttrName || !Object.hasOwn(known, name))
      breaks('constraint', `${node.opType}: attribute '${name}' is not canonical`);
    const wanted = known[name];
    if (wanted !== undefined && entry.i !== wanted)
      breaks(
        'constraint',
        `${node.opType}: attribute '${name}' must be ${wanted}, not ${entry.i ?? 'missing'}`,
      );
  }
}
