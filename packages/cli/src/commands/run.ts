/** gensyn run: trains a job. */
import { Args, Flags } from '@oclif/core';
import { GensynError, jobRoot, type Manifest } from '@gensyn/ir';
import type { Job } from '@gensyn/runtime';
import { join, relative } from 'node:path';
import { chooseDevice } from '../choose-device.js';
import { GensynCommand } from '../command.js';
import { compileSource } from '../compile-source.js';
import { EXIT } from '../exit-code.js';
import { findJob, isModel, runFolder, wholeOnly, type CompiledJob, type SourceJob } from '../find-job.js';
import { deviceFlags, deviceOptions, setFlag, settings as pairs } from '../flags.js';
import { rowsPerStep, stepsOfRows } from '../job-work.js';
import { modelFlags, modelJob, refuseModelFlags } from '../model-job.js';
import { checkFree, clearRun, placeJob, readPlace, type RunPlace } from '../run-place.js';
import { readSettings, type Settings } from '../settings.js';

interface Request {
  readonly job: SourceJob | CompiledJob;
  readonly settings: Settings;
  readonly set: Readonly<Record<string, string>>;
  readonly place: RunPlace;
  readonly resume: boolean;
  readonly fresh: boolean;
  readonly processes: number | undefined;
}

export class Run extends GensynCommand {
  static override summary = 'Train a job, or predict with a network, on any device, to the same bits.';
  static override description =
    'Compiles the job if it is given as text, trains it and keeps checkpoints, their roots and the proof of learning in runs/<name> beside the job. ' +
    'The run folder holds all that is needed to go on with it or to check it, and can be moved. ' +
    'A job that predicts, or an .onnx file with --data, leaves predictions.npy there, its rows in the order of the data, and predictions.csv. ' +
    'Ctrl-C stops at the next checkpoint; --resume goes on from there, as after any crash.';
  static override examples = [
    { description: 'The job of this folder, on the processor:', command: '<%= config.bin %> run' },
    { description: 'On the best GPU, or not at all:', command: '<%= config.bin %> run --gpu' },
    { description: 'Go on after Ctrl-C, a crash or a power cut:', command: '<%= config.bin %> run --resume' },
    {
      description: 'A variant in a folder of its own:',
      command: '<%= config.bin %> run job.gml --set width=256 --out runs/wide',
    },
    {
      description: 'What a network says of each row of a file:',
      command: '<%= config.bin %> run resnet18.onnx --data images.npz --label y --batch 32',
    },
  ];
  static override args = {
    job: Args.string({
      description:
        'A .gml file, an .onnx file, a compiled job, a run to go on with, or a folder with one of them.',
    }),
  };
  static override flags = {
    ...deviceFlags,
    set: setFlag,
    ...modelFlags,
    out: Flags.string({
      char: 'o',
      helpValue: 'folder',
      description: 'Folder of the run; runs/<name> beside the job by default.',
    }),
    resume: Flags.boolean({
      char: 'r',
      description: 'Go on with the run that the folder holds, or start it.',
    }),
    fresh: Flags.boolean({
      description: 'Delete the run that the folder holds and start over.',
      exclusive: ['resume'],
    }),
    steps: Flags.integer({
      min: 1,
      description: 'Stop at the first checkpoint from this step on; --resume goes on.',
    }),
    processes: Flags.integer({
      char: 'p',
      min: 1,
      max: 64,
      description: 'Of a job in shards: train so many of them side by side; 1 by default.',
    }),
    keep: Flags.string({
      helpValue: 'n|all',
      description: 'Newest checkpoints to keep. All of them if together they take less than 1 GiB, else 3.',
    }),
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Run);
    const settings = await readSettings({ ...deviceOptions(flags), keep: flags.keep });
    const job = isModel(args.job) ? await modelJob(args.job, flags) : findJob(args.job);
    if (!isModel(args.job)) refuseModelFlags(flags);
    wholeOnly(job);
    const device = await chooseDevice(settings);
    const { loadShards } = await import('@gensyn/runtime');
    const place = await this.place(job, flags.out, settings);
    checkFree(place, flags);
    const opened = await this.open({
      job,
      settings,
      set: pairs(flags.set),
      place,
      resume: flags.resume,
      fresh: flags.fresh,
      processes: flags.processes,
    });
    const { folder } = place;
    const { manifest } = opened;
    const name = relative('.', folder) || '.';
    this.say(
      `${job.name}: ${stepsOfRows(manifest)} on ${device.name} (${device.description}, ${device.threads} thread${device.threads === 1 ? '' : 's'})`,
    );

