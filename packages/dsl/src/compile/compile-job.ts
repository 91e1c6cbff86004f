/** From a job's text to its folder: canonical graphs, initial state, data in canonical form, manifest. */
import { mkdir, readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  GensynError,
  JOB_FILES,
  canonicalJson,
  graphRoot,
  sliceOf,
  toOnnx,
  type Graph,
  type Manifest,
  type State,
  type StateManifest,
} from '@gensyn/ir';
import { prepareDataset } from '../data/index.js';
import { countedSteps } from '../lowering/shard-clock.js';
import { evaluationStep, floatStep, trainingStep } from '../lowering/step.js';
import { checkTask } from '../semantics/check.js';
import type { Prediction, Program } from '../semantics/program.js';
import type { Init } from '../tensor/tensor.js';
import { compilePrediction } from './compile-prediction.js';
import { COMPILER_VERSION } from './version.js';
import { initModel } from './init-model.js';
import { DATA_FOLDER, manifestOf, stateOf } from './manifest-of.js';
import { proved } from './proved.js';
import { removeOldParts } from './remove-old-parts.js';
import { replace, writeModel } from './write-file.js';
import { writeShards } from './write-shards.js';

/** The float comparison model, beside the files of the job. */
export const FLOAT_FILE = 'float.onnx';

export interface CompileOptions {
  /** Path of the .gml file. */
  readonly job: string;
  /** Folder to write; made if it is missing. */
  readonly out: string;
  /** Values of the job's parameters, as written on the command line. */
  readonly set?: Readonly<Record<string, string>>;
  /** Also writes float.onnx: the same training step in plain f32. */
  readonly float?: boolean;
  /** The job's text, where the file is not written: paths in it count from the folder of `job`. */
  readonly text?: string;
}

export interface Compiled {
  readonly manifest: Manifest;
  readonly program: Program | Prediction;
  readonly step: Graph;
  readonly evaluation: Graph;
  readonly folder: string;
}

/** @throws DiagnosticsError with everything wrong with the text; GensynError D#### for the data */
export async function compileJob(options: CompileOptions): Promise<Compiled> {
  const { job, out } = options;
  const text = options.text ?? (await readText(job));
  const task = checkTask(
    { path: job, text },
    (path) => readFileSync(path, 'utf8'),
    options.set ? { set: options.set } : {},
  );
  await mkdir(join(out, DATA_FOLDER), { recursive: true });
  const datasets = [];
  for (const dataset of task.datasets) {
    datasets.push(
      await prepareDataset(dataset, { baseDir: dirname(resolve(job)), outDir: join(out, DATA_FOLDER) }),
    );
  }
  if (task.kind === 'predict') return compilePrediction(task, { datasets, text, out, float: options.float });
  const program = task;
  const { shards } = program;
  const [first] = datasets;
  const slices = Array.from({ length: shards?.count ?? 1 }, (_, shard) =>
    first && shards ? sliceOf(first, shard, shards.count) : first,
  );
  const held = slices.map((slice) => holdoutOf(program, slice?.rows ?? 0));
  const step = proved(trainingStep(program, datasets));
  const evaluation = proved(evaluationStep(program, datasets));
  const state = stateOf(step);
  const initial = initModel(state, program.seed, program.name, givenOf(program, state));
  const checkpointEvery = shards ? shards.sync + 1 : program.checkpointEvery;
  const whole = manifestOf({
    program: { ...program, steps: countedSteps(program), checkpointEvery },
    compiler: COMPILER_VERSION,
    step,
    state,
    datasets,
    holdoutRows: held.reduce((sum, each) => sum + each, 0),
    roots: { graph: graphRoot(step), evaluation: graphRoot(evaluation), initial: initial.root },
  });
  await writeModel(join(out, JOB_FILES.step), toOnnx(step, { name: program.name }));
  await writeModel(
    join(out, JOB_FILES.evaluation),
    toOnnx(evaluation, { name: `${program.name} evaluation` }),
  );
  await writeModel(join(out, JOB_FILES.init), initial.model);
  if (options.float) await writeModel(join(out, FLOAT_FILE), floatStep(program, datasets));
  await replace(join(out, JOB_FILES.source), [Buffer.from(text)]);
  const manifest = shards
    ? {
        ...whole,
        shards: await writeShards({
          ...{ out, whole, step, shards, holdout: held },
          checkpointEvery: program.checkpointEvery,
        }),
      }
    : whole;
  // The manifest comes last: a folder that has one is complete.
  await replace(join(out, JOB_FILES.manifest), [Buffer.from(`${canonicalJson(manifest)}\n`)]);
  await removeOldParts(out, manifest);
  return { manifest, program, step, evaluation, folder: out };
}

async function readText(job: string): Promise<string> {
  try {
    return await readFile(job, 'utf8');
  } catch (cause) {
    throw new GensynError('L0001', `cannot read the job ${job}`, {
      help: 'name a .gml file, or run `gensyn init` to make a new job',
      cause,
    });
  }
}

/** Values of the state tensors that start as an imported network's weights: these, and averages that follow them. */
function givenOf(program: Program, state: readonly StateManifest[]): State {
  const values = new Map<string, Float32Array>();
  for (const weight of program.weights) {
    const init = weight.attributes['init'] as Init;
    if (init.kind === 'given') values.set(init.root, init.data);
  }
  return new Map(
    state.flatMap(({ name, dtype, shape, init }) =>
      init.kind === 'given' ? [[name, { dtype, shape, data: values.get(init.root)! }] as const] : [],
    ),
  );
}

/** Whole batches, at least one where anything is held out at all. */
function holdoutOf(program: Program, rows: number): number {
  const { batch, holdout } = program;
  const held = holdout === 0 ? 0 : Math.max(1, Math.round((holdout * rows) / batch)) * batch;
  const dataset = program.datasets[0];
  if (rows - held < batch) {
    throw new GensynError(
      'D0301',
      `${program.shards ? 'a slice of ' : ''}data set '${dataset?.name}' has ${rows} rows: too few for batches of ${batch} with ${held} rows held out`,
      {
        ...(dataset ? { span: dataset.span } : {}),
        help: `make the batch or the holdout smaller${program.shards ? ', or take fewer shards' : ''}`,
      },
    );
  }
  return held;
}
