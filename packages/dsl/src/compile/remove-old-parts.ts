/** Removes what a former version of a job left in its folder: parts for shards that the job no longer names. */
import { readFile, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GensynError, JOB_FILES, MERGE_FOLDER, shardFolder, type Manifest } from '@gensyn/ir';

/** Folders that hold no compiled job are somebody else's and stay. Errors: L0002. */
export async function removeOldParts(folder: string, { shards }: Pick<Manifest, 'shards'>): Promise<void> {
  const count = shards?.count ?? 0;
  const above = dirname(join(folder, shardFolder(0)));
  const numbers = (await readdir(above).catch(() => [])).filter((name) => /^\d{1,9}$/.test(name));
  const old = numbers.map(Number).filter((shard) => shard >= count);
  const parts = [
    ...old.map((shard) => join(folder, shardFolder(shard))),
    ...(shards ? [] : [join(folder, MERGE_FOLDER)]),
  ];
  try {
    for (const part of parts) if (await isJob(part)) await rm(part, { recursive: true, force: true });
  } catch (cause) {
    throw new GensynError('L0002', `cannot remove the old parts of ${folder}`, { cause });
  }
  // Only where nothing is left in it.
  if (old.length > 0) await rmdir(above).catch(() => undefined);
}

async function isJob(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, JOB_FILES.manifest), 'utf8').catch(() => '');
  return text.includes('"gensyn-job/1"');
}
