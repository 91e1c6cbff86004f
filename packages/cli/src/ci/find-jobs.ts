/** The jobs below a folder: texts that train or predict something, not what is imported by them or was compiled from them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { JOB_FILES } from '@gensyn/ir';
import { findJob, sourceOnly, stat, type SourceJob } from '../find-job.js';

const MADE: ReadonlySet<string> = new Set(['build', 'runs', 'node_modules']);

/** In the order of their paths. `name` is the path below the folder. Errors: U0203 for what is not there. */
export function findJobs(folder: string): SourceJob[] {
  if (!stat(folder)?.isDirectory()) return [sourceOnly(findJob(folder))];
  return jobsBelow(folder).map((path) => {
    const job = sourceOnly(findJob(path));
    return { ...job, name: nameOf(relative(folder, path)) || job.name };
  });
}

const nameOf = (path: string): string =>
  path
    .replaceAll('\\', '/')
    .replace(/\.gml$/, '')
    .replace(/(^|\/)job$/, '');

function jobsBelow(folder: string): string[] {
  if (existsSync(join(folder, JOB_FILES.manifest))) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return MADE.has(entry.name) || entry.name.startsWith('.') ? [] : jobsBelow(path);
      return entry.isFile() && entry.name.endsWith('.gml') && isJob(path) ? [path] : [];
    });
}

/** Files that are imported hold no such section. */
const isJob = (path: string): boolean => /^\s*(train|predict)\s*\{/m.test(readFileSync(path, 'utf8'));
