/** What a random graph draws from: ranges, constants, and a proposal for each operator, which may break a rule. */
import type { GraphBuilder, Value } from './graph/builder.js';
import type { OperatorName } from './operators/index.js';
import type { Attributes } from './operators/operator.js';
import type { Draw } from './random-graph-inputs.js';
import { integerRange, range, type Range } from './value/range.js';
import { elements, type DType, type Shape } from './value/type.js';

export const FLOATS: readonly Range[] = [
  integerRange(-128, 127),
  integerRange(0, 3),
  integerRange(-(2 ** 24), 2 ** 24),
  range({ lo: -1, hi: 127 / 128, quantum: 2 ** -7 }),
  range({ lo: -8, hi: 8, quantum: 2 ** -24 }),
  range({ lo: -8, hi: 8, quantum: 2 ** -20, negativeZero: true }),
  range({ lo: 2 ** -10, hi: 100 }),
  range({ lo: -3, hi: -0.5 }),
  range({ lo: 2 ** -20, hi: 2 ** 20, powerOfTwo: true }),
  range({ lo: 0, hi: 1, tiny: 2 ** -40 }),
  range({ lo: -(2 ** 60), hi: 2 ** 60, tiny: 2 ** -60 }),
  range({ lo: -(2 ** 60), hi: 2 ** 60, tiny: 2 ** -60, negativeZero: true }),
  range({ lo: -3e38, hi: 3e38, tiny: 2 ** -126 }),
  range({ lo: 0, hi: 0, negativeZero: true }),
  range({ lo: 1, hi: 1 }),
];

export const INTEGERS: readonly Range[] = [
  integerRange(0, 2),
  integerRange(-128, 127),
  integerRange(-(2 ** 24), 2 ** 24),
  integerRange(-(2 ** 31), 2 ** 31 - 1),
  integerRange(2 ** 25, 2 ** 25 + 9),
];

/** Constants that rounding, flushing and scaling need, and plain ones. */
const SCALARS = [
  0,
  -0,
  1,
  -1,
  0.5,
  2,
  3,
  127,
  -128,
  1 / 3,
  -0.1,
  1e-6,
  12582912,
  -12582912,
  1.5 * 2 ** 10,
  2 ** -100,
  1e30,
  2 ** 40,
];

export interface Context {
  readonly draw: Draw;
  readonly builder: GraphBuilder;
  readonly pool: readonly Value[];
  readonly axis: number;
  readonly addInput: (dtype: DType, shape: Shape, declared: Range) => Value;
}

export interface Proposal {
  readonly op: OperatorName;
  readonly operands: readonly Value[];
  readonly attributes?: Attributes;
}

