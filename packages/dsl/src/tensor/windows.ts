/** Constructors of convolutions and pooling: windows that slide over the last axes of [n, c, h, w]. */
import { ArgumentError } from '../library/function.js';
import { formatShape, make } from './build.js';
import type { Attribute, Shape, Tensor } from './tensor.js';

/** How a kernel moves over two axes, in ONNX's terms and order. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  /** Zeros around the input: top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
  readonly groups: number;
}

export function windowOf(tensor: Tensor): Window {
  return tensor.attributes as unknown as Window;
}

function attributesOf({ kernel, strides, pads, dilations, groups }: Window): Record<string, Attribute> {
  return { kernel, strides, pads, dilations, groups };
}

/** Places that a kernel takes along one axis. */
export function placesAlong(
  length: number,
  kernel: number,
  stride: number,
  before: number,
  after: number,
  dilation = 1,
): number {
  return Math.floor((length + before + after - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** Height and width of the result. */
export function placesOf(shape: Shape, { kernel, strides, pads, dilations }: Window): [number, number] {
  const [h, w] = [0, 1].map((d) =>
    placesAlong(shape[2 + d]!, kernel[d]!, strides[d]!, pads[d]!, pads[d + 2]!, dilations[d]),
  );
  return [h!, w!];
}

/** Cross-correlation: x [n, c, h, w], weights [o, c / groups, kh, kw], bias [o] if any; the result is [n, o, h', w']. */
export function conv(
  x: Tensor,
  w: Tensor,
  bias: Tensor | undefined,
  window: Window,
  precision?: 1 | 2 | 3,
): Tensor {
  const [o, c, kh, kw] = w.shape;
  if (x.shape.length !== 4 || w.shape.length !== 4 || x.type !== 'f32' || w.type !== 'f32')
    throw new ArgumentError(
      `a convolution needs [n, channels, height, width], found ${formatShape(x.shape)}`,
      'x',
    );
  if (x.shape[1] !== c! * window.groups || o! % window.groups !== 0) {
    throw new ArgumentError(
      `${x.shape[1]} channels cannot be convolved to ${o} in ${window.groups} groups`,
      'groups',
      'both numbers of channels must be multiples of the groups',
    );
  }
  if (kh !== window.kernel[0] || kw !== window.kernel[1] || (bias && bias.shape.join() !== String(o)))
    throw new ArgumentError(`weights ${formatShape(w.shape)} do not fit the kernel`, 'kernel');
  const places = placesOf(x.shape, window);
  if (places.some((n) => n < 1)) {
    throw new ArgumentError(
      `a kernel of ${window.kernel.join(' by ')} does not fit into ${formatShape(x.shape)}`,
      'kernel',
      'pad the input or take a smaller kernel',
    );
  }
  return make('conv', bias ? [x, w, bias] : [x, w], [x.shape[0]!, o!, ...places], {
    ...attributesOf(window),
    ...(precision ? { precision } : {}),
  });
}

/** The gradient of x from that of the result. */
export function convInputGradient(y: Tensor, g: Tensor): Tensor {
  const [x, w] = y.inputs as [Tensor, Tensor];
  return make('conv_input_gradient', [g, w], x.shape, y.attributes);
}

/** The gradient of the weights. */
export function convWeightGradient(y: Tensor, g: Tensor): Tensor {
  const [x, w] = y.inputs as [Tensor, Tensor];
  return make('conv_weight_gradient', [x, g], w.shape, y.attributes);
}

/** The sum over all axes but the second: the gradient of a bias. */
export function channelSum(g: Tensor): Tensor {
  return make('channel_sum', [g], [g.shape[1]!]);
}

/** A window along one axis of a tensor. `before` and `after`: places beyond the ends, which take no part. */
export interface Run {
  readonly axis: number;
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
}

export function runOf(tensor: Tensor): Run {
  return tensor.attributes as unknown as Run;
}

function along(op: string, x: Tensor, run: Run): Tensor {
  const { axis, kernel, stride, before, after } = run;
  const places = placesAlong(x.shape[axis]!, kernel, stride, before, after);
  if (places < 1 || before >= kernel || after >= kernel) {
    throw new ArgumentError(
      `a window of ${kernel} with ${before} and ${after} beyond the ends does not fit into ${formatShape(x.shape)}`,
      'kernel',
    );
  }
  return make(op, [x], x.shape.with(axis, places), { axis, kernel, stride, before, after });
}

/** The largest of each window. */
export const windowMax = (x: Tensor, run: Run): Tensor => along('window_max', x, run);
/** The sum of each window. */
export const windowSum = (x: Tensor, run: Run): Tensor => along('window_sum', x, run);

/** g where x is the first largest of its window, summed over the windows. */
export function windowMaxGradient(y: Tensor, g: Tensor): Tensor {
  return make('window_max_gradient', [y.inputs[0]!, g], y.inputs[0]!.shape, y.attributes);
}

/** g of every window that an element is in. */
export function windowSumGradient(y: Tensor, g: Tensor): Tensor {
  return make('window_sum_gradient', [g], y.inputs[0]!.shape, y.attributes);
}
