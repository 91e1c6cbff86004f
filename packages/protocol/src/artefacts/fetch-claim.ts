/** Fetches what a claim has delivered, and believes nothing of it that does not lead to the claim's root on chain. */
import fs from 'node:fs';
import path from 'node:path';
import { GensynError, initialState, rootsOf, type Manifest, type State } from '@gensyn/ir';
import { readSafetensors, stateOf } from '@gensyn/runtime';
import type { Store } from '../storage/store.js';
import type { States } from '../witness/states.js';
import {
  CLAIM_FILE,
  claimLimit,
  readClaim,
  stateFile,
  type ClaimRecord,
  type ClaimRecords,
  type ExpectedClaim,
} from './claim-file.js';

/** The records of a claim. Errors: N0501, N0502, N0504; N0506 where they are not those of the chain. */
export async function fetchClaim(store: Store, cid: string, expected: ExpectedClaim): Promise<ClaimRecords> {
  return readClaim(await store.read(cid, CLAIM_FILE, claimLimit(expected)), expected);
}

/**
 * The state of a record; its file stays in `folder`, so that it is fetched once. Errors: N0501, N0502, N0503, N0504; N0506 where it is
 * not the record's.
 */
export async function fetchState(
  store: Store,
  cid: string,
  manifest: Manifest,
  record: Pick<ClaimRecord, 'step' | 'stateRoot'>,
  folder: string,
): Promise<State> {
  const file = path.join(folder, path.basename(stateFile(record.step)));
  if (fs.existsSync(file)) {
    try {
      return readState(file, manifest, record);
    } catch (error) {
      // Not what it was, or of another claim.
      if (!(error instanceof GensynError)) throw error;
      fs.rmSync(file, { force: true });
    }
  }
  await store.fetch(cid, stateFile(record.step), stateLimit(manifest), file);
  try {
    return readState(file, manifest, record);
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw error;
  }
}

/** The states of a claim as a player or a replay asks for them: the first by computation or by `before`, the others fetched. */
export function claimStates(
  store: Store,
  cid: string,
  manifest: Manifest,
  { from, records }: ClaimRecords,
  folder: string,
  before?: States,
): States {
  const known = new Map(records.map((record) => [record.step, record]));
  return {
    async at(step) {
      const record = known.get(step);
      if (record) return fetchState(store, cid, manifest, record, folder);
      if (step === from && before) return before.at(step);
      if (step === 0) return initialState(manifest);
      throw new GensynError('N0501', `nobody has published the state after ${step} steps`);
    },
  };
}

/** Bytes that a state's file has at most: the tensors, and for each a line with its name, shape and root in the header. */
export function stateLimit({ size, state }: Manifest): number {
  const header = state.reduce((sum, { name, shape }) => sum + 512 + 12 * name.length + 16 * shape.length, 0);
  return size.stateBytes + 2 ** 16 + header;
}

function readState(
  file: string,
  manifest: Manifest,
  { step, stateRoot }: Pick<ClaimRecord, 'step' | 'stateRoot'>,
): State {
  let state: State;
  try {
    state = stateOf(readSafetensors(file).tensors, manifest, step);
  } catch (cause) {
    if (!(cause instanceof GensynError)) throw cause;
    throw new GensynError('N0506', `the published state after ${step} steps is none: ${cause.message}`, {
      cause,
    });
  }
  const { root } = rootsOf(state);
  if (root !== stateRoot)
    throw new GensynError('N0506', `the published state after ${step} steps is not the claimed one`, {
      notes: [{ message: `claimed ${stateRoot}` }, { message: `found   ${root}` }],
    });
  return state;
}
