/** ONNX's constants, shapes, comparisons and casts: the arithmetic around a network, done while it is imported. */
import { DataType } from '@gensyn/ir';
import { select } from '../../tensor/selection.js';
import type { ElementType } from '../../tensor/tensor.js';
import { expand, fold, reserve, tensorOf } from '../algebra.js';
import {
  axisOf,
  floats,
  integer,
  integers,
  list,
  number,
  numbers,
  operand,
  refuse,
  tensorAttribute,
  type Family,
  type ImportedOperator,
  type Operation,
} from '../operation.js';
import { elementTypeOf } from '../read-tensor.js';
import { known, knownScalar, knownVector, traced, type Value } from '../value.js';

function allConstant(o: Operation) {
  return o.inputs.map((_, i) => {
    const value = operand(o, i);
    return value.kind === 'known'
      ? value
      : refuse(
          'it can be computed of constants only',
          'choose between values with Where and a constant mask',
        );
  });
}

function comparison(compare: (a: number, b: number) => boolean): ImportedOperator {
  return {
    operands: [2, 2],
    limits: 'constants only',
    build: (o) => fold(o.algebra, allConstant(o), 'bool', (a, b) => Number(compare(a!, b!))),
  };
}

function logical(f: (...values: number[]) => boolean, operands: number): ImportedOperator {
  return {
    operands: [operands, operands],
    limits: 'constants only',
    build: (o) => fold(o.algebra, allConstant(o), 'bool', (...values) => Number(f(...values))),
  };
}

/** Canonical values are finite and no NaN, so these are false of everything that is computed. */
function never(f: (x: number) => boolean, attributes: readonly string[] = []): ImportedOperator {
  return {
    operands: [1, 1],
    attributes,
    build(o) {
      const x = operand(o, 0);
      if (x.kind === 'known') return fold(o.algebra, [x], 'bool', (value) => Number(f(value!)));
      return known('bool', x.shape, reserve(o.algebra, x.shape));
    },
  };
}

function typeOf(to: number): ElementType {
  const type = elementTypeOf(to);
  if (to === DataType.float16 || to === DataType.bfloat16)
    refuse('it rounds to half precision', 'export the network in float32');
  return type ?? refuse(`element type ${to} is not supported`);
}

function cast(o: Operation, type: ElementType): Value {
  const x = operand(o, 0);
  if (x.kind === 'known') {
    if (type === 'i32' && x.data.some((value) => !Number.isFinite(value))) refuse('a value is no integer');
    return fold(o.algebra, [x], type, (value) => value!);
  }
  if (x.type === type) return x;
  return refuse(
    `it turns ${x.type} that are not constant into ${type}`,
    'declare the column of the data with the type that the network needs',
  );
}

function where(o: Operation): Value {
  const [mask, a, b] = [operand(o, 0), operand(o, 1), operand(o, 2)];
  if (mask.type !== 'bool') refuse('its condition is no truth value');
  if (mask.kind === 'known' && a.kind === 'known' && b.kind === 'known')
    return fold(o.algebra, [mask, a, b], a.type, (c, x, y) => (c !== 0 ? x! : y!));
  const first = mask.kind === 'known' ? mask.data[0] : undefined;
  if (mask.kind === 'known' && first !== undefined && mask.data.every((c) => c === first)) {
    const taken = expand(o.algebra, first !== 0 ? a : b, mask.shape);
    return expand(o.algebra, taken, (first !== 0 ? b : a).shape);
  }
  return traced(select(tensorOf(o.algebra, mask), floats(o, a), floats(o, b)));
}

/** The one attribute that a Constant node has. */
function literal(o: Operation): Value {
  const { attributes } = o.node;
  if (attributes.size !== 1) refuse('a Constant has one attribute');
  const tensor = tensorAttribute(o, 'value');
  if (tensor) return tensor;
  if (attributes.has('value_float')) return knownScalar('f32', number(o, 'value_float', 0));
  if (attributes.has('value_int')) return knownScalar('i32', integer(o, 'value_int', 0));
  const ints = list(o, 'value_ints');
  if (ints) return knownVector(ints);
  const reals = numbers(o, 'value_floats') ?? refuse('it holds no numbers');
  return known('f32', [reals.length], Float64Array.from(reals));
}

