/** The manifest of a compiled program. */
import {
  columnFacts,
  columnsRoot,
  elements,
  type ColumnManifest,
  type DatasetManifest,
  type Graph,
  type Manifest,
  type StateManifest,
} from '@gensyn/ir';
import type { PreparedColumn, PreparedDataset } from '../data/prepared.js';
import { HEALTH_BOUND } from '../lowering/step-context.js';
import { PREDICTIONS } from '../lowering/prediction.js';
import type { Program } from '../semantics/program.js';
import type { Settled } from './compile-prediction.js';

/** Folder of the column files, inside the job's folder. */
export const DATA_FOLDER = 'data';

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function columnManifest(column: PreparedColumn): ColumnManifest {
  const { name, storage, shape, dims, start, stride, min, max, bytes, root, divisor, offset } = column;
  return {
    name,
    storage,
    shape,
    dtype: column.type === 'f32' ? 'f32' : 'i32',
    dims,
    start,
    stride,
    min,
    max,
    file: `${DATA_FOLDER}/${column.file}`,
    bytes,
    root,
    divisor,
    offset,
    ...(column.classes === undefined ? {} : { classes: column.classes }),
    ...(column.labels ? { labels: column.labels } : {}),
    ...(column.alphabet === undefined
      ? {}
      : { alphabet: column.alphabet, alphabetStart: column.alphabetStart! }),
  };
}

export function datasetManifest(dataset: PreparedDataset): DatasetManifest {
  return { name: dataset.name, rows: dataset.rows, columns: dataset.columns.map(columnManifest) };
}

/** State tensors in the order of the state tree: the step counter, then inputs of kind state as the graph declares them. */
export function stateOf(graph: Graph): StateManifest[] {
  return graph.nodes.flatMap((node) =>
    node.source?.kind === 'state'
      ? [{ name: node.name!, dtype: node.type.dtype, shape: node.type.shape, init: node.source.init }]
      : [],
  );
}

/** Scalar operations of one step: one for each element a map or fold computes, none for what only moves. */
export function workOf(graph: Graph): number {
  let work = 0;
  for (const node of graph.nodes) {
    const size = elements(node.type.shape);
    if (node.op === 'Dot') work += size * graph.nodes[node.inputs[0]!]!.type.shape.at(-1)!;
    else if (node.op === 'ReduceMax') work += elements(graph.nodes[node.inputs[0]!]!.type.shape);
    else if (!MOVES.has(node.op)) work += size;
  }
  return work;
}

const MOVES: ReadonlySet<string> = new Set([
  'Input',
  'Constant',
  'Reshape',
  'Transpose',
  'Slice',
  'Pad',
  'Expand',
  'Concat',
  'Gather',
]);

export interface Roots {
  readonly graph: Uint8Array;
  readonly evaluation: Uint8Array;
  readonly initial: Uint8Array;
}

export interface ManifestParts {
  readonly program: Program | Settled;
  readonly compiler: string;
  readonly step: Graph;
  readonly state: readonly StateManifest[];
  readonly datasets: readonly PreparedDataset[];
  readonly holdoutRows: number;
  readonly roots: Roots;
}

export function manifestOf({
  program,
  compiler,
  step,
  state,
  datasets,
  holdoutRows,
  roots,
}: ManifestParts): Manifest {
  const weights = new Set(program.weights.map((weight) => weight.attributes['name'] as string));
  const size = (entries: readonly StateManifest[]) =>
    entries.reduce((sum, entry) => sum + elements(entry.shape), 0);
  const sets = datasets.map(datasetManifest);
  return {
    format: 'gensyn-job/1',
    name: program.name,
    compiler,
    graphRoot: hex(roots.graph),
    evalRoot: hex(roots.evaluation),
    dataRoot: hex(columnsRoot(columnFacts({ datasets: sets, holdoutRows }))),
    initRoot: hex(roots.initial),
    seed: program.seed,
    batch: program.batch,
    steps: program.steps,
    checkpointEvery: program.checkpointEvery,
    sample: program.sample,
    holdoutRows,
    precision: program.precision,
    datasets: sets,
    state,
    metrics: program.metrics.map((metric) => metric.name).filter((name) => name !== 'loss'),
    healthBound: HEALTH_BOUND,
    size: {
      parameters:
        program.kind === 'predict'
          ? program.weights.reduce((sum, { shape }) => sum + elements(shape), 0)
          : size(state.filter((entry) => weights.has(entry.name))),
      stateBytes: 4 * size(state),
      nodes: step.nodes.length,
      workPerStep: workOf(step),
    },
    parameters: Object.fromEntries(program.parameters.map(({ name, value }) => [name, value])),
    defaults: Object.fromEntries(program.defaults.map(({ name, value }) => [name, value])),
    ...(program.kind === 'predict' ? { predictions: predictionsOf(program) } : {}),
    ...(program.market ? { market: program.market } : {}),
  };
}

function predictionsOf({ dataset, label }: Settled): NonNullable<Manifest['predictions']> {
  return { state: PREDICTIONS, dataset, ...(label === undefined ? {} : { label }) };
}
