/** Reverse-mode automatic differentiation of a scalar over the tensor program. */
import { GensynError } from '@gensyn/ir';
import { add, at, scalar } from '../tensor/build.js';
import type { Tensor } from '../tensor/tensor.js';
import { GRADIENTS } from './gradients.js';

/** Every tensor that `roots` depend on, operands before users; equal structure is not merged here. */
export function topological(roots: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack: { tensor: Tensor; next: number }[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push({ tensor: root, next: 0 });
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const input = top.tensor.inputs[top.next++];
      if (!input) {
        order.push(top.tensor);
        stack.pop();
      } else if (!seen.has(input)) {
        seen.add(input);
        stack.push({ tensor: input, next: 0 });
      }
    }
  }
  return order;
}

/**
 * Gradient of the scalar `loss` with respect to each of `weights`. A gradient keeps the span of the expression it differentiates.
 * @throws GensynError L0901 when the loss passes through something that has no derivative
 */
export function differentiate(loss: Tensor, weights: readonly Tensor[]): Map<Tensor, Tensor> {
  const order = topological([loss]);
  const active = new Set<Tensor>(weights);
  for (const tensor of order) if (tensor.inputs.some((input) => active.has(input))) active.add(tensor);
  const gradients = new Map<Tensor, Tensor>([[loss, scalar(1)]]);
  for (const tensor of order.reverse()) {
    const g = gradients.get(tensor);
    if (!g || !active.has(tensor) || tensor.inputs.length === 0) continue;
    const rule = GRADIENTS[tensor.op];
    if (!rule) {
      throw new GensynError(
        'L0901',
        `the loss cannot be differentiated through '${tensor.op}'`,
        tensor.span ? { span: tensor.span } : {},
      );
    }
    const parts = at(tensor.span, () => rule(tensor, g));
    tensor.inputs.forEach((input, i) => {
      const part = parts[i];
      if (!part || !active.has(input)) return;
      const sum = gradients.get(input);
      gradients.set(input, sum ? at(tensor.span, () => add(sum, part)) : part);
    });
  }
  return gradients;
}
