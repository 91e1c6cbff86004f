/** What `compile` and `inspect` tell of a job, as text. */
import chalk from 'chalk';
import { join } from 'node:path';
import {
  MERGE_FOLDER,
  elements,
  formatType,
  shardFolder,
  type Graph,
  type Manifest,
  type ShardsManifest,
} from '@gensyn/ir';
import { stepsOfRows, workOfJob } from './job-work.js';
import { bytes, count, counted, percent, scaled } from './words.js';

export interface JobFacts {
  readonly manifest: Manifest;
  readonly step: Graph;
  /** Peak memory of a run on the processor, estimated. */
  readonly memoryBytes: number;
  readonly parts?: Parts | undefined;
}

/** Of a job in shards: what its parts say that the whole does not. */
export interface Parts {
  readonly replica: Manifest;
  readonly merge: Manifest;
}

/** The parts in a compiled job's folder. Errors: R0101, R0102. */
export async function partsOf(folder: string, { shards }: Manifest): Promise<Parts | undefined> {
  if (!shards) return undefined;
  const { loadManifest } = await import('@gensyn/runtime');
  const [replica, merge] = [shardFolder(0), MERGE_FOLDER].map((part) => loadManifest(join(folder, part)));
  return { replica: replica!, merge: merge! };
}

/** How often each operator occurs, most frequent first. */
export function operatorCounts(graph: Graph): [string, number][] {
  const counts = new Map<string, number>();
  for (const { op } of graph.nodes)
    if (op !== 'Input' && op !== 'Constant') counts.set(op, (counts.get(op) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** The operators of a graph in a line: how many, and which are most frequent. */
export function operatorLine(graph: Graph): string {
  const operators = operatorCounts(graph);
  const shown = operators
    .slice(0, 8)
    .map(([op, n]) => `${count(n)} ${op}`)
    .join(', ');
  const sum = (list: readonly [string, number][]): number => list.reduce((total, [, n]) => total + n, 0);
  const rest = sum(operators.slice(8));
  return `${counted(sum(operators), 'operator')}: ${shown}${rest > 0 ? `, ${count(rest)} others` : ''}`;
}

/** A block of `label  text` lines; text of several lines stays aligned. */
export function block(rows: readonly (readonly [string, string | readonly string[]])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length)) + 2;
  return rows
    .flatMap(([label, text]) =>
      (typeof text === 'string' ? [text] : text).map(
        (line, i) => `  ${chalk.dim((i === 0 ? label : '').padEnd(width))}${line}`,
      ),
    )
    .join('\n');
}

export function jobSummary({ manifest, step, memoryBytes, parts }: JobFacts): string {
  const { size, datasets, defaults, parameters } = manifest;
  const named = Object.entries(parameters).map(([name, value]) => `${name} = ${String(value)}`);
  const taken = Object.entries(defaults).map(([name, value]) => `${name} = ${value}`);
  return block([
    ['data', datasets.map(dataLine)],
    ...(named.length > 0 ? [['params', named.join(', ')] as const] : []),
    [
      'model',
      `${counted(size.parameters, 'parameter')}; ${manifest.predictions ? 'predictions of' : 'state with optimiser'} ${bytes(size.stateBytes)}`,
    ],
    [
      'step',
      [
        operatorLine(step),
        `${scaled(size.workPerStep)} scalar operations${manifest.shards ? ' of each replica' : ''}, ${scaled(workOfJob(manifest, parts?.merge))} for the whole job`,
      ],
    ],
    ['memory', `about ${bytes(memoryBytes)} on the processor`],
    manifest.predictions ? ['prediction', stepsLine(manifest)] : ['training', trainingLine(manifest)],
    ...(manifest.shards ? [['shards', shardsLine(manifest, manifest.shards)] as const] : []),
    ['checks', `${checkpointLine(manifest, parts)}; verifiers replay ${percent(manifest.sample)}`],
    ...(taken.length > 0 ? [['defaults', taken] as const] : []),
    ['roots', [`graph ${manifest.graphRoot}`, `data  ${manifest.dataRoot}`, `init  ${manifest.initRoot}`]],
  ]);
}

function dataLine({ name, rows, columns }: Manifest['datasets'][number]): string {
  const size = columns.reduce((sum, column) => sum + column.bytes, 0);
  const kinds = columns.map(
    (column) =>
      `${column.name} ${column.classes === undefined ? formatType(column) : `class[${column.classes}]${column.shape.length > 0 && elements(column.shape) > 1 ? `[${column.shape.join(', ')}]` : ''}`}`,
  );
  return `${name}: ${counted(rows, 'row')} of ${kinds.join(', ')} (${bytes(size)})`;
}

function trainingLine(manifest: Manifest): string {
  const { holdoutRows } = manifest;
  return stepsLine(
    manifest,
    holdoutRows > 0 ? `${counted(holdoutRows, 'row')} held out` : 'nothing held out',
  );
}

function stepsLine(manifest: Manifest, ...held: string[]): string {
  const { seed, precision } = manifest;
  return [stepsOfRows(manifest), ...held, `seed ${seed}`, counted(precision, 'digit')].join(', ');
}

function checkpointLine({ checkpointEvery, shards }: Manifest, parts: Parts | undefined): string {
  if (!shards) return `checkpoint every ${counted(checkpointEvery, 'step')}`;
  const segments = parts
    ? `, and every ${counted(parts.replica.checkpointEvery, 'step')} of a replica on the market`
    : '';
  return `checkpoint after every merge${segments}`;
}

function shardsLine({ steps, datasets }: Manifest, { count, sync }: ShardsManifest): string {
  const rounds = steps / (sync + 1);
  const rows = Math.floor((datasets[0]?.rows ?? 0) / count);
  return `${counted(count, 'replica')} of ${counted(rows, 'row')} each, merged after every ${counted(sync, 'step')}: ${counted(rounds, 'round')}`;
}
