/** An ONNX network and a data file as a job that predicts: options of `compile` and `run`. */
import { Flags } from '@oclif/core';
import { GensynError } from '@gensyn/ir';
import { basename, dirname, join } from 'node:path';
import { stat, type SourceJob } from './find-job.js';

export const modelFlags = {
  data: Flags.string({
    helpValue: 'file',
    description:
      'Of an .onnx file: what to predict, an .npy, .npz, IDX or csv file with a row for each prediction.',
  }),
  label: Flags.string({
    helpValue: 'name|file',
    description:
      'The right class of each row: a member or column of the data, or a file of its own. Gives accuracy.',
    dependsOn: ['data'],
  }),
  batch: Flags.integer({
    char: 'b',
    min: 1,
    max: 2 ** 20,
    description: 'Rows a step of an .onnx file with --data; up to 64 by default.',
    dependsOn: ['data'],
  }),
  output: Flags.string({
    description: 'Which output of the .onnx file to predict, where it has several.',
    dependsOn: ['data'],
  }),
  precision: Flags.integer({
    min: 1,
    max: 3,
    description: 'Digits of 8 bits that the products of an .onnx file keep; 2 by default.',
  }),
};

export interface ModelOptions {
  readonly data?: string | undefined;
  readonly label?: string | undefined;
  readonly batch?: number | undefined;
  readonly output?: string | undefined;
  readonly precision?: number | undefined;
}

/** Errors: U0106 for an option that only an .onnx file takes. */
export function refuseModelFlags(flags: ModelOptions): void {
  const given = Object.keys(modelFlags).find((name) => flags[name as keyof ModelOptions] !== undefined);
  if (given !== undefined) throw new GensynError('U0106', `--${given} is for .onnx files only`);
}

/** The job, whose text is made here and kept in its build folder. Errors: U0203 for files that are not there, U0106 without data, L08##, D####. */
export async function modelJob(model: string, { data, ...options }: ModelOptions): Promise<SourceJob> {
  if (!stat(model))
    throw new GensynError('U0203', `there is no ${model}`, { help: 'name the .onnx file of the network' });
  if (data === undefined)
    throw new GensynError('U0106', `${model} is a network, and nothing says what to predict with it`, {
      help: `add --data with a file of inputs, as in gensyn run ${basename(model)} --data inputs.npy`,
    });
  if (!stat(data))
    throw new GensynError('U0203', `there is no ${data}`, {
      help: '--data names the file of inputs: an .npy, .npz, IDX or csv file',
    });
  const { predictionText } = await import('@gensyn/dsl');
  const name = basename(model, '.onnx');
  const text = await predictionText({ model, data, ...options }).catch((error: unknown) => {
    // Of files named in a job's text this is a mistake in the text; here it is one on the command line.
    if (!(error instanceof GensynError) || error.code !== 'D0101') throw error;
    throw new GensynError('U0203', error.message, {
      notes: error.notes,
      help: '--label names a member or column of the data, or a file of its own',
      cause: error,
    });
  });
  return { kind: 'source', path: join(dirname(model), `${name}.gml`), name, text };
}
