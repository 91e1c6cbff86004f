/** Splits a float tensor into small integers, so that products of tensors become exact. */
import {
  DIGIT_MAX,
  elements,
  exponentOf,
  F32_MAX,
  F32_TINY,
  magnitude,
  type Range,
  type Value,
} from '@gensyn/ir';
import { reshaped, type Numerics, type Precision } from './context.js';

/**
 * Weight of a digit over the next. A remainder of half a unit makes 128 in base 256, one more than a byte holds: the last of two digits
 * may saturate there (half a step lost, no pass spent), but a third digit could not make up for it, so three are of base 128.
 */
export function baseOf(precision: Precision): 128 | 256 {
  return precision === 3 ? 128 : 256;
}
/** Units of the dynamic table: the largest magnitude of a tensor lies in (63.75, 127.5] units inside it. */
export const UNIT_FLOOR = 2 ** -34;
export const UNIT_TOP = 2 ** 13;

/**
 * A tensor as x ~ factor * unit * (parts[0] + parts[1] / base + parts[2] / base^2): the format that trained networks to full
 * accuracy with 16 bits (Köster et al., Flexpoint, 2017), cut into bytes.
 */
export interface Digits {
  /** f32 tensors of x's shape; each holds few enough units of its own grid for Dot. */
  readonly parts: readonly Value[];
  /** Scalar, a positive power of two; undefined is 1. */
  readonly unit: Value | undefined;
  /** Scalar of any value; undefined is 1. */
  readonly factor: Value | undefined;
  /** The parts are x/(factor*unit) itself, not an approximation. */
  readonly exact: boolean;
}

export interface DigitOptions {
  readonly precision?: Precision;
  /** |x| is known to stay within this, in practice if not in its range (beyond it values saturate). Saves finding the maximum. */
  readonly bound?: number;
}

/** Whether the values are few enough units of their grid to be one digit: within [-128, 127] or [0, 255]. */
export function isDigit(r: Range): boolean {
  if (r.hi === 0 && r.lo === 0) return true;
  return (r.lo >= -128 * r.quantum && r.hi <= 127 * r.quantum) || (r.lo >= 0 && r.hi < DIGIT_MAX * r.quantum);
}

/**
 * Digits of x, shared by every product that uses x: all products of a tensor, transposed or not, find the same nodes.
 *
 * - one-hot rows, masks, bytes of data: themselves, exact;
 * - such a tensor times a constant (pixels / 255): itself, the constant is the factor;
 * - any other: hi = round(u), lo = round((u - hi) * base) of u = x / unit, saturating at [-128, 127]. The unit is a power of two
 *   picked by the largest magnitude M of the tensor so that M <= 127.5 units, between UNIT_FLOOR and UNIT_TOP.
 *
 * Error with n digits: |x - digits| <= unit / 2 * base^(1 - n), twice that where a remainder of two digits saturates.
 */
export function digitsOf(ctx: Numerics, x: Value, options: DigitOptions = {}): Digits {
  return exactDigits(ctx, x) ?? movedDigits(ctx, x, options) ?? splitDigits(ctx, x, options);
}

/** x when it is a digit, or a digit times (or over) a constant, perhaps moved about since. */
function exactDigits(ctx: Numerics, x: Value): Digits | undefined {
  const { builder } = ctx;
  if (isDigit(x.range)) return { parts: [x], unit: undefined, factor: undefined, exact: true };
  const node = builder.node(x);
  const operands = node.inputs.map((id) => builder.value(id));
  if (node.op === 'Mul' || node.op === 'Div') {
    const pairs =
      node.op === 'Mul'
        ? ([
            [0, 1],
            [1, 0],
          ] as const)
        : ([[0, 1]] as const);
    for (const [digit, constant] of pairs) {
      const of = operands[digit]!;
      const by = builder.node(operands[constant]!);
      if (
        by.op !== 'Constant' ||
        elements(by.type.shape) !== 1 ||
        !isDigit(of.range) ||
        of.shape.length !== x.shape.length
      )
        continue;
      const value = by.data![0]!;
      const factor = Math.fround(node.op === 'Mul' ? value : 1 / value);
      // A tiny factor would push the product's result towards the subnormals.
      if (Math.abs(factor) < 2 ** -20 || Math.abs(factor) > 2 ** 20) continue;
      return { parts: [of], unit: undefined, factor: builder.scalar(factor), exact: true };
    }
  }
  if (
    operands.length === 1 &&
    (MOVES.has(node.op) || node.op === 'Slice' || node.op === 'Pad' || node.op === 'Expand')
  ) {
    const inner = exactDigits(ctx, operands[0]!);
    return inner && moveParts(ctx, inner, node);
  }
  return undefined;
}

/** Moves that keep every element, hence the largest. */
const MOVES: ReadonlySet<string> = new Set(['Reshape', 'Transpose']);

