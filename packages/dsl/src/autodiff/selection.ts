/** Reverse-mode rules of constants, bounds and choices. */
import * as t from '../tensor/build.js';
import { inside, select } from '../tensor/selection.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Gradient } from './gradients.js';
import { unbroadcast } from './unbroadcast.js';

const zero = (): Tensor => t.scalar(0);

/** Gradients of the larger or smaller of two: all of it to the one that was taken. */
function chosen(sign: 1 | -1): Gradient {
  return ({ inputs: [a, b] }, g) => {
    const difference = sign === 1 ? t.sub(a!, b!) : t.sub(b!, a!);
    const first = t.mul(g, t.unary('positive', difference));
    return [unbroadcast(first, a!.shape), unbroadcast(t.sub(g, first), b!.shape)];
  };
}

export const SELECTION_GRADIENTS: Readonly<Record<string, Gradient>> = {
  array: () => [],
  inside: () => [undefined],
  clip: ({ inputs: [x], attributes }, g) => {
    const { lo, hi } = attributes as { lo: number; hi: number };
    return [t.mul(g, inside(x!, lo, hi))];
  },
  select: ({ inputs: [mask, a, b] }, g) => [
    undefined,
    unbroadcast(select(mask!, g, zero()), a!.shape),
    unbroadcast(select(mask!, zero(), g), b!.shape),
  ],
  maximum: chosen(1),
  minimum: chosen(-1),
};
