/** Replays a claim from the state before it, up to the first record that is not what it says. */
import { digestFromHex, GensynError } from '@gensyn/ir';
import { isUnavailable, type ClaimRecord } from '../artefacts/index.js';
import { claimEnded, type Claim } from '../chain/index.js';
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

/** The right run itself ends there: nothing can be said on chain of what would come after it. */
const DIVERGED: ReadonlySet<string> = new Set(['R0401', 'R0402', 'R0403']);
const WATCH_MS = 500;

/**
 * Plans a challenge where anything is wrong, unless training diverges before. Ends when it is too late for a challenge. Errors: those of
 * the store where the job or the state before cannot be had, and those of training.
 */
export async function checkClaim(party: Party, shelf: Shelf, claim: Claim): Promise<Checked> {
  const { view } = party;
  const late = new AbortController();
  const end = (): void => late.abort(new Error(`claim ${claim.id} can no longer be challenged`));
  const watch = setInterval(() => {
    if (view.now > claim.challengeEnd) end();
    else void view.claim(claim.id).then(({ status }) => claimEnded(status) && end(), ignore);
  }, WATCH_MS);
  const signal = AbortSignal.any([party.signal, late.signal]);
  const aborted = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
  aborted.catch(ignore);
  try {
    signal.throwIfAborted();
    return await check(party, shelf, claim, signal, (fetching) => Promise.race([fetching, aborted]));
  } finally {
    clearInterval(watch);
  }
}

const ignore = (): void => undefined;

async function check(
  party: Party,
  shelf: Shelf,
  claim: Claim,
  signal: AbortSignal,
  /** Of what a store may be slow to give. */
  unlessLate: <T>(fetching: Promise<T>) => Promise<T>,
): Promise<Checked> {
  const task = await party.view.task(claim.task);
  const open = await unlessLate(shelf.job(task));
  const stretch = await shelf.stretch(claim);
  const theirs = await unlessLate(claimed(shelf, claim));
  const records: ClaimRecord[] = [];
  const results = runClaim({
    open,
    folder: checkFolder(party, task, claim),
    stretch,
    device: party.device,
    before: () => unlessLate(shelf.stateBefore(claim)),
    signal,
    progress: () => undefined,
  });
  let wrong: number | undefined;
  try {
    for await (const record of results) {
      records.push(record);
      const k = records.length - 1;
      if (theirs === undefined || theirs[k] === record.stateRoot) continue;
      wrong = k;
      break;
    }
  } catch (error) {
    if (!(error instanceof GensynError && DIVERGED.has(error.code))) throw error;
    party.emit({
      kind: 'wrong',
      text: `claim ${claim.id} goes on where training diverges, in its interval ${records.length}: ${error.message}`,
      code: error.code,
      task: claim.task,
      claim: claim.id,
    });
    return { wrong: records.length, roots: records.map(({ stateRoot }) => stateRoot) };
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
