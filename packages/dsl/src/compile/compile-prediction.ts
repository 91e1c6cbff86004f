/** A checked prediction to the folder of its job: what it leaves open until its data is read, its step, its manifest. */
import { join } from 'node:path';
import { GensynError, JOB_FILES, canonicalJson, elements, graphRoot, toOnnx } from '@gensyn/ir';
import type { PreparedDataset } from '../data/prepared.js';
import { predictionStep, predictionsShape } from '../lowering/prediction.js';
import type { Prediction } from '../semantics/program.js';
import type { Compiled } from './compile-job.js';
import { initModel } from './init-model.js';
import { manifestOf, stateOf } from './manifest-of.js';
import { removeOldParts } from './remove-old-parts.js';
import { proved } from './proved.js';
import { COMPILER_VERSION } from './version.js';
import { replace, writeModel } from './write-file.js';

export interface PredictionFiles {
  readonly datasets: readonly PreparedDataset[];
  readonly text: string;
  readonly out: string;
  /** Asked for the same step in plain f32. */
  readonly float: boolean | undefined;
}

/**
 * Nothing is held out, so there is nothing to evaluate but what the step computes anyway: eval.onnx is the step.
 * Errors: D0301, D0302, L0902, L0906 for `float`, L0002.
 */
export async function compilePrediction(
  prediction: Prediction,
  { datasets, text, out, float }: PredictionFiles,
): Promise<Compiled> {
  if (float)
    throw new GensynError('L0906', `${prediction.name} trains nothing that could be compared in plain f32`, {
      help: 'the network that it imports is plain f32 itself',
    });
  const program = settled(prediction, datasets);
  const step = proved(predictionStep(program, program.steps, datasets));
  const state = stateOf(step);
  const initial = initModel(state, program.seed, program.name, new Map());
  const graph = graphRoot(step);
  const manifest = manifestOf({
    ...{ program, step, state, datasets, holdoutRows: 0, compiler: COMPILER_VERSION },
    roots: { graph, evaluation: graph, initial: initial.root },
  });
  const model = toOnnx(step, { name: program.name });
  await writeModel(join(out, JOB_FILES.step), model);
  await writeModel(join(out, JOB_FILES.evaluation), model);
  await writeModel(join(out, JOB_FILES.init), initial.model);
  await replace(join(out, JOB_FILES.source), [Buffer.from(text)]);
  await replace(join(out, JOB_FILES.manifest), [Buffer.from(`${canonicalJson(manifest)}\n`)]);
  await removeOldParts(out, manifest);
  return { manifest, program, step, evaluation: step, folder: out };
}

/** A prediction of which is known how many steps there are. */
export interface Settled extends Prediction {
  readonly steps: number;
  readonly checkpointEvery: number;
}

/** Largest number of elements that a tensor has. */
const MOST = 2 ** 31 - 1;

/** One pass over the rows, the last batch filled up by rows of the next. Errors: D0301, D0302. */
function settled(prediction: Prediction, datasets: readonly PreparedDataset[]): Settled {
  const { batch, dataset } = prediction;
  const { rows } = datasets.find(({ name }) => name === dataset)!;
  const { span } = prediction.datasets.find(({ name }) => name === dataset)!;
  if (rows < batch) {
    throw new GensynError(
      'D0301',
      `data set '${dataset}' has ${rows} rows: too few for batches of ${batch}`,
      {
        span,
        help: 'make the batch smaller',
      },
    );
  }
  const steps = Math.ceil(rows / batch);
  const numbers = elements(predictionsShape(prediction, steps));
  if (numbers > MOST) {
    throw new GensynError(
      'D0302',
      `the predictions for ${rows} rows of '${dataset}' would be ${numbers} numbers, more than a tensor holds`,
      { span, help: 'split the data, or predict less for each row' },
    );
  }
  const checkpointEvery = Math.min(prediction.checkpointEvery ?? Math.ceil(steps / 10), steps);
  const defaults = prediction.defaults.map(({ name, value }) => ({
    name,
    value: name === 'verify.checkpoint' ? `every ${checkpointEvery} steps` : value,
  }));
  return { ...prediction, steps, checkpointEvery, defaults };
}
