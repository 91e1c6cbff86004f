/** What a run came to: its curve as a picture and the lines printed at its end. */
import chalk from 'chalk';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { GensynError, type Manifest } from '@gensyn/ir';
import type { Job } from '@gensyn/runtime';
import { block } from './job-summary.js';
import { rowsPerStep, stepsOfRows } from './job-work.js';
import { lossCurve } from './loss-curve.js';
import { lossSvg } from './loss-svg.js';
import { predictionsOf, writePredictions } from './predictions.js';
import { isColoured, width } from './terminal.js';
import type { Trained } from './train-run.js';
import { finishedState, storedState } from './trained-state.js';
import { duration, figure, percent, scaled } from './words.js';

/** Writes loss.svg into the run's folder; nothing of a job that predicts. Errors: R0503. */
export async function writeCurve(
  folder: string,
  { manifest, step }: Job,
  done: number,
): Promise<{ losses: Float32Array; svg?: string }> {
  if (manifest.predictions) return { losses: new Float32Array(0) };
  const { RUN_FILES, readLosses } = await import('@gensyn/runtime');
  const metrics = step.outputs.filter((output) => output.role === 'metric').map((output) => output.name);
  const { loss } = readLosses(join(folder, RUN_FILES.losses), metrics, done);
  const svg = join(folder, 'loss.svg');
  const holdout = readHoldout(join(folder, RUN_FILES.holdout)).filter((point) => point.step <= done);
  const subtitle = `loss over ${stepsOfRows(manifest, loss.length)}`;
  try {
    writeFileSync(svg, lossSvg({ title: basename(resolve(folder)), subtitle, loss, holdout }));
  } catch (cause) {
    throw new GensynError('R0503', 'loss.svg cannot be written', { cause });
  }
  return { losses: loss, svg };
}

/** Writes the predictions of a run that is finished; undefined for one that trains. Errors: R0203, R0501, R0503. */
export async function writeResult(
  job: Job,
  folder: string,
): Promise<{ files: ReturnType<typeof writePredictions>; accuracy: number | undefined } | undefined> {
  if (!job.manifest.predictions) return undefined;
  const state = finishedState(job.manifest, await storedState(folder, job), relative('.', folder) || '.');
  const predictions = await predictionsOf(job, state);
  return predictions && { files: writePredictions(folder, predictions), accuracy: predictions.accuracy };
}

/** The last entry of each step: a resumed run repeats some. */
function readHoldout(file: string): { step: number; loss: number }[] {
  const points = new Map<number, { step: number; loss: number }>();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  for (const line of text.split('\n')) {
    try {
      const point = JSON.parse(line) as { step: number; loss: number };
      if (Number.isFinite(point.step) && Number.isFinite(point.loss)) points.set(point.step, point);
    } catch {
      // A line cut short by a crash; these figures are for information only.
    }
  }
  return [...points.values()];
}

export interface RunResult {
  /** The run's folder as the user would type it. */
  readonly name: string;
  readonly trained: Trained;
  readonly manifest: Manifest;
  readonly losses: Float32Array;
  readonly device: string;
  /** Files with the predictions, as the user would type them, and the share of right ones. */
  readonly predicted?:
    { readonly files: readonly string[]; readonly accuracy: number | undefined } | undefined;
}

export function runSummary({ name, trained, manifest, losses, predicted }: RunResult): string {
  const { end, steps, trainingSteps, seconds, step, stateRoot, loss, holdout } = trained;
  const curve = lossCurve(losses, { columns: Math.min(72, width() - 12), rows: 9 });
  const rate = trainingSteps / seconds;
  const spent = end && steps > 0 ? end.spent : undefined;
  // Training goes on while a checkpoint is written.
  const ahead = end ? 0 : trained.start.step + steps - step;
  const facts = block([
    [
      'steps',
      steps === 0
        ? `${manifest.steps}, all done before`
        : `${trainingSteps}${manifest.shards ? ' of each replica' : ''} in ${duration(seconds)}: ${scaled(rate)} steps/s, ${scaled(rate * rowsPerStep(manifest))} rows/s${ahead > 0 ? `; the last ${ahead} are done again on --resume` : ''}`,
    ],
    ...(loss === undefined ? [] : [['loss', figure(loss)] as const]),
    ...(predicted ? [['predictions', predicted.files] as const] : []),
    ...(predicted?.accuracy === undefined ? [] : [['accuracy', percent(predicted.accuracy)] as const]),
    ...(holdout
      ? [
          [
            'holdout',
            Object.entries(holdout)
              .map(([key, value]) => `${key} ${key.startsWith('accuracy') ? percent(value) : figure(value)}`)
              .join(', '),
          ] as const,
        ]
      : []),
    ...(stateRoot === undefined ? [] : [['state root', stateRoot] as const]),
    ...(end ? [['proof root', end.proofRoot] as const] : []),
    ...(spent
      ? [
          [
            'commitment',
            `${duration(spent.hash / 1000)} for hashing, ${duration(spent.write / 1000)} for writing checkpoints`,
          ] as const,
        ]
      : []),
    ['files', `${name} (${manifest.predictions ? '' : 'loss.svg, '}checkpoints, proof)`],
  ]);
  const head = end
    ? `${mark('✔', 'green')} finished step ${manifest.steps}`
    : `${mark('●', 'yellow')} stopped at step ${step} of ${manifest.steps}`;
  const next = end ? `gensyn verify ${name}` : `gensyn run ${name} --resume`;
  return `${curve === '' ? '' : `${chalk.bold('loss')}\n${curve}\n\n`}${head}\n${facts}\n\n${end ? 'Check it' : 'Go on'}: ${chalk.cyan(next)}`;
}

function mark(sign: string, color: 'green' | 'yellow'): string {
  return isColoured() ? chalk[color](sign) : sign;
}
