/** gensyn compile: a job's text to its canonical graphs, initial state, data and manifest; or an ONNX network to its inference graph. */
import { Args, Flags } from '@oclif/core';
import { GensynError, JOB_FILES } from '@gensyn/ir';
import { join, relative } from 'node:path';
import { GensynCommand } from '../command.js';
import type { ModelRequest } from '../compile-model.js';
import { compileSource } from '../compile-source.js';
import { findJob, isModel, sourceOnly, type SourceJob } from '../find-job.js';
import { setFlag, settings as pairs } from '../flags.js';
import { modelFlags, modelJob, refuseModelFlags } from '../model-job.js';
import { readSettings } from '../settings.js';

export class Compile extends GensynCommand {
  static override summary = 'Compile a job, or an ONNX network, and say what it will compute.';
  static override description =
    'Writes job.onnx (the training step), eval.onnx, init.onnx, the data in canonical form and job.json, which binds them by their roots. ' +
    'The same text gives the same bytes on every machine. Without an argument the job of the current folder is compiled. ' +
    'Of an .onnx file and --data a job is made that predicts each row, for run, verify, submit and the rest; its text lies beside it as job.gml. ' +
    'Of an .onnx file alone the forward pass is compiled, to inference.onnx: the same inputs give the same bits on every machine.';
  static override examples = [
    { description: 'The job of this folder, to build/<name>:', command: '<%= config.bin %> compile' },
    {
      description: 'With another value for one of its params:',
      command: '<%= config.bin %> compile job.gml --set width=256',
    },
    {
      description: 'Also write the same step in plain f32, to compare:',
      command: '<%= config.bin %> compile job.gml --float --out build/wide',
    },
    {
      description: 'A job that predicts what stands in a file:',
      command: '<%= config.bin %> compile resnet18.onnx --data images.npz --label y --batch 32',
    },
    {
      description: 'The forward pass of a network alone, for batches of 16:',
      command: '<%= config.bin %> compile resnet18.onnx --axis batch=16',
    },
  ];
  static override args = {
    job: Args.string({ description: 'A .gml file, a folder with one, or an .onnx file.' }),
  };
  static override flags = {
    set: setFlag,
    out: Flags.string({
      char: 'o',
      helpValue: 'folder',
      description: 'Where the compiled job goes; build/<name> beside the job by default.',
    }),
    float: Flags.boolean({
      description: 'Also write float.onnx, the same training step in plain f32, for comparison only.',
    }),
    axis: Flags.string({
      char: 'a',
      multiple: true,
      helpValue: 'name=length',
      description: 'Length of a free axis of an .onnx file; 1 for those not named. May be repeated.',
    }),
    ...modelFlags,
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Compile);
    const settings = await readSettings();
    if (!isModel(args.job)) refuseModelFlags(flags);
    const strange = isModel(args.job)
      ? [flags.set && 'set', flags.float && 'float', flags.data && flags.axis && 'axis']
      : [flags.axis && 'axis'];
    for (const name of strange.filter(Boolean))
      throw new GensynError(
        'U0106',
        `--${name} is for ${name === 'axis' ? '.onnx files without --data' : 'jobs'} only`,
      );
    if (isModel(args.job) && flags.data === undefined) {
      return this.compileModel({
        model: args.job,
        settings,
        axes: pairs(flags.axis, 'axis'),
        precision: flags.precision,
        out: flags.out,
      });
    }
    const job: SourceJob = isModel(args.job)
      ? await modelJob(args.job, flags)
      : sourceOnly(findJob(args.job));
    const begun = performance.now();
    const compiled = await compileSource({
      job,
      settings,
      set: pairs(flags.set),
      out: flags.out,
      float: flags.float,
    });
    const seconds = (performance.now() - begun) / 1000;
    const { memoryEstimate } = await import('@gensyn/runtime');
    const { manifest, step, folder } = compiled;
    const memoryBytes = memoryEstimate(step, manifest);
    if (this.jsonEnabled()) return { folder, seconds, memoryBytes, manifest };
    const [{ default: chalk }, { jobSummary, partsOf }, { duration }] = await Promise.all([
      import('chalk'),
      import('../job-summary.js'),
      import('../words.js'),
    ]);
    this.log(`${chalk.bold(job.name)} ${chalk.dim(`compiled in ${duration(seconds)}`)}\n`);
    this.log(jobSummary({ manifest, step, memoryBytes, parts: await partsOf(folder, manifest) }));
    this.log(
      `\nWritten to ${relative('.', folder) || '.'}: ${[...Object.values(JOB_FILES), ...(flags.float ? ['float.onnx'] : [])].join(', ')} and data${manifest.shards ? ', and a job for each shard and for the merge' : ''}.`,
    );
    const next = job.text === undefined ? join(job.path) : folder;
    this.log(`Next: ${chalk.cyan(`gensyn run ${relative('.', next)}`)}`);
    return undefined;
  }

  private async compileModel(request: ModelRequest): Promise<unknown> {
    const begun = performance.now();
    const { compileModel, modelSummary } = await import('../compile-model.js');
    const compiled = await compileModel(request);
    const seconds = (performance.now() - begun) / 1000;
    const { graph, ...facts } = compiled;
    if (this.jsonEnabled()) {
      const { operatorCounts } = await import('../job-summary.js');
      return { ...facts, seconds, operators: Object.fromEntries(operatorCounts(graph)) };
    }
    const [{ default: chalk }, { duration }] = await Promise.all([import('chalk'), import('../words.js')]);
    this.log(`${chalk.bold(request.model)} ${chalk.dim(`compiled in ${duration(seconds)}`)}\n`);
    this.log(modelSummary(compiled));
    this.log(`\nWritten to ${relative('.', facts.file)}.`);
    this.log(`To run it: ${chalk.cyan(`gensyn run ${relative('.', request.model)} --data inputs.npy`)}`);
    return undefined;
  }
}
