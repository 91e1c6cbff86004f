/** gensyn compile: a job's text to its canonical graphs, initial state, data and manifest. */
import { Args, Flags } from '@oclif/core';
import { JOB_FILES } from '@gensyn/ir';
import { join, relative } from 'node:path';
import { GensynCommand } from '../command.js';
import { compileSource } from '../compile-source.js';
import { findJob, sourceOnly } from '../find-job.js';
import { setFlag, settings as pairs } from '../flags.js';
import { readSettings } from '../settings.js';

export class Compile extends GensynCommand {
  static override summary = 'Compile a job and say what it will compute.';
  static override description =
    'Writes job.onnx (the training step), eval.onnx, init.onnx, the data in canonical form and job.json, which binds them by their roots. ' +
    'The same text gives the same bytes on every machine. Without an argument the job of the current folder is compiled.';
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
  ];
  static override args = { job: Args.string({ description: 'A .gml file, or a folder with one.' }) };
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
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Compile);
    const settings = await readSettings();
    const job = sourceOnly(findJob(args.job));
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
    const [{ default: chalk }, { jobSummary }, { duration }] = await Promise.all([
      import('chalk'),
      import('../job-summary.js'),
      import('../words.js'),
    ]);
    this.log(`${chalk.bold(job.name)} ${chalk.dim(`compiled in ${duration(seconds)}`)}\n`);
    this.log(jobSummary({ manifest, step, memoryBytes }));
    this.log(
      `\nWritten to ${relative('.', folder) || '.'}: ${[...Object.values(JOB_FILES), ...(flags.float ? ['float.onnx'] : [])].join(', ')} and data.`,
    );
    this.log(`Next: ${chalk.cyan(`gensyn run ${relative('.', join(job.path))}`)}`);
    return undefined;
  }
}
