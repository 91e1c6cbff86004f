/** Columns of the data set as graph inputs. */
import { range, type Range, type Value } from '@gensyn/ir';
import type { PreparedColumn, PreparedDataset } from '../data/prepared.js';
import type { Tensor } from '../tensor/tensor.js';
import { mul, sub } from './arithmetic.js';
import type { Numerics } from './context.js';

/** Name of the graph input that a column feeds. */
export function inputName(dataset: string, column: string): string {
  return `${dataset}.${column}`;
}

function storedRange(column: PreparedColumn): Range {
  const { min, max, tiny, quantum } = column;
  return range({
    lo: min,
    hi: max,
    ...(tiny > 0 ? { tiny } : {}),
    ...(quantum > 0 ? { quantum } : {}),
    negativeZero: column.storage === 'f32' && min <= 0,
  });
}

/**
 * Columns as the job sees them: one batch of (stored - offset) / divisor, the division as a product with 1/divisor rounded to f32. A
 * column is one input however often the job uses it.
 */
export function columnInputs(ctx: Numerics, datasets: readonly PreparedDataset[]): (tensor: Tensor) => Value {
  const known = new Map<string, Value>();
  return (tensor) => {
    const { dataset, column } = tensor.attributes as { dataset: string; column: string };
    const name = inputName(dataset, column);
    const prepared = datasets.find((d) => d.name === dataset)!.columns.find((c) => c.name === column)!;
    const value = known.get(name) ?? columnInput(ctx, dataset, prepared, tensor);
    known.set(name, value);
    return value;
  };
}

function columnInput(ctx: Numerics, dataset: string, column: PreparedColumn, tensor: Tensor): Value {
  const dtype = tensor.type === 'f32' ? 'f32' : 'i32';
  const stored = ctx.builder.input(
    inputName(dataset, column.name),
    { dtype, shape: tensor.shape },
    dtype === 'i32' && column.classes
      ? range({ lo: 0, hi: column.classes - 1, quantum: 1 })
      : storedRange(column),
    { kind: 'batch', dataset, column: column.name },
  );
  if (dtype === 'i32') return stored;
  const shifted = column.offset === 0 ? stored : sub(ctx, stored, ctx.builder.scalar(column.offset));
  return column.divisor === 1 ? shifted : mul(ctx, shifted, ctx.builder.scalar(1 / column.divisor));
}
