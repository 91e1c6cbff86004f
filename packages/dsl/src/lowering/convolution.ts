/** Convolutions and their gradients as exact products: digits are taken first, then laid out as columns. */
import { elements, type Value } from '@gensyn/ir';
import type { Tensor } from '../tensor/tensor.js';
import { windowOf, type Window } from '../tensor/windows.js';
import { add, total } from './arithmetic.js';
import { columnsOf, turned } from './columns.js';
import { reshaped, transposed, type LoweringContext, type Precision } from './context.js';
import { digitsOf, type Digits } from './digits.js';
import { byPhases, framed, hasPhases } from './phases.js';
import { productOfDigits } from './product.js';
import { sumOver } from './sum.js';

type Shape4 = readonly [number, number, number, number];

function precisionOf(ctx: LoweringContext, tensor: Tensor): Precision {
  return (tensor.attributes['precision'] as Precision | undefined) ?? ctx.precision;
}

function mapped(digits: Digits, move: (part: Value) => Value, kept?: number): Digits {
  return { ...digits, parts: digits.parts.slice(0, kept).map(move) };
}

/** As `coarse` in canonical.ts: what meets a gradient of two digits is read with one. */
function meeting(precision: Precision): number | undefined {
  return precision === 2 ? 1 : undefined;
}

/** [n, c, k, p] as matrices: [n, c k, p], or [n, groups, (c / groups) k, p]. */
function matrices(ctx: LoweringContext, columns: Value, groups: number): Value {
  const [n, c, k, p] = columns.shape as Shape4;
  return reshaped(ctx, columns, groups === 1 ? [n, c * k, p] : [n, groups, (c / groups) * k, p]);
}

export function convolution(ctx: LoweringContext, [x, w, bias]: readonly Value[], tensor: Tensor): Value {
  const window = windowOf(tensor);
  const { groups } = window;
  const precision = precisionOf(ctx, tensor);
  const [o, c, kh, kw] = w!.shape as Shape4;
  const weights = mapped(digitsOf(ctx, w!, { precision }), (part) =>
    reshaped(ctx, part, groups === 1 ? [o, c * kh * kw] : [groups, o / groups, c * kh * kw]),
  );
  const columns = mapped(digitsOf(ctx, x!, { precision }), (part) =>
    matrices(ctx, columnsOf(ctx, part, window), groups),
  );
  const y = reshaped(ctx, productOfDigits(ctx, weights, columns, precision), tensor.shape);
  return bias ? add(ctx, y, reshaped(ctx, bias, [o, 1, 1])) : y;
}

export function convolutionInputGradient(
  ctx: LoweringContext,
  [g, w]: readonly Value[],
  tensor: Tensor,
): Value {
  const window = windowOf(tensor);
  const { groups } = window;
  const precision = precisionOf(ctx, tensor);
  const [o, c, kh, kw] = w!.shape as Shape4;
  const each = o / groups;
  const kernel = digitsOf(ctx, w!, { precision });
  /** [o, c, taps] with the channels of the result to the front: [c, o taps], a group at a time. */
  const flipped = (part: Value, taps: number): Value => {
    const split = reshaped(ctx, part, [groups, each, c, taps]);
    const turnedAround = ctx.builder.add('Transpose', [split], { perm: [0, 2, 1, 3] });
    return reshaped(ctx, turnedAround, groups === 1 ? [c, each * taps] : [groups, c, each * taps]);
  };
  if (hasPhases(window)) {
    const gradient = digitsOf(ctx, g!, { precision });
    const [, , gh, gw] = g!.shape as Shape4;
    return byPhases(ctx, tensor.shape as Shape4, [gh, gw], window, ({ window: phase, taps }) => {
      const weights = mapped(
        kernel,
        (part) => flipped(taps(part), phase.kernel[0] * phase.kernel[1]),
        meeting(precision),
      );
      const columns = mapped(gradient, (part) => {
        const { value, pads } = framed(ctx, part, phase.pads);
        return matrices(ctx, columnsOf(ctx, value, { ...phase, pads }, true), groups);
      });
      return productOfDigits(ctx, weights, columns, precision);
    });
  }
  const weights = mapped(kernel, (part) => flipped(part, kh * kw), meeting(precision));
  const columns = mapped(digitsOf(ctx, g!, { precision }), (part) => {
    const { value, window: backward } = turned(ctx, part, tensor.shape, window);
    return matrices(ctx, columnsOf(ctx, value, backward, true), groups);
  });
  return reshaped(ctx, productOfDigits(ctx, weights, columns, precision), tensor.shape);
}

/** Places of several images are one row of the product up to this many, so that fewer results are added up. */
const SHORT_ROW = 512;

/** Images whose places are joined: the largest divisor of n that keeps a row short. */
function joinedImages(n: number, places: number): number {
  let joined = 1;
  for (let d = 2; d * places <= SHORT_ROW; d++) if (n % d === 0) joined = d;
  return joined;
}

/** [n, ..., p] with `joined` images side by side: [n / joined, ..., joined p]. */
function sideBySide(ctx: LoweringContext, x: Value, joined: number): Value {
  if (joined === 1) return x;
  const [n, ...rest] = x.shape as readonly number[];
  const inner = rest.slice(0, -1);
  const split = reshaped(ctx, x, [n! / joined, joined, ...rest]);
  const perm = [0, ...inner.map((_, d) => d + 2), 1, rest.length + 1];
  const moved = ctx.builder.add('Transpose', [split], { perm });
  return reshaped(ctx, moved, [n! / joined, ...inner, joined * rest.at(-1)!]);
}

export function convolutionWeightGradient(
  ctx: LoweringContext,
  [x, g]: readonly Value[],
  tensor: Tensor,
): Value {
  const window: Window = windowOf(tensor);
  const { groups } = window;
  const precision = precisionOf(ctx, tensor);
  const [n, o, h, w] = g!.shape as Shape4;
  const joined = joinedImages(n, h * w);
  const columns = mapped(
    digitsOf(ctx, x!, { precision }),
    (part) => sideBySide(ctx, matrices(ctx, columnsOf(ctx, part, window), groups), joined),
    meeting(precision),
  );
  const gradient = mapped(digitsOf(ctx, g!, { precision }), (part) => {
    const rows = reshaped(ctx, part, groups === 1 ? [n, o, h * w] : [n, groups, o / groups, h * w]);
    return transposed(ctx, sideBySide(ctx, rows, joined));
  });
  const images = productOfDigits(ctx, columns, gradient, precision);
  const sum = total(ctx, images, 0, false, 'tree');
  return reshaped(ctx, transposed(ctx, sum), tensor.shape);
}

/** Sum of [n, c, ...] over all axes but the second, on the digits that the products with it use. */
export function channelSum(ctx: LoweringContext, [g]: readonly Value[], tensor: Tensor): Value {
  const [n, c] = g!.shape as readonly [number, number];
  const places = elements(g!.shape) / (n * c);
  const rows = sumOver(ctx, reshaped(ctx, g!, [n, c, places]), 2, true, 'digits');
  return reshaped(ctx, sumOver(ctx, reshaped(ctx, rows, [n, c]), 0, true, 'tree'), tensor.shape);
}
