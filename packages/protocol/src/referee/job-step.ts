/** A step of a compiled job, committed to. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { columnFacts, type ColumnFacts, type Graph, type Manifest, type TensorValue } from '@gensyn/ir';
import { commitStep, type CommittedStep } from './step.js';

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
  const columns = columnFacts(manifest);
  const files = new Map(
    manifest.datasets.flatMap((set) =>
      set.columns.map(({ name, file }) => [`${set.name}\n${name}`, file] as const),
    ),
  );
  const columnBytes = ({ dataset, name }: ColumnFacts): Uint8Array =>
    readFileSync(join(folder, ...files.get(`${dataset}\n${name}`)!.split('/')));
  return commitStep(
    { graph, seed: manifest.seed, batch: manifest.batch, columns, columnBytes },
    step,
    values,
  );
}
