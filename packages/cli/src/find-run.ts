/** Which run a command means: a run's folder, a job's run, or the newest below runs/. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { GensynError } from '@gensyn/ir';
import { findJob, runFolder, stat, wholeOnly, type CompiledJob, type SourceJob } from './find-job.js';
import type { Settings } from './settings.js';

const isRun = (folder: string): boolean => stat(join(folder, 'run.json'))?.isFile() === true;

/** @throws GensynError U0203, U0204, U0207 */
export function findRun(argument: string | undefined, settings: Settings): string {
  if (argument === undefined) return newestRun(settings);
  const stats = stat(argument);
  if (!stats)
    throw new GensynError('U0203', `there is no ${argument}`, {
      help: 'name a run folder, such as runs/digits',
    });
  if (stats.isDirectory() && isRun(argument)) return argument;
  let job: SourceJob | CompiledJob;
  try {
    job = findJob(argument);
  } catch (cause) {
    throw new GensynError('U0204', `${argument} is not a run`, {
      help: 'run folders are made by `gensyn run` and hold a run.json',
      cause,
    });
  }
  wholeOnly(job);
  const folder = runFolder(job, settings);
  if (isRun(folder)) return folder;
  throw new GensynError('U0207', `there is no run of ${argument}`, {
    help: `\`gensyn run ${argument}\` makes one in ${folder}`,
  });
}

function newestRun(settings: Settings): string {
  if (isRun('.')) return '.';
  const base = join(settings.out ?? '.', 'runs');
  const runs = (stat(base)?.isDirectory() ? readdirSync(base) : [])
    .map((name) => join(base, name))
    .filter(isRun);
  const newest = runs
    .map((folder) => ({ folder, time: statSync(join(folder, 'run.json')).mtimeMs }))
    .sort((a, b) => b.time - a.time)[0];
  if (!newest)
    throw new GensynError('U0207', `there is no run in ${base}`, {
      help: 'name a run folder, or make a run with `gensyn run`',
    });
  return newest.folder;
}