    const shards = manifest.shards && { job: await loadShards(folder), processes: flags.processes ?? 1 };
    const { trainRun } = await import('../train-run.js');
    const trained = await trainRun({
      job: opened,
      shards,
      folder,
      device,
      resume: flags.resume,
      keep: settings.keep,
      until: flags.steps,
      quiet: this.jsonEnabled(),
    });
    const { start, end } = trained;
    const { writeCurve, writeResult } = await import('../run-result.js');
    const { losses, svg } = await writeCurve(folder, opened, trained.step);
    const predicted = end && (await writeResult(opened, folder));
    if (trained.interrupted) process.exitCode = EXIT.interrupted;
    if (this.jsonEnabled()) {
      const { steps, trainingSteps, seconds, step, stateRoot, loss, holdout, interrupted } = trained;
      const stepsPerSecond = steps > 0 ? trainingSteps / seconds : undefined;
      return {
        ...{
          run: folder,
          job: jobRoot(manifest),
          device: { name: device.name, description: device.description, threads: device.threads },
        },
        ...{
          finished: end !== undefined,
          interrupted,
          resumed: start.resumed,
          step,
          steps: manifest.steps,
          stateRoot,
          proofRoot: end?.proofRoot,
        },
        ...{
          loss,
          holdout,
          seconds,
          stepsPerSecond,
          rowsPerSecond: stepsPerSecond && stepsPerSecond * rowsPerStep(manifest),
          spent: end?.spent,
          ...(predicted?.accuracy === undefined ? {} : { accuracy: predicted.accuracy }),
          files: { svg, ...predicted?.files },
        },
      };
    }
    const { runSummary } = await import('../run-result.js');
    this.log(
      runSummary({
        ...{ name, trained, manifest, losses, device: device.name },
        predicted: predicted && {
          files: Object.values(predicted.files).map((file) => relative('.', file)),
          accuracy: predicted.accuracy,
        },
      }),
    );
    return undefined;
  }

  private async place(
    job: SourceJob | CompiledJob,
    out: string | undefined,
    settings: Settings,
  ): Promise<RunPlace> {
    const own = await readPlace(job.path).catch(() => undefined);
    return job.kind === 'compiled' && out === undefined && own?.info
      ? own
      : readPlace(out ?? runFolder(job, settings));
  }

  /** The job, from the run's own folder once its files lie there. */
  private async open(request: Request): Promise<Job> {
    const { job, settings, set, place, resume, fresh, processes } = request;
    const [{ removeOldParts }, { loadJob, loadManifest, loadShards }] = await Promise.all([
      import('@gensyn/dsl'),
      import('@gensyn/runtime'),
    ]);
    const { folder, info } = place;
    if (job.kind === 'compiled' && Object.keys(set).length > 0) {
      throw new GensynError('U0106', '--set changes a job, and this one is compiled', {
        help: 'name the .gml file',
      });
    }
    const from = job.kind === 'source' ? (await compileSource({ job, settings, set })).folder : job.path;
    const manifest = loadManifest(from);
    checkProcesses(manifest, processes);
    if (info && resume) {
      if (jobRoot(manifest) !== info.job) {
        throw new GensynError('R0204', `${relative('.', folder)} is a run of another job`, {
          help: 'the job or its --set values changed since; --fresh starts over, --out names another folder',
        });
      }
      return loadJob(folder);
    }
    if (fresh && info) {
      // A job that cannot be run must not cost the run that was there.
      await (manifest.shards ? loadShards(from) : loadJob(from));
      await clearRun(folder);
    }
    if (join(from) !== join(folder)) {
      placeJob(from, folder, manifest);
      await removeOldParts(folder, manifest);
    }
    return loadJob(folder);
  }
}

/** Errors: U0106 */
function checkProcesses({ shards }: Pick<Manifest, 'shards'>, processes: number | undefined): void {
  if (!shards && processes !== undefined)
    throw new GensynError('U0106', '--processes is for jobs in shards only');
}