function range(o: Operation): Value {
  const [start, limit, step] = allConstant(o);
  const [from, to, by] = [start!.data[0]!, limit!.data[0]!, step!.data[0]!];
  const length = Math.max(0, Math.ceil((to - from) / by));
  if (!Number.isFinite(length)) refuse('its step is 0 or its ends are not finite');
  const out = reserve(o.algebra, [length]);
  for (let i = 0; i < length; i++)
    out[i] = start!.type === 'f32' ? Math.fround(from + i * by) : from + i * by;
  return known(start!.type, [length], out);
}

/** Sums up to each place of an axis, forwards or backwards, with or without the place itself. */
function cumulated(o: Operation): Value {
  const [x, at] = allConstant(o);
  const axis = axisOf(at!.data[0] ?? 0, x!.shape.length);
  const [exclusive, reverse] = [integer(o, 'exclusive', 0) === 1, integer(o, 'reverse', 0) === 1];
  const out = reserve(o.algebra, x!.shape);
  const dim = x!.shape[axis]!;
  const stride = x!.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  out.forEach((_, i) => {
    if (Math.floor(i / stride) % dim !== 0) return;
    let sum = 0;
    for (let n = 0; n < dim; n++) {
      const place = i + (reverse ? dim - 1 - n : n) * stride;
      const value = x!.data[place]!;
      out[place] = exclusive ? sum : sum + value;
      sum += value;
    }
  });
  return known(x!.type, x!.shape, out);
}

export const constants: Family = {
  Constant: {
    operands: [0, 0],
    attributes: ['value', 'value_float', 'value_floats', 'value_int', 'value_ints'],
    build: literal,
  },
  ConstantOfShape: {
    operands: [1, 1],
    attributes: ['value'],
    build(o) {
      const value = tensorAttribute(o, 'value');
      const shape = integers(o, 0, 'shape');
      const out = reserve(o.algebra, shape);
      return known(value?.type ?? 'f32', shape, out.fill(value?.data[0] ?? 0));
    },
  },
  Shape: {
    operands: [1, 1],
    attributes: ['start', 'end'],
    build(o) {
      const { shape } = operand(o, 0);
      return knownVector(shape.slice(integer(o, 'start', 0), integer(o, 'end', shape.length)));
    },
  },
  Size: {
    operands: [1, 1],
    build: (o) =>
      knownScalar(
        'i32',
        operand(o, 0).shape.reduce((a, b) => a * b, 1),
      ),
  },
  Range: { operands: [3, 3], build: range },
  Cast: {
    operands: [1, 1],
    attributes: ['to', 'saturate', 'round_mode'],
    limits: 'of values that are not constant only to their own type',
    build: (o) => cast(o, typeOf(integer(o, 'to', 0))),
  },
  CastLike: {
    operands: [2, 2],
    attributes: ['saturate', 'round_mode'],
    limits: 'of values that are not constant only to their own type',
    build: (o) => cast(o, operand(o, 1).type),
  },
  Equal: comparison((a, b) => a === b),
  Less: comparison((a, b) => a < b),
  LessOrEqual: comparison((a, b) => a <= b),
  Greater: comparison((a, b) => a > b),
  GreaterOrEqual: comparison((a, b) => a >= b),
  And: logical((a, b) => a !== 0 && b !== 0, 2),
  Or: logical((a, b) => a !== 0 || b !== 0, 2),
  Xor: logical((a, b) => (a !== 0) !== (b !== 0), 2),
  Not: logical((a) => a === 0, 1),
  IsNaN: never(Number.isNaN),
  IsInf: never((x) => Math.abs(x) === Infinity),
  Where: { operands: [3, 3], limits: 'constant condition', build: where },
  CumSum: {
    operands: [2, 2],
    attributes: ['exclusive', 'reverse'],
    limits: 'constants only',
    build: cumulated,
  },
};
