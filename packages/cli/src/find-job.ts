/** What the job argument of a command means: a .gml file, a folder with one, a compiled job, a run. */
import { existsSync, readFileSync, readdirSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { GensynError, JOB_FILES, MERGE_FOLDER, shardFolder, type Manifest } from '@gensyn/ir';
import type { Settings } from './settings.js';

/** A job as text. */
export interface SourceJob {
  readonly kind: 'source';
  /** Path of the .gml file, as given where it was given. */
  readonly path: string;
  /** Name of its build and run folders: the file's, or the folder's for job.gml. */
  readonly name: string;
  /** Its text where it is no file: the job that an ONNX network and a data file make. */
  readonly text?: string;
}

/** A compiled job's folder; run folders are ones too. */
export interface CompiledJob {
  readonly kind: 'compiled';
  readonly path: string;
  readonly name: string;
}

/** Whether an argument names an ONNX network. */
export function isModel(argument: string | undefined): argument is string {
  return argument !== undefined && extname(argument) === '.onnx' && stat(argument)?.isDirectory() !== true;
}

/**
 * @param argument nothing for the job of the current folder
 * @throws GensynError U0201 no job here, U0202 several, U0203 no such path, U0204 neither job nor folder
 */
export function findJob(argument: string | undefined): SourceJob | CompiledJob {
  if (argument === undefined) return jobOfFolder('.');
  const stats = stat(argument);
  if (!stats)
    throw new GensynError('U0203', `there is no ${argument}`, {
      help: 'name a .gml file, or a folder that holds one',
    });
  if (stats.isDirectory()) return jobOfFolder(argument);
  if (extname(argument) === '.gml') return source(argument);
  if (basename(argument) === JOB_FILES.manifest) return compiled(dirname(argument));
  throw new GensynError('U0204', `${argument} is not a job`, {
    help: 'jobs are .gml files, or folders made by `gensyn compile`',
  });
}

function jobOfFolder(folder: string): SourceJob | CompiledJob {
  // A compiled job keeps its source beside the manifest; what was compiled is what counts then.
  if (existsSync(join(folder, JOB_FILES.manifest))) return compiled(folder);
  if (existsSync(join(folder, 'job.gml'))) return source(join(folder, 'job.gml'));
  const jobs = readdirSync(folder)
    .filter((name) => name.endsWith('.gml'))
    .sort();
  const where = resolve(folder) === process.cwd() ? 'this folder' : folder;
  if (jobs.length === 1) return source(join(folder, jobs[0]!));
  if (jobs.length > 1)
    throw new GensynError('U0202', `${where} holds several jobs`, { help: `name one of ${jobs.join(', ')}` });
  throw new GensynError('U0201', `there is no job in ${where}`, {
    help: 'name a .gml file, or make a job with `gensyn init my-job`',
  });
}

function source(path: string): SourceJob {
  const stem = basename(path, '.gml');
  return { kind: 'source', path, name: stem === 'job' ? basename(dirname(resolve(path))) || stem : stem };
}

function compiled(path: string): CompiledJob {
  return { kind: 'compiled', path, name: basename(resolve(path)) };
}

/** @throws GensynError U0204 for a job that is not compiled, where only its text would do */
export function sourceOnly(job: SourceJob | CompiledJob): SourceJob {
  if (job.kind === 'source') return job;
  throw new GensynError('U0204', `${job.path} is a compiled job`, { help: 'name the .gml file' });
}

/** Errors: U0204 for a part of a job in shards, where only the whole would do. */
export function wholeOnly(job: SourceJob | CompiledJob): void {
  if (job.kind === 'source') return;
  const path = resolve(job.path);
  const above = dirname(path);
  const inShards = basename(above) === dirname(shardFolder(0));
  const whole = basename(path) === MERGE_FOLDER ? above : inShards ? dirname(above) : undefined;
  if (whole === undefined || !hasShards(whole)) return;
  const named = relative('.', whole) || '.';
  throw new GensynError('U0204', `${job.path} is a part of the job in shards ${named}`, {
    help: `name the whole: ${named}`,
  });
}

function hasShards(folder: string): boolean {
  try {
    const text = readFileSync(join(folder, JOB_FILES.manifest), 'utf8');
    return (JSON.parse(text) as Partial<Manifest>).shards !== undefined;
  } catch {
    return false;
  }
}

export function stat(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** Where a job is compiled to: build/<name> beside it. */
export function buildFolder(job: SourceJob, settings: Settings): string {
  return join(settings.out ?? dirname(job.path), 'build', job.name);
}

/** Where it runs: runs/<name> beside it; beside build/ for a compiled job that lies there. */
export function runFolder(job: SourceJob | CompiledJob, settings: Settings): string {
  if (settings.out !== undefined) return join(settings.out, 'runs', job.name);
  if (job.kind === 'source') return join(dirname(job.path), 'runs', job.name);
  const above = dirname(resolve(job.path));
  return join(basename(above) === 'build' ? dirname(above) : above, 'runs', job.name);
}
