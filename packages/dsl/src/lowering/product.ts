/** Matrix products of float tensors as sums of exact products of their digits. */
import { EXACT_SUM, magnitude, type Value } from '@gensyn/ir';
import { slicedAxis, transposed, type Numerics, type Precision } from './context.js';
import { baseOf, digitsOf, type DigitOptions, type Digits } from './digits.js';

export interface Operand {
  readonly value: Value;
  /** Use the matrix with its last two axes swapped. */
  readonly transpose?: boolean;
  /** See DigitOptions. */
  readonly bound?: number;
  /** Use only the first digits of this operand: enough for the side of a gradient that is no gradient, at two thirds of the cost. */
  readonly digits?: Precision;
}

/**
 * a . b for a: [..., M, K] and b: [..., K, N] (after the transposes), batched and broadcast like NumPy's matmul.
 *
 * With n digits every product of digits i and j with i + j < n is kept, K is cut into blocks short enough for Dot, and the
 * partial sums are added in a fixed tree. Error, relative to K max|a| max|b|: below 2^-6 with 1 digit, 2^-12 with 2, 2^-19 with 3
 * (worst case: errors of operands are independent in practice and mostly cancel).
 */
export function product(ctx: Numerics, a: Operand, b: Operand, precision: Precision = ctx.precision): Value {
  return productOfDigits(ctx, operandDigits(ctx, a, precision), operandDigits(ctx, b, precision), precision);
}

function operandDigits(
  ctx: Numerics,
  { value, transpose, bound, digits: kept }: Operand,
  precision: Precision,
): Digits {
  const options: DigitOptions = bound === undefined ? { precision } : { precision, bound };
  const digits = digitsOf(ctx, value, options);
  const parts = digits.parts.slice(0, kept);
  return { ...digits, parts: transpose ? parts.map((part) => transposed(ctx, part)) : parts };
}

/** What a product was put together from: sums of exact products, each worth 1 / base of the one before, and a scalar factor. */
interface Parts {
  readonly levels: readonly Value[];
  readonly base: number;
  readonly factor: Value | undefined;
}

const PARTS = new WeakMap<Value, Parts>();

/** As product, on digits in the orientation of the product. */
export function productOfDigits(ctx: Numerics, a: Digits, b: Digits, precision: Precision): Value {
  const levels: Value[] = [];
  for (let level = 0; level < precision; level++) {
    const terms: [Value, Value][] = [];
    for (let i = 0; i <= level; i++) {
      const left = a.parts[i];
      const right = b.parts[level - i];
      if (left && right) terms.push([left, right]);
    }
    if (terms.length > 0) levels.push(sumOfProducts(ctx, terms));
  }
  const unit = times(ctx, a.unit, b.unit);
  return assembled(ctx, {
    levels,
    base: baseOf(precision),
    factor: times(ctx, unit, times(ctx, a.factor, b.factor)),
  });
}

function times(ctx: Numerics, a: Value | undefined, b: Value | undefined): Value | undefined {
  return a && b ? ctx.builder.add('Mul', [a, b]) : (a ?? b);
}

/**
 * The levels times the factor, added from the smallest up. Each level is scaled by itself: integer kernels scale their result for
 * nothing, while a factor on the sum would cost a pass where it is no power of two.
 */
function assembled(ctx: Numerics, parts: Parts): Value {
  const { builder } = ctx;
  const { levels, base, factor } = parts;
  const scaledLevels = levels.map((level, n) => {
    const weight = n === 0 ? undefined : builder.scalar(base ** -n);
    const by = times(ctx, factor, weight);
    return by ? builder.add('Mul', [level, by]) : level;
  });
  const value = scaledLevels.reduceRight((sum, level) => builder.add('Add', [level, sum]));
  PARTS.set(value, parts);
  return value;
}

/** x * factor for a scalar factor, where x is a product: put together anew with the factor joined to its own, which costs no pass. Else undefined. */
export function scaled(ctx: Numerics, x: Value, factor: Value): Value | undefined {
  const parts = PARTS.get(x);
  if (!parts) return undefined;
  return assembled(ctx, { ...parts, factor: times(ctx, parts.factor, factor) });
}

/**
 * The sum of exact products, each cut along K. The order of the leaves is chosen for devices with integer kernels: two neighbours are
 * either one operand pair over adjoining blocks of K or two pairs over all of K, and since the f32 sum of two exact integers is the
 * exact sum rounded once, such a neighbourhood is one integer product converted to float.
 */
function sumOfProducts(ctx: Numerics, terms: readonly (readonly [Value, Value])[]): Value {
  const leaves = terms.flatMap(([a, b]) => {
    const size = a.shape.at(-1)!;
    const bound = magnitude(a.range) * magnitude(b.range);
    const fits = bound === 0 ? size : Math.floor((EXACT_SUM * a.range.quantum * b.range.quantum) / bound);
    return blocks(size, fits).map(([from, to]) =>
      ctx.builder.add('Dot', [
        slicedAxis(ctx, a, a.shape.length - 1, from, to),
        slicedAxis(ctx, b, b.shape.length - 2, from, to),
      ]),
    );
  });
  return treeOf(ctx, leaves);
}

/** Cuts 0..size into equal blocks of at most `fits`: one, or an even number of them. */
export function blocks(size: number, fits: number): [number, number][] {
  let count = Math.ceil(size / fits);
  if (count > 1) count += count % 2;
  const length = Math.ceil(size / count);
  const cuts: [number, number][] = [];
  for (let from = 0; from < size; from += length) cuts.push([from, Math.min(from + length, size)]);
  return cuts;
}

/** Adds values pairwise, neighbours first. */
export function treeOf(ctx: Numerics, values: readonly Value[]): Value {
  let level = [...values];
  while (level.length > 1) {
    const next: Value[] = [];
    for (let i = 0; i + 1 < level.length; i += 2)
      next.push(ctx.builder.add('Add', [level[i]!, level[i + 1]!]));
    if (level.length % 2 === 1) next.push(level.at(-1)!);
    level = next;
  }
  return level[0]!;
}
