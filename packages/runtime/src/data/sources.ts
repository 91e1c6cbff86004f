/** The inputs of a step that are not state: batches of the data sets and random masks, recomputed from (seed, step). */
import {
  GensynError,
  batchOrder,
  elements,
  fillDropout,
  inputsOf,
  type BatchOrder,
  type Graph,
  type Manifest,
  type TensorType,
} from '@gensyn/ir';
import type { Cells, Column } from './column.js';

export interface SourceInput {
  readonly name: string;
  readonly type: TensorType;
  /** Elements of one step. */
  readonly size: number;
  /** Writes the input of a step into `out` from element `at` on. */
  fill(step: number, out: Cells, at: number): void;
  /** The same of a holdout batch. */
  fillHoldout(k: number, out: Cells, at: number): void;
}

/** Columns of a job, by data set and name. */
export type Columns = ReadonlyMap<string, Column>;

export function columnKey(dataset: string, column: string): string {
  return `${dataset}\n${column}`;
}

/** The order of each data set's rows. The first one keeps `holdoutRows` back; the others are trained on whole. Errors: G0030. */
export function ordersOf(manifest: Manifest): Map<string, BatchOrder> {
  return new Map(
    manifest.datasets.map((set, i) => [
      set.name,
      batchOrder(manifest.seed, manifest.batch, set.rows, i === 0 ? manifest.holdoutRows : 0),
    ]),
  );
}

/** Errors: R0108 when the graph asks for a column that the manifest lacks, or of another shape. */
export function sourceInputs(graph: Graph, manifest: Manifest, columns: Columns): SourceInput[] {
  const orders = ordersOf(manifest);
  // Columns of one data set share each step's row numbers.
  const rows = new Map<string, { step: number; rows: Int32Array }>();
  const rowsAt = (dataset: string, step: number): Int32Array => {
    const known = rows.get(dataset);
    if (known?.step === step) return known.rows;
    const fresh = { step, rows: orders.get(dataset)!.training(step) };
    rows.set(dataset, fresh);
    return fresh.rows;
  };
  return inputsOf(graph).flatMap(({ node }): SourceInput[] => {
    const source = node.source!;
    const name = node.name!;
    const size = elements(node.type.shape);
    if (source.kind === 'state') return [];
    if (source.kind === 'dropout') {
      const { stream, keep } = source;
      const fill = (step: number, out: Cells, at: number): void =>
        fillDropout((out as Float32Array).subarray(at, at + size), manifest.seed, stream, step, keep);
      return [
        { name, type: node.type, size, fill, fillHoldout: (_k, out, at) => void out.fill(1, at, at + size) },
      ];
    }
    if (source.kind === 'free')
      throw new GensynError('R0108', `nothing says what the graph's input '${name}' holds`);
    const column = columns.get(columnKey(source.dataset, source.column));
    const order = orders.get(source.dataset);
    if (!column || !order)
      throw new GensynError(
        'R0108',
        `the graph reads column '${source.column}' of '${source.dataset}', which the manifest lacks`,
      );
    if (size !== manifest.batch * column.width || node.type.dtype !== column.manifest.dtype) {
      throw new GensynError('R0108', `input '${name}' of the graph does not fit column '${source.column}'`);
    }
    return [
      {
        name,
        type: node.type,
        size,
        fill: (step, out, at) => column.gather(rowsAt(source.dataset, step), out, at),
        fillHoldout: (k, out, at) => column.gather(order.holdout(k), out, at),
      },
    ];
  });
}

/** Room for `count` steps of an input. */
export function cellsFor(input: SourceInput, count: number): Cells {
  return input.type.dtype === 'i32'
    ? new Int32Array(input.size * count)
    : new Float32Array(input.size * count);
}
