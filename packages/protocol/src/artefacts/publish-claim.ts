/** Puts what a claim delivers into a store: its records, and the state after each. */
import type { Store } from '../storage/store.js';
import { CLAIM_FILE, stateFile, writeClaim, type ClaimRecords } from './claim-file.js';

/**
 * Returns the CID for `checkpoint`. Called again with more records it adds only what is new.
 * @param fileOf where the checkpoint after `step` steps lies on disk
 * @param before whether that of the state before the claim is there and to be published too, for nobody else may have it any more
 * Errors: N0503, N0504.
 */
export async function publishClaim(
  store: Store,
  claim: ClaimRecords,
  fileOf: (step: number) => string,
  before = false,
): Promise<string> {
  const steps = [...(before ? [claim.from] : []), ...claim.records.map(({ step }) => step)];
  return store.add([
    { path: CLAIM_FILE, content: writeClaim(claim) },
    ...steps.map((step) => ({ path: stateFile(step), content: { file: fileOf(step) } })),
  ]);
}
