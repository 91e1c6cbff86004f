/** The parts of a job in shards: an ordinary compiled job for each replica, and one for the merge. */
import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  GensynError,
  JOB_FILES,
  MERGE_FOLDER,
  canonicalJson,
  columnFacts,
  columnsRoot,
  elements,
  graphRoot,
  jobRoot,
  shardFolder,
  sliceOf,
  toOnnx,
  type Graph,
  type Manifest,
  type ShardsManifest,
} from '@gensyn/ir';
import { mergeEvaluation, mergeStep } from '../lowering/merge.js';
import { initModel } from './init-model.js';
import { hex, stateOf, workOf } from './manifest-of.js';
import { proved } from './proved.js';
import { replace, writeModel } from './write-file.js';

export interface ShardsRequest {
  /** The folder of the undivided job, whose files are there already but for the manifest. */
  readonly out: string;
  /** The undivided job. */
  readonly whole: Manifest;
  readonly step: Graph;
  readonly shards: { readonly count: number; readonly sync: number };
  /** Rows that each slice of the first data set keeps out of training. */
  readonly holdout: readonly number[];
  /** Steps of a segment, for disputes over a replica's part of a round. */
  readonly checkpointEvery: number;
}

/** Writes the parts and says what binds them to the whole. Errors: L0002, L0902, L0904. */
export async function writeShards(request: ShardsRequest): Promise<ShardsManifest> {
  const { out, whole, shards, step } = request;
  const part = withoutMarket(whole);
  const files = [
    ...[JOB_FILES.step, JOB_FILES.evaluation, JOB_FILES.init, JOB_FILES.source],
    ...new Set(whole.datasets.flatMap(({ columns }) => columns.map(({ file }) => file))),
  ];
  const jobs: string[] = [];
  for (const [shard, holdoutRows] of request.holdout.entries()) {
    const datasets = whole.datasets.map((set) => sliceOf(set, shard, shards.count));
    const manifest: Manifest = {
      ...part,
      dataRoot: hex(columnsRoot(columnFacts({ datasets, holdoutRows }))),
      checkpointEvery: request.checkpointEvery,
      holdoutRows,
      datasets,
    };
    const folder = join(out, shardFolder(shard));
    for (const file of files) await share(join(out, file), join(folder, file));
    await writeManifest(folder, manifest);
    jobs.push(jobRoot(manifest));
  }
  const merge = await writeMerge(join(out, MERGE_FOLDER), part, step, shards.count);
  await share(join(out, JOB_FILES.source), join(out, MERGE_FOLDER, JOB_FILES.source));
  return { ...shards, jobs, merge: jobRoot(merge) };
}

async function writeMerge(folder: string, part: Manifest, step: Graph, count: number): Promise<Manifest> {
  const graph = proved(mergeStep(step, count));
  const evaluation = proved(mergeEvaluation());
  const state = stateOf(graph);
  const name = `${part.name} merge`;
  const initial = initModel(state, part.seed, name, new Map());
  const size = state.reduce((sum, { shape }) => sum + elements(shape), 0);
  const manifest: Manifest = {
    ...part,
    name,
    graphRoot: hex(graphRoot(graph)),
    evalRoot: hex(graphRoot(evaluation)),
    dataRoot: hex(columnsRoot([])),
    initRoot: hex(initial.root),
    checkpointEvery: 1,
    holdoutRows: 0,
    datasets: [],
    state,
    metrics: [],
    size: {
      parameters: part.size.parameters,
      stateBytes: 4 * size,
      nodes: graph.nodes.length,
      workPerStep: workOf(graph),
    },
  };
  await mkdir(folder, { recursive: true });
  await writeModel(join(folder, JOB_FILES.step), toOnnx(graph, { name }));
  await writeModel(join(folder, JOB_FILES.evaluation), toOnnx(evaluation, { name: `${name} evaluation` }));
  await writeModel(join(folder, JOB_FILES.init), initial.model);
  await writeManifest(folder, manifest);
  return manifest;
}

async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await replace(join(folder, JOB_FILES.manifest), [Buffer.from(`${canonicalJson(manifest)}\n`)]);
}

/** One file in two folders, where the file system has links, else a copy. Errors: L0002. */
async function share(from: string, to: string): Promise<void> {
  try {
    await mkdir(dirname(to), { recursive: true });
    await rm(to, { force: true });
    await link(from, to).catch(() => copyFile(from, to));
  } catch (cause) {
    throw new GensynError('L0002', `cannot write ${to}`, { cause });
  }
}

/** What is paid is said of the whole. */
function withoutMarket(whole: Manifest): Manifest {
  const { market, ...rest } = whole;
  return market ? rest : whole;
}
