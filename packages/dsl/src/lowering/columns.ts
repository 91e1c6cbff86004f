/** Moves that lay out a convolution as a matrix product: the places of a window as columns. */
import type { Value } from '@gensyn/ir';
import { placesOf, type Window } from '../tensor/windows.js';
import { joined, reshaped, type Numerics } from './context.js';

export function padded(ctx: Numerics, x: Value, before: readonly number[], after: readonly number[]): Value {
  return [...before, ...after].every((n) => n === 0)
    ? x
    : ctx.builder.add('Pad', [x], { before: [...before], after: [...after] });
}

/** A box of x, every steps[d]-th element of axis d; the box may reach beyond the end of an axis, where it stops. */
export function boxed(
  ctx: Numerics,
  x: Value,
  starts: readonly number[],
  lengths: readonly number[],
  steps: readonly number[] = x.shape.map(() => 1),
): Value {
  const ends = lengths.map((length, d) => starts[d]! + (length - 1) * steps[d]! + 1);
  const whole = x.shape.every((dim, d) => starts[d] === 0 && steps[d] === 1 && ends[d] === dim);
  return whole ? x : ctx.builder.add('Slice', [x], { starts: [...starts], ends, steps: [...steps] });
}

/**
 * x [n, c, h, w] as columns [n, c, kh kw, h' w']: row k of a channel is what the kernel's element k (row-major) meets at each place.
 * `reversed`: the element is counted from the kernel's last.
 */
export function columnsOf(ctx: Numerics, x: Value, window: Window, reversed = false): Value {
  const { kernel, strides, pads, dilations } = window;
  const [n, c] = x.shape as readonly [number, number];
  const [h, w] = placesOf(x.shape, window);
  const around = padded(ctx, x, [0, 0, pads[0], pads[1]], [0, 0, pads[2], pads[3]]);
  const rows: Value[] = [];
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const at = [0, 0, i * dilations[0], j * dilations[1]];
      rows.push(reshaped(ctx, boxed(ctx, around, at, [n, c, h, w], [1, 1, ...strides]), [n, c, 1, h * w]));
    }
  }
  if (reversed) rows.reverse();
  return joined(ctx, rows, 2);
}

/** Zeros between the elements of the last two axes: [n, c, h, w] to [n, c, (h - 1) sh + 1, (w - 1) sw + 1]. */
export function spread(ctx: Numerics, x: Value, [sh, sw]: readonly [number, number]): Value {
  const [n, c, h, w] = x.shape as readonly [number, number, number, number];
  let y = x;
  if (sw > 1) {
    const cells = padded(ctx, reshaped(ctx, y, [n, c, h, w, 1]), [0, 0, 0, 0, 0], [0, 0, 0, 0, sw - 1]);
    y = boxed(ctx, reshaped(ctx, cells, [n, c, h, w * sw]), [0, 0, 0, 0], [n, c, h, (w - 1) * sw + 1]);
  }
  const width = (w - 1) * sw + 1;
  if (sh > 1) {
    const cells = padded(ctx, reshaped(ctx, y, [n, c, h, 1, width]), [0, 0, 0, 0, 0], [0, 0, 0, sh - 1, 0]);
    y = boxed(
      ctx,
      reshaped(ctx, cells, [n, c, h * sh, width]),
      [0, 0, 0, 0],
      [n, c, (h - 1) * sh + 1, width],
    );
  }
  return y;
}

/**
 * The gradient g of a convolution's result, zeros inserted and cropped, so that a convolution with the kernel turned around gives that
 * of its input; and the window of that convolution.
 */
export function turned(
  ctx: Numerics,
  g: Value,
  input: readonly number[],
  { kernel, strides, pads, dilations, groups }: Window,
): { value: Value; window: Window } {
  let value = spread(ctx, g, strides);
  const before: number[] = [];
  const after: number[] = [];
  const starts = [0, 0];
  const lengths = [value.shape[0]!, value.shape[1]!];
  for (const d of [0, 1] as const) {
    const reach = dilations[d] * (kernel[d] - 1);
    const first = reach - pads[d];
    const last = input[2 + d]! - value.shape[2 + d]! - first + reach;
    before.push(Math.max(first, 0));
    after.push(Math.max(last, 0));
    starts.push(Math.max(-first, 0));
    lengths.push(value.shape[2 + d]! - Math.max(-first, 0) - Math.max(-last, 0));
  }
  value = boxed(ctx, value, starts, lengths);
  return {
    value,
    window: {
      kernel,
      strides: [1, 1],
      pads: [before[0]!, before[1]!, after[0]!, after[1]!],
      dilations,
      groups,
    },
  };
}
