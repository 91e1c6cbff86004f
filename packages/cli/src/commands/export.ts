/** gensyn export: the trained model, or what was predicted, in a form that other programs read. */
import { Args, Flags } from '@oclif/core';
import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { GensynError, JOB_FILES, elements } from '@gensyn/ir';
import type { Job } from '@gensyn/runtime';
import { GensynCommand } from '../command.js';
import { exportOnnx } from '../export-onnx.js';
import { findRun } from '../find-run.js';
import { readSettings } from '../settings.js';
import { csv, npy, predictionsOf } from '../predictions.js';
import { storedState, weightsOf } from '../trained-state.js';
import { writePieces } from '../write-pieces.js';

export class Export extends GensynCommand {
  static override summary =
    'Write the trained model as ordinary ONNX or safetensors, or predictions as npy or csv.';
  static override description =
    'The model comes from the newest checkpoint of the run. The ONNX file is plain f32 with standard operators; the safetensors file holds the weights by name. ' +
    'Of a finished job that predicts, the predictions are written, in the order of the data.';
  static override examples = [
    { description: 'For any ONNX runtime:', command: '<%= config.bin %> export runs/digits' },
    { description: '64 rows at a time:', command: '<%= config.bin %> export runs/digits --batch 64' },
    {
      description: 'Weights by name, for PyTorch and others:',
      command: '<%= config.bin %> export runs/digits --format safetensors --out digits.safetensors',
    },
  ];
  static override args = {
    run: Args.string({ description: 'A run folder, or a job that was run; the newest in runs/ by default.' }),
  };
  static override flags = {
    format: Flags.string({
      char: 'f',
      options: ['onnx', 'safetensors', 'npy', 'csv'],
      description: 'What to write: onnx by default, or npy of predictions.',
    }),
    out: Flags.string({
      char: 'o',
      helpValue: 'file',
      description: 'Where; model.<format> or predictions.<format> in the run folder by default.',
    }),
    job: Flags.string({
      helpValue: 'file',
      description: "The job's text, where it imports others; the copy in the run folder by default.",
    }),
    step: Flags.integer({ min: 0, description: 'From the newest checkpoint up to this step.' }),
    batch: Flags.integer({
      char: 'b',
      min: 1,
      max: 65536,
      default: 1,
      description: 'Rows that the ONNX model takes at once.',
    }),
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Export);
    const folder = findRun(args.run, await readSettings());
    const { encodeSafetensors, loadJob } = await import('@gensyn/runtime');
    const job = await loadJob(folder);
    const format = formatOf(job, flags.format);
    if (format === 'npy' || format === 'csv') return this.predictions(job, folder, format, flags.out);
    const { step, state } = await storedState(folder, job, flags.step);
    const weights = weightsOf(job, state);
    const out = flags.out ?? join(folder, `model.${format}`);
    const metadata = new Map([
      ['format', 'gensyn-weights/1'],
      ['job', job.manifest.name],
      ['step', String(step)],
    ]);
    writePieces(
      out,
      format === 'onnx'
        ? await exportOnnx(flags.job ?? join(folder, JOB_FILES.source), job.manifest, state, flags.batch)
        : [...encodeSafetensors(weights, metadata)],
    );
    const parameters = [...weights.values()].reduce((sum, { shape }) => sum + elements(shape), 0);
    const size = statSync(out).size;
    if (this.jsonEnabled())
      return {
        run: folder,
        file: out,
        format,
        step,
        parameters,
        bytes: size,
        tensors: [...weights].map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
      };
    const { bytes, counted } = await import('../words.js');
    this.log(
      `Written ${relative('.', out)}: ${counted(parameters, 'parameter')} after step ${step}, ${bytes(size)}.`,
    );
    return undefined;
  }

  private async predictions(
    job: Job,
    folder: string,
    format: 'npy' | 'csv',
    wanted: string | undefined,
  ): Promise<unknown> {
    const { steps } = job.manifest;
    const { step, state } = await storedState(folder, job);
    if (step < steps)
      throw new GensynError(
        'U0210',
        `the run stands at step ${step} of ${steps}: not all rows are predicted`,
        {
          help: `\`gensyn run ${relative('.', folder) || '.'} --resume\` goes on with it`,
        },
      );
    const found = (await predictionsOf(job, state))!;
    const pieces = format === 'npy' ? npy(found) : csv(found);
    if (!pieces)
      throw new GensynError('U0106', `a row of the predictions is [${found.shape.slice(1).join(', ')}]`, {
        help: 'csv holds one number or a list of scores a row; take --format npy',
      });
    const out = wanted ?? join(folder, `predictions.${format}`);
    writePieces(out, pieces);
    const { shape, accuracy } = found;
    if (this.jsonEnabled()) return { run: folder, file: out, format, shape, accuracy };
    const { counted } = await import('../words.js');
    this.log(
      `Written ${relative('.', out)}: ${counted(shape[0]!, 'row')} of [${shape.slice(1).join(', ')}].`,
    );
    return undefined;
  }
}

/** Errors: U0106 for a format that the job has nothing for. */
function formatOf({ manifest }: Job, wanted: string | undefined): string {
  const predicts = manifest.predictions !== undefined;
  const format = wanted ?? (predicts ? 'npy' : 'onnx');
  if ((format === 'npy' || format === 'csv') === predicts) return format;
  throw new GensynError(
    'U0106',
    predicts
      ? `${manifest.name} trains nothing that could be written as ${format}`
      : `${manifest.name} trains a model and predicts nothing`,
    {
      help: predicts
        ? 'its predictions are written as npy or csv'
        : 'the model is written as onnx or safetensors',
    },
  );
}
