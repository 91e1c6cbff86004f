/** Puts what a claim delivers into a store: its records, and the state after each. */
import type { Store } from '../storage/store.js';
import { CLAIM_FILE, stateFile, writeClaim, type ClaimRecords } from './claim-file.js';

/**
 * Returns the CID for `checkpoint`. Called again with more records it adds only what is new.
 * @param fileOf where the checkpoint after `step` steps lies on disk
 * Errors: N0503, N0504.
 */
export async function publishClaim(
  store: Store,
  claim: ClaimRecords,
  fileOf: (step: number) => string,
): Promise<string> {
  return store.add([
    { path: CLAIM_FILE, content: writeClaim(claim) },
    ...claim.records.map(({ step }) => ({ path: stateFile(step), content: { file: fileOf(step) } })),
  ]);
}
