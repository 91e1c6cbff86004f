/** The folder of a run: what stands in it, whether it may be used, and the job's files that go with it. */
import { copyFileSync, existsSync, linkSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { GensynError, JOB_FILES, MERGE_FOLDER, shardFolder, type Manifest } from '@gensyn/ir';
import type { RunInfo } from '@gensyn/runtime';
import { PREDICTION_FILES } from './predictions.js';

export interface RunPlace {
  readonly folder: string;
  /** What run.json says; undefined where there is no run. */
  readonly info: RunInfo | undefined;
  /** Steps done by the run that the folder holds, and those of its job. */
  readonly done: number;
  readonly steps: number;
}

/** Errors: R0206 for damaged files of a run, R0102. */
export async function readPlace(folder: string): Promise<RunPlace> {
  const { RUN_FILES, loadManifest, readRecords, readRunInfo } = await import('@gensyn/runtime');
  const info = readRunInfo(folder);
  if (!info) return { folder, info, done: 0, steps: 0 };
  const records = readRecords(join(folder, RUN_FILES.records));
  return { folder, info, done: records.at(-1)?.step ?? 0, steps: loadManifest(folder).steps };
}

/** Errors: U0206 for a folder with a run, unless the user said what should become of it. */
export function checkFree(
  { folder, info, done, steps }: RunPlace,
  { resume, fresh }: { readonly resume: boolean; readonly fresh: boolean },
): void {
  if (!info || resume || fresh) return;
  const name = relative('.', folder) || '.';
  if (done >= steps) {
    throw new GensynError('U0206', `${name} holds a finished run of ${steps} steps`, {
      help: `\`gensyn verify ${name}\` checks it; --fresh starts over, --out names another folder`,
    });
  }
  throw new GensynError('U0206', `${name} holds a run that stands at step ${done} of ${steps}`, {
    help: '--resume goes on with it; --fresh starts over, --out names another folder',
  });
}

/** What a finished run leaves beside its own files. */
const RESULTS = ['loss.svg', ...Object.values(PREDICTION_FILES)];

/** Deletes a run, and nothing else that may lie in its folder. Errors: R0205 while somebody runs it. */
export async function clearRun(folder: string): Promise<void> {
  const { CHECKPOINT_FOLDER, RUN_FILES, lockFolder } = await import('@gensyn/runtime');
  const lock = lockFolder(folder);
  try {
    for (const name of [RUN_FILES.run, ...Object.values(RUN_FILES), CHECKPOINT_FOLDER, ...RESULTS]) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
    for (let shard = 0; existsSync(join(folder, shardFolder(shard))); shard++)
      for (const name of [RUN_FILES.records, CHECKPOINT_FOLDER])
        rmSync(join(folder, shardFolder(shard), name), { recursive: true, force: true });
  } finally {
    lock.release();
  }
}

/**
 * Puts the job's files into the run's folder, so that it can be moved and checked anywhere: links where the file system has
 * them, else copies. Compiling again replaces files, never their contents, so links keep what they stood for.
 */
export function placeJob(jobFolder: string, runFolder: string, manifest: Manifest): void {
  const data = manifest.datasets.flatMap((dataset) => dataset.columns.map((column) => column.file));
  for (let shard = 0; shard < (manifest.shards?.count ?? 0); shard++)
    placeFiles(join(jobFolder, shardFolder(shard)), join(runFolder, shardFolder(shard)), data);
  if (manifest.shards) placeFiles(join(jobFolder, MERGE_FOLDER), join(runFolder, MERGE_FOLDER), []);
  placeFiles(jobFolder, runFolder, data);
}

function placeFiles(jobFolder: string, runFolder: string, data: readonly string[]): void {
  // The manifest comes last: where it is, the rest is too.
  for (const file of [
    JOB_FILES.source,
    JOB_FILES.step,
    JOB_FILES.evaluation,
    JOB_FILES.init,
    ...data,
    JOB_FILES.manifest,
  ]) {
    const [from, to] = [join(jobFolder, file), join(runFolder, file)];
    try {
      mkdirSync(dirname(to), { recursive: true });
      rmSync(to, { force: true });
      try {
        linkSync(from, to);
      } catch {
        copyFileSync(from, to);
      }
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT' && file === JOB_FILES.source) continue;
      if (code === 'ENOSPC' || code === 'EDQUOT')
        throw new GensynError('R0501', `the disk is full: ${file} could not be written`, { cause });
      throw new GensynError('R0503', `${file} cannot be put into ${runFolder}`, {
        notes: [{ message: code ?? String(cause) }],
        cause,
      });
    }
  }
}
