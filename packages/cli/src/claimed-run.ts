/** Reads what the owner of a run claims of it. */
import { proofRoot, jobRoot, shardFolder, shardsProofRoot, type Manifest } from '@gensyn/ir';
import type { ClaimedRun, ClaimedShards } from '@gensyn/verifier';
import { join } from 'node:path';
import { stat } from './find-job.js';

export interface Claim {
  readonly run: ClaimedRun;
  /** Whether there is a proof; a run that was cut off has only its records. */
  readonly proved: boolean;
}

/** Errors: R0206 for damaged files of the run. */
export async function readClaim(folder: string, manifest: Manifest): Promise<Claim> {
  const { RUN_FILES, readProof, readRecords, readRunInfo } = await import('@gensyn/runtime');
  if (stat(join(folder, RUN_FILES.proof))) {
    const { job, root, records } = readProof(folder);
    return { run: { job, manifest, records, proofRoot: root }, proved: true };
  }
  const records = readRecords(join(folder, RUN_FILES.records));
  return {
    run: {
      job: readRunInfo(folder)?.job ?? jobRoot(manifest),
      manifest,
      records,
      proofRoot: proofRoot(records),
    },
    proved: false,
  };
}

/** As `readClaim`, of a run in shards; of one that was cut off, what it has up to its last merge. Errors: R0206 */
export async function readShardsClaim(
  folder: string,
  manifest: Manifest,
): Promise<{ readonly run: ClaimedShards; readonly proved: boolean }> {
  const { RUN_FILES, readRecords, readRunInfo, readShardsProof } = await import('@gensyn/runtime');
  if (stat(join(folder, RUN_FILES.proof))) {
    const { job, root, records, shards } = readShardsProof(folder);
    return { run: { job, manifest, records, shards, proofRoot: root }, proved: true };
  }
  const records = readRecords(join(folder, RUN_FILES.records));
  const shards = Array.from({ length: manifest.shards?.count ?? 0 }, (_, shard) =>
    readRecords(join(folder, shardFolder(shard), RUN_FILES.records)).slice(
      0,
      Math.max(0, records.length - 1),
    ),
  );
  const job = readRunInfo(folder)?.job ?? jobRoot(manifest);
  return {
    run: { job, manifest, records, shards, proofRoot: shardsProofRoot(records, shards) },
    proved: false,
  };
}
