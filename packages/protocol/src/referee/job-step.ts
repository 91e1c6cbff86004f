/** A step of a compiled job, committed to. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { columnFacts, type ColumnFacts, type Graph, type Manifest, type TensorValue } from '@gensyn/ir';
import { commitStep, type CommittedStep } from './step.js';

/** @param folder of the compiled job, whose files have been checked (`loadJob`) */
export function columnBytesOf(
  folder: string,
  manifest: Pick<Manifest, 'datasets'>,
): (column: ColumnFacts) => Uint8Array {
  const files = new Map(
    manifest.datasets.flatMap((set) =>
      set.columns.map(({ name, file }) => [`${set.name}\n${name}`, file] as const),
    ),
  );
  return ({ dataset, name }) => readFileSync(join(folder, ...files.get(`${dataset}\n${name}`)!.split('/')));
}

/**
 * @param folder of the compiled job, whose files have been checked (`loadJob`)
 * @param values of all nodes of the step (`inspectStep`)
 */
export function jobStep(
  folder: string,
  manifest: Manifest,
  graph: Graph,
  step: number,
  values: readonly TensorValue[],
): CommittedStep {
  const { seed, batch } = manifest;
  const columns = columnFacts(manifest);
  return commitStep(
    { graph, seed, batch, columns, columnBytes: columnBytesOf(folder, manifest) },
    step,
    values,
  );
}
