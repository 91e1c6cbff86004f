/** The largest element along axes of any length, by windows that stay short. */
import * as t from '../tensor/build.js';
import type { Tensor } from '../tensor/tensor.js';
import { windowMax } from '../tensor/windows.js';

/** A window is a slice for each of its places. */
const WINDOW = 32;

function along(x: Tensor, axis: number): Tensor {
  const length = x.shape[axis]!;
  if (length <= WINDOW) return windowMax(x, { axis, kernel: length, stride: 1, before: 0, after: 0 });
  const whole = Math.floor(length / WINDOW);
  const first = windowMax(x, { axis, kernel: WINDOW, stride: WINDOW, before: 0, after: 0 });
  if (whole * WINDOW === length) return along(first, axis);
  return along(t.concat([first, along(t.slice(x, axis, whole * WINDOW, length), axis)], axis), axis);
}

/** Axes stay with length 1. */
export function largest(x: Tensor, axes: readonly number[]): Tensor {
  return axes.reduce(along, x);
}
