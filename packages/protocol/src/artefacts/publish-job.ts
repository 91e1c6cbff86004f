/** Puts a compiled job into a store. */
import fs from 'node:fs';
import path from 'node:path';
import { JOB_FILES } from '@gensyn/ir';
import { loadManifest } from '@gensyn/runtime';
import type { Store } from '../storage/store.js';

/** Files of a job that are there or not. */
export const OPTIONAL_FILES: readonly string[] = [JOB_FILES.init, JOB_FILES.source];

/**
 * Adds what belongs to the job in `folder`, and nothing else that may lie there. Returns the CID for its submission. Errors: R0101, R0102
 * for a folder without a job, N0503, N0504.
 */
export async function publishJob(store: Store, folder: string): Promise<string> {
  const manifest = loadManifest(folder);
  const columns = manifest.datasets.flatMap(({ columns }) => columns.map(({ file }) => file));
  const files = new Set([JOB_FILES.manifest, JOB_FILES.step, JOB_FILES.evaluation, ...columns]);
  for (const file of OPTIONAL_FILES) if (fs.existsSync(path.join(folder, file))) files.add(file);
  return store.add([...files].map((file) => ({ path: file, content: { file: path.join(folder, file) } })));
}
