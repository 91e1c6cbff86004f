/** The input gradient of a convolution with strides, phase by phase: no zeros between the elements, so none are multiplied. */
import type { Value } from '@gensyn/ir';
import type { Window } from '../tensor/windows.js';
import { boxed } from './columns.js';
import { joined, reshaped, type Numerics } from './context.js';

/**
 * One axis of one phase. Input position i meets tap k at place p where i + before = s p + k. With i + before = s q + phase these are the
 * taps phase, phase + s, ..: tap phase + s m of place q - m, a convolution of stride 1.
 */
interface AxisPhase {
  readonly phase: number;
  /** How many taps it has; none where the kernel is shorter than the stride. */
  readonly taps: number;
}

/** q runs from `first`, `count` of them, for all phases of an axis alike. */
interface AxisPhases {
  readonly stride: number;
  readonly first: number;
  readonly count: number;
  /** Where the input begins among the count * stride positions. */
  readonly start: number;
  readonly phases: readonly AxisPhase[];
}

function phasesOf(length: number, kernel: number, stride: number, before: number): AxisPhases {
  const first = Math.floor(before / stride);
  const last = Math.floor((length - 1 + before) / stride);
  return {
    stride,
    first,
    count: last - first + 1,
    start: before - stride * first,
    phases: Array.from({ length: stride }, (_, phase) => ({
      phase,
      taps: Math.max(0, Math.ceil((kernel - phase) / stride)),
    })),
  };
}

/** Whether any position of a phase meets a place at all: where a kernel is longer than its input, some meet padding only. */
function reaches({ first }: AxisPhases, taps: number, places: number): boolean {
  return taps > 0 && first - (taps - 1) < places;
}

/** Whether the gradient can be taken by phases: gaps between taps would need other phases. */
export function hasPhases({ strides, dilations }: Window): boolean {
  return (strides[0] > 1 || strides[1] > 1) && dilations[0] === 1 && dilations[1] === 1;
}

/** What one phase is made of: a window over the places of the gradient, and its taps of the kernel. */
export interface Phase {
  /** Over g, [n, o, h, w]; negative pads crop. */
  readonly window: Window;
  /** The taps of a kernel [.., kh, kw]. */
  taps(kernel: Value): Value;
}

/**
 * The gradient of the input, [n, c, h, w].
 * @param places of the gradient of the result: its last two lengths
 * @param product gives one phase, [n, c, count of rows, count of columns]
 */
export function byPhases(
  ctx: Numerics,
  input: readonly [number, number, number, number],
  places: readonly [number, number],
  window: Window,
  product: (phase: Phase) => Value,
): Value {
  const [n, c, h, w] = input;
  const { kernel, strides, pads, groups } = window;
  const rows = phasesOf(h, kernel[0], strides[0], pads[0]);
  const columns = phasesOf(w, kernel[1], strides[1], pads[1]);
  const around = ({ first, count }: AxisPhases, taps: number, length: number): [number, number] => [
    taps - 1 - first,
    first + count - length,
  ];
  const lines = rows.phases.map((row) => {
    const cells = columns.phases.map((column) => {
      const shape = [n, c, rows.count, columns.count];
      if (!reaches(rows, row.taps, places[0]) || !reaches(columns, column.taps, places[1]))
        return ctx.builder.add('Expand', [ctx.builder.scalar(0)], { shape: [...shape, 1] });
      const [top, bottom] = around(rows, row.taps, places[0]);
      const [left, right] = around(columns, column.taps, places[1]);
      const value = product({
        window: {
          kernel: [row.taps, column.taps],
          strides: [1, 1],
          pads: [top, left, bottom, right],
          dilations: [1, 1],
          groups,
        },
        taps: (value) => {
          const outer = value.shape.slice(0, -2);
          return boxed(
            ctx,
            value,
            [...outer.map(() => 0), row.phase, column.phase],
            [...outer, row.taps, column.taps],
            [...outer.map(() => 1), ...strides],
          );
        },
      });
      return reshaped(ctx, value, [...shape, 1]);
    });
    const line = joined(ctx, cells, 4);
    return reshaped(ctx, line, [n, c, rows.count, 1, columns.count * columns.stride]);
  });
  const all = reshaped(ctx, joined(ctx, lines, 3), [
    n,
    c,
    rows.count * rows.stride,
    columns.count * columns.stride,
  ]);
  return boxed(ctx, all, [0, 0, rows.start, columns.start], [n, c, h, w]);
}

/** Zeros around the last two axes of x; negative ones crop. */
export function framed(
  ctx: Numerics,
  x: Value,
  pads: Window['pads'],
): { value: Value; pads: Window['pads'] } {
  const cut = pads.map((pad) => Math.max(-pad, 0));
  const [n, o, h, w] = x.shape as readonly [number, number, number, number];
  const value = boxed(ctx, x, [0, 0, cut[0]!, cut[1]!], [n, o, h - cut[0]! - cut[2]!, w - cut[1]! - cut[3]!]);
  const [top, left, bottom, right] = pads.map((pad) => Math.max(pad, 0));
  return { value, pads: [top!, left!, bottom!, right!] };
}
