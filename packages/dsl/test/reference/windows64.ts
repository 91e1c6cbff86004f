/** Windows in float64, each by its definition: the element of every window, one by one. */
import type { Tensor } from '../../src/tensor/tensor.js';
import { runOf, windowOf } from '../../src/tensor/windows.js';
import { coordinates, offset, size, type Row } from './places.js';

type Visit = (y: number, x: number, w: number) => void;

/** Calls `visit` with the offsets of result, input and weight of every product of a convolution. */
function convolve(
  x: readonly number[],
  w: readonly number[],
  y: readonly number[],
  tensor: Tensor,
  visit: Visit,
): void {
  const { strides, pads, dilations, groups } = windowOf(tensor);
  const perGroup = w[0]! / groups;
  for (let i = 0; i < size(y); i++) {
    const [n, o, h, v] = coordinates(i, y) as [number, number, number, number];
    for (let k = 0; k < size(w.slice(1)); k++) {
      const [c, a, b] = coordinates(k, w.slice(1)) as [number, number, number];
      const row = h * strides[0] + a * dilations[0] - pads[0];
      const column = v * strides[1] + b * dilations[1] - pads[1];
      if (row < 0 || column < 0 || row >= x[2]! || column >= x[3]!) continue;
      const channel = Math.floor(o / perGroup) * w[1]! + c;
      visit(i, offset([n, channel, row, column], x), o * size(w.slice(1)) + k);
    }
  }
}

/** Calls `visit` with the offset of every window's result and those of its elements. */
function slide(
  x: readonly number[],
  y: readonly number[],
  tensor: Tensor,
  visit: (y: number, xs: number[]) => void,
): void {
  const { axis, kernel, stride, before } = runOf(tensor);
  for (let i = 0; i < size(y); i++) {
    const at = coordinates(i, y);
    const elements: number[] = [];
    for (let k = 0; k < kernel; k++) {
      const place = at[axis]! * stride + k - before;
      if (place >= 0 && place < x[axis]!) elements.push(offset(at.with(axis, place), x));
    }
    visit(i, elements);
  }
}

export const WINDOWS: Readonly<Record<string, Row>> = {
  conv(tensor, [x, w, bias]) {
    const plane = tensor.shape[2]! * tensor.shape[3]!;
    const out = Float64Array.from({ length: size(tensor.shape) }, (_, i) =>
      bias ? bias[Math.floor(i / plane) % tensor.shape[1]!]! : 0,
    );
    convolve(tensor.inputs[0]!.shape, tensor.inputs[1]!.shape, tensor.shape, tensor, (i, a, b) => {
      out[i]! += x![a]! * w![b]!;
    });
    return out;
  },
  conv_input_gradient(tensor, [g, w]) {
    const out = new Float64Array(size(tensor.shape));
    convolve(tensor.shape, tensor.inputs[1]!.shape, tensor.inputs[0]!.shape, tensor, (i, a, b) => {
      out[a]! += g![i]! * w![b]!;
    });
    return out;
  },
  conv_weight_gradient(tensor, [x, g]) {
    const out = new Float64Array(size(tensor.shape));
    convolve(tensor.inputs[0]!.shape, tensor.shape, tensor.inputs[1]!.shape, tensor, (i, a, b) => {
      out[b]! += g![i]! * x![a]!;
    });
    return out;
  },
  channel_sum({ shape, inputs: [g] }, [data]) {
    const out = new Float64Array(size(shape));
    data!.forEach((v, i) => (out[coordinates(i, g!.shape)[1]!]! += v));
    return out;
  },
  window_max(tensor, [x]) {
    const out = new Float64Array(size(tensor.shape));
    slide(tensor.inputs[0]!.shape, tensor.shape, tensor, (i, at) => {
      out[i] = Math.max(...at.map((e) => x![e]!));
    });
    return out;
  },
  window_max_gradient(tensor, [x, g]) {
    const out = new Float64Array(size(tensor.shape));
    slide(tensor.shape, tensor.inputs[1]!.shape, tensor, (i, at) => {
      const best = Math.max(...at.map((e) => x![e]!));
      out[at.find((e) => x![e] === best)!]! += g![i]!;
    });
    return out;
  },
  window_sum(tensor, [x]) {
    const out = new Float64Array(size(tensor.shape));
    slide(tensor.inputs[0]!.shape, tensor.shape, tensor, (i, at) => {
      for (const e of at) out[i]! += x![e]!;
    });
    return out;
  },
  window_sum_gradient(tensor, [g]) {
    const out = new Float64Array(size(tensor.shape));
    slide(tensor.shape, tensor.inputs[0]!.shape, tensor, (i, at) => {
      for (const e of at) out[e]! += g![i]!;
    });
    return out;
  },
};
