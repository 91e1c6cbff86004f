/** gensyn export: the trained model, or what was predicted, in a form that other programs read. */
import { Args, Flags } from '@oclif/core';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { GensynError, JOB_FILES, elements } from '@gensyn/ir';
import type { TaskResult } from '@gensyn/protocol';
import type { Job } from '@gensyn/runtime';
import { GensynCommand } from '../command.js';
import { exportOnnx } from '../export-onnx.js';
import { findRun } from '../find-run.js';
import { readSettings, storeOf } from '../settings.js';
import { chainFlags, marketSettings, openMarketWith, storeFlag, type MarketFlags } from '../market-flags.js';
import { csv, npy, predictionsOf } from '../predictions.js';
import { finishedState, skippedLine, storedState, weightsOf, type StoredState } from '../trained-state.js';
import { writePieces } from '../write-pieces.js';

const FORMATS = ['onnx', 'safetensors', 'npy', 'csv'] as const;

export class Export extends GensynCommand {
  static override summary =
    'Write the trained model as ordinary ONNX or safetensors, or predictions as npy or csv.';
  static override description =
    'The model comes from the newest checkpoint of the run. The ONNX file is plain f32 with standard operators; the safetensors file holds the weights by name. ' +
    'Of a finished job that predicts, the predictions are written, in the order of the data. ' +
    'With --task the result of a task is fetched from the store and checked against the chain.';
  static override examples = [
    { description: 'For any ONNX runtime:', command: '<%= config.bin %> export runs/digits' },
    { description: '64 rows at a time:', command: '<%= config.bin %> export runs/digits --batch 64' },
    {
      description: 'Weights by name, for PyTorch and others:',
      command: '<%= config.bin %> export runs/digits --format safetensors --out digits.safetensors',
    },
    { description: 'What a solver has made of task 3:', command: '<%= config.bin %> export --task 3' },
  ];
  static override args = {
    run: Args.string({ description: 'A run folder, or a job that was run; the newest in runs/ by default.' }),
  };
  static override flags = {
    format: Flags.string({
      char: 'f',
      options: [...FORMATS],
      description: 'What to write: as --out ends, or else onnx, or npy of predictions.',
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
    task: Flags.integer({ min: 1, description: 'The result of this task of the market, once it is done.' }),
    ...chainFlags,
    store: storeFlag,
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Export);
    if (flags.task !== undefined) {
      if (args.run !== undefined || flags.step !== undefined)
        throw new GensynError('U0106', `--task takes the result of a task, not ${args.run ?? '--step'}`);
      return withTask(flags.task, flags, (result) =>
        this.write({ ...result, skipped: [], from: `task ${flags.task}`, beside: '.' }, flags),
      );
    }
    const folder = findRun(args.run, await readSettings());
    const { loadJob } = await import('@gensyn/runtime');
    const job = await loadJob(folder);
    const found = { job, folder, ...(await storedState(folder, job, flags.step)) };
    return this.write({ ...found, from: folder, beside: folder }, flags);
  }

  private async write(result: Result, flags: Wanted): Promise<unknown> {
    const { job, folder, step, state, skipped, from, beside } = result;
    const format = formatOf(job, flags.format ?? endingOf(flags.out));
    if (format === 'npy' || format === 'csv') return this.predictions(result, format, flags.out);
    const { encodeSafetensors } = await import('@gensyn/runtime');
    const warning = skippedLine(result);
    if (warning !== undefined) this.say(warning);
    const weights = weightsOf(job, state);
    const out = flags.out ?? join(beside, `model.${format}`);
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
        run: from,
        file: out,
        format,
        step,
        skipped,
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
    { job, from, beside, ...stored }: Result,
    format: 'npy' | 'csv',
    wanted: string | undefined,
  ): Promise<unknown> {
    const state = finishedState(job.manifest, stored, relative('.', from) || '.');
    const found = (await predictionsOf(job, state))!;
    const pieces = format === 'npy' ? npy(found) : csv(found);
    if (!pieces)
      throw new GensynError('U0106', `a row of the predictions is [${found.shape.slice(1).join(', ')}]`, {
        help: 'csv holds one number or a list of scores a row; take --format npy',
      });
    const out = wanted ?? join(beside, `predictions.${format}`);
    writePieces(out, pieces);
    const { shape, accuracy } = found;
    if (this.jsonEnabled()) return { run: from, file: out, format, shape, accuracy };
    const { counted, percent } = await import('../words.js');
    const right = accuracy === undefined ? '' : `, ${percent(accuracy)} right`;
    this.log(
      `Written ${relative('.', out)}: ${counted(shape[0]!, 'row')} of [${shape.slice(1).join(', ')}]${right}.`,
    );
    return undefined;
  }
}

/** What is written: the state of a run, or of a task of the market. */
interface Result extends StoredState {
  readonly job: Job;
  /** With the files of the job. */
  readonly folder: string;
  readonly from: string;
  /** Folder for the file where none is named. */
  readonly beside: string;
}

interface Wanted {
  readonly format?: string | undefined;
  readonly out?: string | undefined;
  readonly job?: string | undefined;
  readonly batch: number;
}

/** Fetches the result of a task for as long as `work` takes. Errors: those of `openMarket`, `openStore` and `taskResult`. */
async function withTask<T>(
  task: number,
  flags: MarketFlags,
  work: (result: TaskResult) => Promise<T>,
): Promise<T> {
  const settings = await marketSettings(flags);
  const { openStore, taskResult } = await import('@gensyn/protocol');
  const client = await openMarketWith(settings, flags, { acts: false });
  const folder = mkdtempSync(join(tmpdir(), 'gensyn-task-'));
  try {
    const store = await openStore(storeOf(settings));
    try {
      return await work(await taskResult(client, store, task, folder));
    } finally {
      await store.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await client.close();
  }
}

/** The format that a file is named after. */
function endingOf(out: string | undefined): string | undefined {
  return out === undefined ? undefined : FORMATS.find((format) => out.endsWith(`.${format}`));
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
