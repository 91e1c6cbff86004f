/** Columns of the data set as graph inputs. */
import { range, type Range, type Value } from '@gensyn/ir';
import type { PreparedColumn } from '../data/prepared.js';
import type { Tensor } from '../tensor/tensor.js';
import { mul, sub } from './arithmetic.js';
import type { StepContext } from './step-context.js';

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

/** One batch of a column as the job sees it: (stored - offset) / divisor, the division as a product with 1/divisor rounded to f32. */
export function columnInput(ctx: StepContext, tensor: Tensor): Value {
  const { dataset, column: name } = tensor.attributes as { dataset: string; column: string };
  const column = ctx.datasets.get(dataset)!.columns.find((c) => c.name === name)!;
  const dtype = tensor.type === 'f32' ? 'f32' : 'i32';
  const stored = ctx.builder.input(
    inputName(dataset, name),
    { dtype, shape: tensor.shape },
    dtype === 'i32' && column.classes ? range({ lo: 0, hi: column.classes - 1, quantum: 1 }) : storedRange(column),
    { kind: 'batch', dataset, column: name },
  );
  if (dtype === 'i32') return stored;
  const shifted = column.offset === 0 ? stored : sub(ctx, stored, ctx.builder.scalar(column.offset));
  return column.divisor === 1 ? shifted : mul(ctx, shifted, ctx.builder.scalar(1 / column.divisor));
}
