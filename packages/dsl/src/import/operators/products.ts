/** ONNX's matrix products and convolutions. */
import * as t from '../../tensor/build.js';
import type { Tensor } from '../../tensor/tensor.js';
import { conv } from '../../tensor/windows.js';
import {
  formatShape,
  given,
  integer,
  list,
  number,
  refuse,
  tensor,
  type Family,
  type Operation,
} from '../operation.js';
import { traced } from '../value.js';
import { MAX_WINDOW } from '../limits.js';
import { padsOf } from '../windows.js';

/** A pair of matrices; a vector is a row on the left and a column on the right. */
function product(a: Tensor, b: Tensor): Tensor {
  const left = a.shape.length === 1 ? t.reshape(a, [1, ...a.shape]) : a;
  const right = b.shape.length === 1 ? t.reshape(b, [...b.shape, 1]) : b;
  const y = flatProduct(left, right);
  const shape = [...y.shape];
  if (b.shape.length === 1) shape.pop();
  if (a.shape.length === 1) shape.splice(b.shape.length === 1 ? -1 : -2, 1);
  return shape.length === y.shape.length ? y : t.reshape(y, shape);
}

/** Rows of all leading axes at once where the right side is one matrix: a linear layer on sequences. */
function flatProduct(a: Tensor, b: Tensor): Tensor {
  if (b.shape.length !== 2 || a.shape.length === 2) return t.matmul(a, b);
  const rows = a.shape.slice(0, -1).reduce((x, y) => x * y, 1);
  const y = t.matmul(t.reshape(a, [rows, a.shape.at(-1)!]), b);
  return t.reshape(y, [...a.shape.slice(0, -1), b.shape[1]!]);
}

function scaled(x: Tensor, factor: number): Tensor {
  return factor === 1 ? x : t.mul(x, t.scalar(factor));
}

function convolution(o: Operation): Tensor {
  const x = tensor(o, 0);
  const w = tensor(o, 1);
  const bias = given(o, 2) ? tensor(o, 2) : undefined;
  const axes = x.shape.length - 2;
  if (axes !== 1 && axes !== 2) {
    refuse(`a convolution over ${axes} axes cannot be imported`, 'one and two axes are supported');
  }
  if (w.shape.length !== x.shape.length)
    refuse(`weights ${formatShape(w.shape)} do not fit ${formatShape(x.shape)}`);
  const kernel = list(o, 'kernel_shape') ?? w.shape.slice(2);
  const strides = list(o, 'strides') ?? kernel.map(() => 1);
  const dilations = list(o, 'dilations') ?? kernel.map(() => 1);
  const pads = padsOf(o, x.shape.slice(2), kernel, strides, dilations);
  if ([kernel, strides, dilations].some((each) => each.length !== axes || each.some((n) => n < 1)))
    refuse('its kernel, strides or dilations do not fit the input');
  if (kernel.reduce((a, b) => a * b, 1) > MAX_WINDOW) refuse(`its kernel has more than ${MAX_WINDOW} places`);
  const groups = integer(o, 'group', 1);
  if (groups < 1) refuse('its number of groups is not positive');
  // One axis is a picture of one row.
  const one = axes === 1;
  const pair = (values: readonly number[], first: number): [number, number] =>
    one ? [first, values[0]!] : [values[0]!, values[1]!];
  const picture = one ? t.reshape(x, [x.shape[0]!, x.shape[1]!, 1, x.shape[2]!]) : x;
  const weights = one ? t.reshape(w, [w.shape[0]!, w.shape[1]!, 1, w.shape[2]!]) : w;
  const y = conv(picture, weights, bias, {
    kernel: pair(kernel, 1),
    strides: pair(strides, 1),
    dilations: pair(dilations, 1),
    pads: one ? [0, pads[0]!, 0, pads[1]!] : [pads[0]!, pads[1]!, pads[2]!, pads[3]!],
    groups,
  });
  return one ? t.reshape(y, [y.shape[0]!, y.shape[1]!, y.shape[3]!]) : y;
}

export const products: Family = {
  MatMul: { operands: [2, 2], build: (o) => traced(product(tensor(o, 0), tensor(o, 1))) },
  Gemm: {
    operands: [2, 3],
    attributes: ['alpha', 'beta', 'broadcast', 'transA', 'transB'],
    build(o) {
      const y = scaled(
        t.matmul(tensor(o, 0), tensor(o, 1), integer(o, 'transA', 0) !== 0, integer(o, 'transB', 0) !== 0),
        number(o, 'alpha', 1),
      );
      const beta = number(o, 'beta', 1);
      return traced(given(o, 2) && beta !== 0 ? t.add(y, scaled(tensor(o, 2), beta)) : y);
    },
  },
  Conv: {
    operands: [2, 3],
    attributes: ['auto_pad', 'dilations', 'group', 'kernel_shape', 'pads', 'strides'],
    limits: 'one or two axes',
    build: (o) => traced(convolution(o)),
  },
};
