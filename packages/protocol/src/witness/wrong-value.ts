/** Another value for an element, one that the graph could hold where there is any. */
import { allows, ulp, type Node, type TensorData } from '@gensyn/ir';
import type { Choose } from './chooser.js';

export interface WrongValue {
  readonly value: number;
  /** Whether the node's range allows it, so that the rest of the step can be computed from it. */
  readonly possible: boolean;
}

export function wrongValue(
  { type, range }: Pick<Node, 'type' | 'range'>,
  data: TensorData,
  element: number,
  choose: Choose,
): WrongValue {
  const right = data[element]!;
  if (type.dtype === 'bool') return { value: 1 - right, possible: true };
  const grid = Math.max(
    range.quantum,
    type.dtype === 'f32' && right !== 0 ? ulp(Math.abs(right)) : range.quantum,
  );
  const near = [right + grid, right - grid, right + 16 * grid, right - 16 * grid];
  const far = [-right, right * 2, right / 2, 0, range.lo, range.hi, data[choose(data.length)]!];
  const candidates = [...near, ...far].map((value) => (type.dtype === 'f32' ? Math.fround(value) : value));
  const from = choose(candidates.length);
  for (let i = 0; i < candidates.length; i++) {
    const value = candidates[(from + i) % candidates.length]!;
    if (!Object.is(value, right) && allows(range, value)) return { value, possible: true };
  }
  return { value: right === 0 ? 1 : type.dtype === 'f32' ? Math.fround(right * 2) : -right, possible: false };
}
