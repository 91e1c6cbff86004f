/** Replays a claim from the state before it, up to the first record that is not what it says. */
import { digestFromHex, GensynError } from '@gensyn/ir';
import { isUnavailable, type ClaimRecord } from '../artefacts/index.js';
import type { Claim } from '../chain/index.js';
import { nodeTree } from '../pinpoint/index.js';
import { accuseClaim, checkFolder } from './accuse.js';
import type { Party } from './party.js';
import { runClaim } from './run-claim.js';
import type { Shelf } from './shelf.js';

export interface Checked {
  /** Number of the first interval that ends otherwise; undefined where all is right. */
  readonly wrong: number | undefined;
  /** The right records, as far as they were computed, hex. */
  readonly roots: readonly string[];
}

/**
 * Plans a challenge where anything is wrong. Errors: those of the store where the job or the state before cannot be had, and those of
 * training.
 */
export async function checkClaim(
  party: Party,
  shelf: Shelf,
  claim: Claim,
  signal: AbortSignal,
): Promise<Checked> {
  const open = await shelf.job(await party.view.task(claim.task));
  const stretch = await shelf.stretch(claim);
  const theirs = await claimed(shelf, claim);
  const records: ClaimRecord[] = [];
  const results = runClaim({
    open,
    folder: checkFolder(party, claim.id),
    stretch,
    device: party.device,
    before: () => shelf.stateBefore(claim),
    signal,
    progress: () => undefined,
  });
  let wrong: number | undefined;
  for await (const record of results) {
    records.push(record);
    const k = records.length - 1;
    if (theirs === undefined || theirs[k] === record.stateRoot) continue;
    wrong = k;
    break;
  }
  signal.throwIfAborted();
  const roots = records.map(({ stateRoot }) => stateRoot);
  // Without their records only the whole tells.
  if (theirs === undefined && treeRoot(roots) !== claim.root) wrong = 0;
  if (wrong !== undefined)
    await accuseClaim(party, shelf, claim, [...roots, ...(theirs ?? []).slice(roots.length)], 'run');
  return { wrong, roots };
}

/** The claim's records; undefined where they cannot be had. */
async function claimed(shelf: Shelf, claim: Claim): Promise<readonly string[] | undefined> {
  try {
    const { records } = await shelf.records(claim);
    return records.records.map(({ stateRoot }) => stateRoot);
  } catch (error) {
    if (isUnavailable(error) || (error instanceof GensynError && error.code === 'N0504')) return undefined;
    throw error;
  }
}

const treeRoot = (roots: readonly string[]): string =>
  `0x${Buffer.from(nodeTree(roots.map((each) => digestFromHex(each))).root).toString('hex')}`;