export function propose(context: Context, op: OperatorName): Proposal {
  const { draw, builder } = context;
  const any = () => draw.pick(context.pool);
  const of = (dtype: DType) => draw.pick(context.pool.filter((value) => value.type.dtype === dtype));
  /** A value of this type that broadcasts with `like`: of the pool, a row, or a constant. */
  const partner = (like: Value): Value => {
    const { dtype, shape } = like.type;
    const fits = context.pool.filter(
      (v) =>
        v.type.dtype === dtype &&
        v.shape.length <= shape.length &&
        v.shape.every((dim, d) => dim === 1 || dim === shape[d + shape.length - v.shape.length]),
    );
    if (fits.length > 0 && draw.below(3) > 0) return draw.pick(fits);
    if (dtype === 'f32')
      return draw.below(4) === 0
        ? builder.constant(
            Float32Array.from({ length: shape.at(-1) ?? 1 }, () => draw.pick(SCALARS)),
            shape.slice(-1),
          )
        : builder.scalar(draw.pick(SCALARS));
    if (dtype === 'i32')
      return builder.constant(Int32Array.of(draw.pick([0, 1, -1, 3, 127, 2 ** 24, 2 ** 31 - 1])), []);
    return builder.constant(Uint8Array.of(draw.below(2)), []);
  };
  const swapped = (a: Value, b: Value): Value[] => (draw.below(2) ? [a, b] : [b, a]);
  switch (op) {
    case 'Sqrt':
      return { op, operands: [draw.below(2) ? builder.add('Abs', [of('f32')]) : of('f32')] };
    case 'Neg':
      return { op, operands: [of(draw.pick(['f32', 'f32', 'i32']))] };
    case 'Abs':
      return { op, operands: [of('f32')] };
    case 'Not':
      return { op, operands: [of('bool')] };
    case 'And':
    case 'Or': {
      const a = of('bool');
      return { op, operands: swapped(a, partner(a)) };
    }
    case 'Cast':
      return draw.pick([
        () => ({ op, operands: [of('bool')], attributes: { to: draw.pick(['f32', 'i32']) } }),
        () => ({ op, operands: [of('i32')], attributes: { to: 'f32' } }),
        () => ({
          op,
          operands: [rounded(context, clamped(context, of('f32'), 1000))],
          attributes: { to: 'i32' },
        }),
      ])();
    case 'Where': {
      const a = draw.below(4) === 0 ? any() : of('f32');
      const condition = context.pool.filter(
        (v) => v.type.dtype === 'bool' && (v.shape.length === 0 || String(v.shape) === String(a.shape)),
      );
      const chosen =
        condition.length > 0
          ? draw.pick(condition)
          : builder.constant(
              Uint8Array.from({ length: elements(a.shape) }, () => draw.below(2)),
              a.shape,
            );
      return { op, operands: [chosen, ...swapped(a, partner(a))] };
    }
    case 'Reshape': {
      const a = any();
      return {
        op,
        operands: [a],
        attributes: {
          shape: draw.pick([[elements(a.shape)], [1, ...a.shape], [...a.shape, 1], [...a.shape].reverse()]),
        },
      };
    }
    case 'Transpose': {
      const a = any();
      const perm = a.shape.map((_, d) => d);
      for (let d = perm.length - 1; d > 0; d--) {
        const other = draw.below(d + 1);
        [perm[d], perm[other]] = [perm[other]!, perm[d]!];
      }
      return { op, operands: [a], attributes: { perm } };
    }
    case 'Slice': {
      const a = any();
      const starts = a.shape.map((dim) => draw.below(dim));
      const ends = a.shape.map((dim, d) => starts[d]! + 1 + draw.below(dim - starts[d]!));
      return { op, operands: [a], attributes: { starts, ends, steps: a.shape.map(() => 1 + draw.below(3)) } };
    }
    case 'Pad': {
      const a = any();
      return {
        op,
        operands: [a],
        attributes: { before: a.shape.map(() => draw.below(3)), after: a.shape.map(() => draw.below(2)) },
      };
    }
    case 'Expand': {
      const a = any();
      const shape = a.shape.map((dim) => (dim === 1 ? 1 + draw.below(context.axis) : dim));
      return {
        op,
        operands: [a],
        attributes: { shape: draw.below(2) ? shape : [1 + draw.below(3), ...shape] },
      };
    }
    case 'Concat': {
      const a = any();
      const fits = context.pool.filter(
        (v) => v.type.dtype === a.type.dtype && String(v.shape) === String(a.shape),
      );
      return {
        op,
        operands: [a, ...Array.from({ length: draw.below(3) }, () => draw.pick(fits))],
        attributes: { axis: draw.below(Math.max(1, a.shape.length)) },
      };
    }
    case 'Gather': {
      const table = any();
      const rows = table.shape[0] ?? 1;
      const index = draw.below(2)
        ? of('i32')
        : builder.constant(
            Int32Array.from({ length: 4 }, () => draw.below(rows)),
            [2, 2],
          );
      return { op, operands: [table, index] };
    }
    case 'ReduceMax': {
      const a = of('f32');
      const axes = a.shape.map((_, d) => d).filter(() => draw.below(2));
      return {
        op,
        operands: [draw.below(2) ? builder.add('Add', [a, builder.scalar(0)]) : a],
        attributes: { axes },
      };
    }
    case 'Dot': {
      const matrix = draw.pick(context.pool.filter((v) => v.type.dtype === 'f32' && v.shape.length >= 2));
      const a = matrix ?? context.addInput('f32', [2, 3], draw.pick(FLOATS.slice(0, 4)));
      const left = draw.below(2) ? a : rounded(context, clamped(context, a, 128));
      const fits = context.pool.filter(
        (v) => v.type.dtype === 'f32' && v.shape.length >= 2 && v.shape.at(-2) === left.shape.at(-1),
      );
      const right =
        fits.length > 0 && draw.below(2)
          ? draw.pick(fits)
          : context.addInput(
              'f32',
              [left.shape.at(-1)!, 1 + draw.below(context.axis)],
              draw.pick(FLOATS.slice(0, 4)),
            );
      return { op, operands: [left, right] };
    }
    default: {
      const a = of(draw.pick(['f32', 'f32', 'f32', 'i32']));
      return { op, operands: swapped(a, partner(a)) };
    }
  }
}

/** min(max(x + 0, -bound), bound): where x + 0 makes every zero positive. */
function clamped({ builder }: Context, x: Value, bound: number): Value {
  const low = builder.add('Max', [builder.add('Add', [x, builder.scalar(0)]), builder.scalar(-bound)]);
  return builder.add('Min', [low, builder.scalar(bound)]);
}

/** The nearest integer, as x + 1.5 * 2^23 - 1.5 * 2^23. */
function rounded({ builder }: Context, x: Value): Value {
  return builder.add('Sub', [builder.add('Add', [x, builder.scalar(12582912)]), builder.scalar(12582912)]);
}
