/** Reads what the owner of a run claims of it. */
import { proofRoot, jobRoot, type Manifest } from '@gensyn/ir';
import type { ClaimedRun } from '@gensyn/verifier';
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
