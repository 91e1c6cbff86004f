/** Values of a tensor in a few figures. */
import { formatType, type TensorValue } from '@gensyn/ir';

export interface ValueFacts {
  readonly type: string;
  readonly elements: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly zeros: number;
  /** The first values, row by row. */
  readonly first: readonly number[];
}

export function factsOf(value: TensorValue, most = 8): ValueFacts {
  const { data } = value;
  let [min, max, sum, zeros] = [Infinity, -Infinity, 0, 0];
  for (const x of data) {
    if (x < min) min = x;
    if (x > max) max = x;
    if (x === 0) zeros += 1;
    sum += x;
  }
  return {
    type: formatType(value),
    elements: data.length,
    min,
    max,
    mean: data.length === 0 ? 0 : sum / data.length,
    zeros,
    first: Array.from(data.subarray(0, most)),
  };
}
