/** Reverse-mode automatic differentiation of a scalar over the tensor program. */
import { GensynError } from '@gensyn/ir';
import { add, at, concat, scalar } from '../tensor/build.js';
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
  const gradients = new Map<Tensor, Tensor>();
  const contributions = new Map<Tensor, Tensor[]>([[loss, [scalar(1)]]]);
  for (const tensor of order.reverse()) {
    const g = gathered(contributions.get(tensor) ?? [], tensor.span);
    if (!g) continue;
    gradients.set(tensor, g);
    if (!active.has(tensor) || tensor.inputs.length === 0) continue;
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
      const known = contributions.get(input);
      if (known) known.push(part);
      else contributions.set(input, [part]);
    });
  }
  return gradients;
}

/** The sum of what flows back to one tensor. What its slices along one axis give back, where they cover it, is put side by side instead. */
function gathered(parts: readonly Tensor[], span: Tensor['span']): Tensor | undefined {
  const [first] = parts;
  if (parts.length < 2) return first;
  const axis = first!.attributes['axis'] as number;
  const pieces = parts
    .map((part) => ({ part, from: part.attributes['before'] as number }))
    .sort((a, b) => a.from - b.from);
  let end = 0;
  const covered =
    pieces.every(({ part, from }) => {
      if (part.op !== 'pad' || part.attributes['axis'] !== axis || from !== end) return false;
      end += part.inputs[0]!.shape[axis]!;
      return true;
    }) && end === first!.shape[axis];
  return at(span, () =>
    covered
      ? concat(
          pieces.map(({ part }) => part.inputs[0]!),
          axis,
        )
      : parts.reduce((sum, part) => add(sum, part)),
  );
}
