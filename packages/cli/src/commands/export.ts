/** gensyn export: the trained model in a form that other programs read. */
import { Args, Flags } from '@oclif/core';
import { appendFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { GensynError, JOB_FILES, elements } from '@gensyn/ir';
import { GensynCommand } from '../command.js';
import { exportOnnx } from '../export-onnx.js';
import { findRun } from '../find-run.js';
import { readSettings } from '../settings.js';
import { storedState, weightsOf } from '../trained-state.js';

export class Export extends GensynCommand {
  static override summary = 'Write the trained model as ordinary ONNX for inference, or as safetensors.';
  static override description =
    'The model comes from the newest checkpoint of the run. The ONNX file is plain f32 with standard operators; the safetensors file holds the weights by name.';
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
      options: ['onnx', 'safetensors'],
      default: 'onnx',
      description: 'What to write.',
    }),
    out: Flags.string({
      char: 'o',
      helpValue: 'file',
      description: 'Where; model.onnx or model.safetensors in the run folder by default.',
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
    const { step, state } = await storedState(folder, job, flags.step);
    const weights = weightsOf(job, state);
    const out = flags.out ?? join(folder, `model.${flags.format}`);
    const metadata = new Map([
      ['format', 'gensyn-weights/1'],
      ['job', job.manifest.name],
      ['step', String(step)],
    ]);
    write(
      out,
      flags.format === 'onnx'
        ? await exportOnnx(flags.job ?? join(folder, JOB_FILES.source), job.manifest, state, flags.batch)
        : [...encodeSafetensors(weights, metadata)],
    );
    const parameters = [...weights.values()].reduce((sum, { shape }) => sum + elements(shape), 0);
    const size = statSync(out).size;
    if (this.jsonEnabled())
      return {
        run: folder,
        file: out,
        format: flags.format,
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
}

/** Errors: R0501, R0503. */
function write(path: string, pieces: readonly Uint8Array[]): void {
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, '');
    for (const piece of pieces) appendFileSync(temporary, piece);
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    const full = ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '');
    throw new GensynError(full ? 'R0501' : 'R0503', `${path} cannot be written`, { cause });
  }
}
