/** The gradient of an operand that was broadcast. */
import * as t from '../tensor/build.js';
import type { Tensor } from '../tensor/tensor.js';

/** Sums a gradient over the axes along which the operand was broadcast. `shared`: a product uses the same gradient (bias of a linear layer). */
export function unbroadcast(g: Tensor, shape: readonly number[], shared = false): Tensor {
  const lead = g.shape.length - shape.length;
  const axes = g.shape.flatMap((dim, axis) =>
    axis < lead || (shape[axis - lead] === 1 && dim !== 1) ? [axis] : [],
  );
  return axes.length === 0 ? g : t.reshape(t.sum(g, axes, true, shared), shape);
}
