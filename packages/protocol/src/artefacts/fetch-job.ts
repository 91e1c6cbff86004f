/** Brings the job of a task to disk, so that `loadJob` can check it. */
import fs from 'node:fs';
import path from 'node:path';
import { GensynError, JOB_FILES, type Manifest } from '@gensyn/ir';
import { parseManifest } from '@gensyn/runtime';
import type { Store } from '../storage/store.js';
import { OPTIONAL_FILES } from './publish-job.js';

export interface JobLimits {
  /** Of all files together. */
  readonly bytes: number;
  readonly files: number;
}

export const jobLimits: JobLimits = { bytes: 16 * 2 ** 30, files: 4096 };

/** As much as `loadJob` reads. */
const MAX_MANIFEST = 64 * 2 ** 20;
/** An ONNX file is a protobuf, and these end here. */
const MAX_MODEL = 2 ** 31;

/**
 * Fetches into `folder` what the job's manifest names, and no more. Files that are there already are compared, not fetched again; the
 * manifest comes last, so a folder that has one has everything. Nothing is believed yet: `loadJob` and `checkRegistered` are next.
 * Errors: N0501, N0502, N0503, N0504; N0506 for what is no job.
 */
export async function fetchJob(
  store: Store,
  cid: string,
  folder: string,
  limits: JobLimits = jobLimits,
): Promise<void> {
  const there = new Set((await store.list(cid, limits.files)).map(({ path }) => path));
  let left = limits.bytes;
  const text = await manifestText(store, cid, left);
  const manifest = manifestOf(cid, text);
  const sizes = new Map<string, number>();
  for (const { columns } of manifest.datasets)
    for (const { file, bytes } of columns) sizes.set(file, Math.max(bytes, sizes.get(file) ?? 0));
  for (const file of [JOB_FILES.step, JOB_FILES.evaluation, ...OPTIONAL_FILES]) {
    if (there.has(file) || !OPTIONAL_FILES.includes(file)) sizes.set(file, MAX_MODEL);
  }
  sizes.delete(JOB_FILES.manifest);
  const target = (file: string): string => path.join(folder, ...file.split('/'));
  for (const [file, most] of sizes) {
    if (!there.has(file))
      throw new GensynError('N0506', `${cid} lacks ${JSON.stringify(file)}, which its job.json names`);
    await store.fetch(cid, file, Math.min(left, most), target(file));
    left -= fs.statSync(target(file)).size;
  }
  await store.fetch(cid, JOB_FILES.manifest, text.length, target(JOB_FILES.manifest));
}

const manifestText = (store: Store, cid: string, most = MAX_MANIFEST): Promise<Uint8Array> =>
  store.read(cid, JOB_FILES.manifest, Math.min(most, MAX_MANIFEST));

/** The manifest alone; nothing of it is believed yet. Errors: N0501, N0502, N0504; N0506 for what is no job. */
export async function fetchManifest(store: Store, cid: string): Promise<Manifest> {
  return manifestOf(cid, await manifestText(store, cid));
}

function manifestOf(cid: string, text: Uint8Array): Manifest {
  try {
    return parseManifest(Buffer.from(text).toString('utf8'));
  } catch (cause) {
    if (!(cause instanceof GensynError)) throw cause;
    throw new GensynError('N0506', `${cid} holds no job: ${cause.message}`, { cause });
  }
}