function moveParts(ctx: Numerics, digits: Digits, node: ReturnType<Numerics['builder']['node']>): Digits {
  return { ...digits, parts: digits.parts.map((part) => ctx.builder.add(node.op, [part], node.attributes)) };
}

/** A tensor that is another one reshaped or transposed has the other's digits, moved the same way. */
function movedDigits(ctx: Numerics, x: Value, options: DigitOptions): Digits | undefined {
  const node = ctx.builder.node(x);
  if (!MOVES.has(node.op)) return undefined;
  return moveParts(ctx, digitsOf(ctx, ctx.builder.value(node.inputs[0]!), options), node);
}

/** Smallest power of two with bound <= 127.5 of it. */
function unitFor(bound: number): number {
  let e = exponentOf(bound / 127.5);
  if (127.5 * 2 ** e < bound) e++;
  return 2 ** e;
}

function splitDigits(ctx: Numerics, value: Value, options: DigitOptions): Digits {
  const { builder } = ctx;
  const scalar = (x: number): Value => builder.scalar(x);
  const unit = unitOf(ctx, value, options.bound);
  const inverse = builder.add('Div', [scalar(1), unit]);
  const precision = options.precision ?? ctx.precision;
  const x = normalFor(ctx, value, inverse, precision);
  const parts: Value[] = [];
  let rest = builder.add('Mul', [x, inverse]);
  const round = scalar(1.5 * 2 ** 23);
  for (;;) {
    const inside = builder.add('Min', [builder.add('Max', [rest, scalar(-128)]), scalar(127)]);
    const digit = builder.add('Sub', [builder.add('Add', [inside, round]), round]);
    parts.push(digit);
    if (parts.length === precision) break;
    // Not of `inside`: the largest value may lie half a unit beyond 127.
    rest = builder.add('Mul', [builder.add('Sub', [rest, digit]), scalar(baseOf(precision))]);
  }
  return { parts, unit, factor: undefined, exact: false };
}

/** Unit of x: a constant where the range or the caller's bound says enough, else looked up by the largest magnitude. */
function unitOf(ctx: Numerics, x: Value, bound: number | undefined): Value {
  const { builder } = ctx;
  const top = Math.min(unitFor(magnitude(x.range)), UNIT_TOP);
  if (bound !== undefined) return builder.scalar(Math.min(Math.max(unitFor(bound), UNIT_FLOOR), top));
  const floor = Math.min(Math.max(UNIT_FLOOR, x.range.quantum), top);
  if (floor >= top) return builder.scalar(top);
  const units: number[] = [];
  for (let unit = floor; unit < top; unit *= 2) units.push(unit);
  const thresholds = builder.constant(
    Float32Array.from(units, (unit) => 127.5 * unit),
    [units.length],
  );
  const next = builder.constant(
    Float32Array.from(units, (unit) => 2 * unit),
    [units.length],
  );
  const largest = largestMagnitude(ctx, x);
  const passed = builder.add('Where', [
    builder.add('Less', [thresholds, largest]),
    next,
    builder.scalar(floor),
  ]);
  return reshaped(ctx, builder.add('ReduceMax', [passed], { axes: [0] }), []);
}

/** Largest |x| of the whole tensor, a scalar. */
export function largestMagnitude(ctx: Numerics, x: Value): Value {
  const { builder } = ctx;
  const positive = x.range.lo >= 0 && !x.range.negativeZero ? x : builder.add('Abs', [x]);
  if (x.shape.length === 0) return positive;
  return reshaped(ctx, builder.add('ReduceMax', [positive], { axes: x.shape.map((_, axis) => axis) }), []);
}

/**
 * x so that x * inverse is provably normal: on a coarser grid where it could be subnormal, as (x + C) - C rounds to multiples of 2^-74,
 * far below the last digit of any unit in the table; clamped where it could overflow, at what saturates anyway.
 */
function normalFor(ctx: Numerics, x: Value, inverse: Value, precision: Precision): Value {
  const { builder } = ctx;
  const top = 128 * UNIT_TOP;
  // What is known of a remainder is no more than that it is smaller than x.
  const growth = baseOf(precision) ** (precision - 1);
  const bounded =
    magnitude(x.range) * inverse.range.hi * growth > F32_MAX
      ? builder.add('Min', [builder.add('Max', [x, builder.scalar(-top)]), builder.scalar(top)])
      : x;
  // A value can be large enough and yet a multiple of something so fine that what a digit leaves of it is not.
  const fine = bounded.range.quantum * inverse.range.quantum < F32_TINY;
  if (bounded.range.tiny * inverse.range.lo >= F32_TINY && !fine) return bounded;
  const anchor = builder.scalar(1.5 * 2 ** -50);
  return builder.add('Sub', [builder.add('Add', [bounded, anchor]), anchor]);
}
