/** ONNX's poolings: windows along one axis after the other. */
import * as t from '../../tensor/build.js';
import { windowMax, windowSum } from '../../tensor/windows.js';
import type { Tensor } from '../../tensor/tensor.js';
import { reserve, tensorOf } from '../algebra.js';
import { largest } from '../largest.js';
import { MAX_WINDOW } from '../limits.js';
import { integer, list, refuse, tensor, type Family, type Operation } from '../operation.js';
import { known, traced } from '../value.js';
import { padsOf } from '../windows.js';

interface Axis {
  readonly axis: number;
  readonly length: number;
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
  /** As asked for; rounding up may reach further. */
  readonly after: number;
  readonly places: number;
}

function axesOf(o: Operation, x: Tensor): Axis[] {
  const lengths = x.shape.slice(2);
  const kernel = list(o, 'kernel_shape') ?? refuse('it names no kernel_shape');
  const strides = list(o, 'strides') ?? kernel.map(() => 1);
  const dilations = list(o, 'dilations') ?? kernel.map(() => 1);
  if ([kernel, strides, dilations].some((each) => each.length !== lengths.length || each.some((n) => n < 1)))
    refuse('its kernel, strides or dilations do not fit the input');
  if (kernel.some((n) => n > MAX_WINDOW)) refuse(`its window is longer than ${MAX_WINDOW}`);
  if (dilations.some((n) => n !== 1)) refuse('a pooling with dilations cannot be imported');
  const pads = padsOf(o, lengths, kernel, strides, dilations);
  const up = integer(o, 'ceil_mode', 0) === 1;
  return lengths.map((length, d) => {
    const [before, after] = [pads[d]!, pads[d + lengths.length]!];
    const room = (length + before + after - kernel[d]!) / strides[d]!;
    let places = (up ? Math.ceil(room) : Math.floor(room)) + 1;
    // A window that would begin beyond the end is none.
    if (up && (places - 1) * strides[d]! >= length + before) places--;
    if (places < 1) refuse(`a window of ${kernel[d]} does not fit into ${length}`);
    return { axis: d + 2, length, kernel: kernel[d]!, stride: strides[d]!, before, after, places };
  });
}

function pooled(x: Tensor, axes: readonly Axis[], fold: typeof windowMax): Tensor {
  return axes.reduce((y, { axis, length, kernel, stride, before, places }) => {
    const reach = Math.max(0, (places - 1) * stride + kernel - length - before);
    // What the last window does not need is left away, so that the number of places is the wanted one.
    const run = fold(y, { axis, kernel, stride, before, after: reach });
    return run.shape[axis] === places ? run : t.slice(run, axis, 0, places);
  }, x);
}

/** How many elements each window averages over, as factors along one axis. */
function weightsOf(
  o: Operation,
  { length, kernel, stride, before, after, places }: Axis,
  padding: boolean,
): Float64Array {
  const [first, end] = padding ? [-before, length + after] : [0, length];
  return reserve(o.algebra, [places]).map((_, i) => {
    const start = i * stride - before;
    return Math.min(start + kernel, end) - Math.max(start, first);
  });
}

function average(o: Operation): Tensor {
  const x = tensor(o, 0);
  const axes = axesOf(o, x);
  const sums = pooled(x, axes, windowSum);
  const weights = axes.map((axis) => weightsOf(o, axis, integer(o, 'count_include_pad', 0) === 1));
  const full = weights.every((each, d) => each.every((n) => n === axes[d]!.kernel));
  if (full) return t.mul(sums, t.scalar(1 / axes.reduce((product, { kernel }) => product * kernel, 1)));
  const shape = axes.map(({ places }) => places);
  const factors = reserve(o.algebra, shape);
  factors.forEach((_, i) => {
    let rest = i;
    let number = 1;
    for (let d = shape.length - 1; d >= 0; d--) {
      number *= weights[d]![rest % shape[d]!]!;
      rest = Math.floor(rest / shape[d]!);
    }
    factors[i] = Math.fround(1 / number);
  });
  return t.mul(sums, tensorOf(o.algebra, known('f32', shape, factors)));
}

const spatial = (x: Tensor): number[] => x.shape.map((_, axis) => axis).slice(2);

export const pooling: Family = {
  MaxPool: {
    operands: [1, 1],
    attributes: ['auto_pad', 'ceil_mode', 'dilations', 'kernel_shape', 'pads', 'storage_order', 'strides'],
    limits: 'no dilations, no indices',
    build(o) {
      const x = tensor(o, 0);
      return traced(pooled(x, axesOf(o, x), windowMax));
    },
  },
  AveragePool: {
    operands: [1, 1],
    attributes: [
      'auto_pad',
      'ceil_mode',
      'count_include_pad',
      'dilations',
      'kernel_shape',
      'pads',
      'strides',
    ],
    limits: 'no dilations',
    build: (o) => traced(average(o)),
  },
  GlobalAveragePool: {
    operands: [1, 1],
    build(o) {
      const x = tensor(o, 0);
      return traced(t.mean(x, spatial(x)));
    },
  },
  GlobalMaxPool: {
    operands: [1, 1],
    build(o) {
      const x = tensor(o, 0);
      return traced(largest(x, spatial(x)));
    },
  },
};
