/** gensyn ci: every job below a folder, compiled, linted, run, verified and held against its recorded roots. */
import { Args, Flags } from '@oclif/core';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GensynError } from '@gensyn/ir';
import { chooseDevice } from '../choose-device.js';
import type { JobCheck } from '../ci/check-job.js';
import { GensynCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { stat } from '../find-job.js';
import { deviceFlags, deviceOptions } from '../flags.js';
import { readSettings } from '../settings.js';

export class Ci extends GensynCommand {
  static override summary = 'Check every job below a folder against its recorded roots.';
  static override description =
    'Compiles each job, lints its graphs, trains it (or goes on from what an earlier check has kept), replays a random sample of it, and compares graph, data and ' +
    'states with golden.json beside the job (`<name>.golden.json` beside `<name>.gml`), whose `set` may give params of the job other values, to keep it short. ' +
    'A canonical job has the same roots on every machine, so a difference is a change. Exit code 1 if there is any. In a GitHub workflow the table also goes to the page of the run.';
  static override examples = [
    { description: 'The jobs of this folder and below:', command: '<%= config.bin %> ci' },
    {
      description: 'For a CI server:',
      command: '<%= config.bin %> ci jobs --junit report.xml --summary report.md',
    },
    { description: 'Record the roots as they are now:', command: '<%= config.bin %> ci jobs --update' },
  ];
  static override args = { folder: Args.string({ default: '.', description: 'A folder, or one job.' }) };
  static override flags = {
    ...deviceFlags,
    update: Flags.boolean({
      char: 'u',
      description: 'Write the records anew instead of comparing with them.',
    }),
    fresh: Flags.boolean({ description: 'Train from the start, whatever the cache holds.' }),
    cache: Flags.string({
      helpValue: 'folder',
      description: 'Where compiled jobs and runs are kept; .gensyn-ci in the folder by default.',
    }),
    junit: Flags.string({ helpValue: 'file', description: 'Write the results there as JUnit XML.' }),
    summary: Flags.string({ helpValue: 'file', description: 'Write the table there as Markdown.' }),
    'allow-missing-data': Flags.boolean({
      description: 'Skip jobs whose data files are not on this machine.',
    }),
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Ci);
    const settings = await readSettings(deviceOptions(flags));
    const { findJobs } = await import('../ci/find-jobs.js');
    const { checkJob } = await import('../ci/check-job.js');
    const { showProgress } = await import('../progress.js');
    const jobs = findJobs(args.folder);
    if (jobs.length === 0) {
      throw new GensynError('U0201', `there is no job below ${args.folder}`, {
        help: 'name a folder that holds .gml files',
      });
    }
    const device = await chooseDevice(settings);
    const cache =
      flags.cache ??
      join(stat(args.folder)?.isDirectory() ? args.folder : dirname(args.folder), '.gensyn-ci');
    keepOutOfGit(cache);
    const progress = await showProgress('step', !this.jsonEnabled());
    const checks: JobCheck[] = [];
    try {
      for (const job of jobs) {
        checks.push(
          await checkJob({
            job,
            cache: join(cache, ...job.name.split('/')),
            settings,
            device,
            fresh: flags.fresh,
            update: flags.update,
            allowMissing: flags['allow-missing-data'],
            progress,
          }),
        );
      }
    } finally {
      progress.stop();
    }
    const { isGood, markdown, table } = await import('../ci/summary.js');
    const { junit } = await import('../ci/junit.js');
    if (flags.junit !== undefined) writeReport(flags.junit, junit(checks));
    if (flags.summary !== undefined) writeReport(flags.summary, markdown(checks));
    const page = process.env['GITHUB_STEP_SUMMARY'];
    if (page) appendFileSync(page, markdown(checks));
    const passed = checks.every(isGood);
    if (!passed) process.exitCode = EXIT.failure;
    if (this.jsonEnabled()) return { passed, device: device.name, jobs: checks };
    this.log(table(checks));
    return undefined;
  }
}

/** Errors: R0503 by way of the file system's. */
function writeReport(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function keepOutOfGit(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '.gitignore'), '*\n');
}
