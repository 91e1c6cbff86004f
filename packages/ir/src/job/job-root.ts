/** One digest for everything that fixes a run's bits, so that a run directory and its job can be matched. */
import { sha256 } from '../merkle/hash.js';
import type { Manifest } from './manifest.js';
import { digestFromHex } from './record.js';
import { shardsRoot } from './shards.js';

export const JOB_TAG = new Uint8Array(32);
JOB_TAG.set(new TextEncoder().encode('gensyn/job/v1'));

/** What the root of a job binds. */
export type JobFields = Pick<
  Manifest,
  | 'graphRoot'
  | 'dataRoot'
  | 'initRoot'
  | 'seed'
  | 'batch'
  | 'steps'
  | 'checkpointEvery'
  | 'holdoutRows'
  | 'shards'
>;

/**
 * SHA256(tag || graph root || data root || initial root || seed || batch || steps || checkpoint interval || holdout rows), integers as
 * 32 bytes big-endian; hex. For a job in shards `shardsRoot` over that. Errors: G0023 for a root that is none.
 */
export function jobRoot(manifest: JobFields): string {
  const integers = [
    manifest.seed,
    manifest.batch,
    manifest.steps,
    manifest.checkpointEvery,
    manifest.holdoutRows,
  ];
  const words = integers.map((value) => {
    const bytes = new Uint8Array(32);
    new DataView(bytes.buffer).setBigUint64(24, BigInt(value));
    return bytes;
  });
  const roots = [manifest.graphRoot, manifest.dataRoot, manifest.initRoot].map(digestFromHex);
  const root = sha256(JOB_TAG, ...roots, ...words);
  return Buffer.from(manifest.shards ? shardsRoot(root, manifest.shards) : root).toString('hex');
}
