/** Digests that only games use: of a step in its interval. */
import { sha256 } from '@gensyn/ir';

const STEP_TAG = new Uint8Array(32);
STEP_TAG.set(new TextEncoder().encode('gensyn/step/v1'));

/** SHA256(tag || state root after the step || list root of the step's operators, the state root last among them). */
export function stepEntry(state: Uint8Array, operators: Uint8Array): Uint8Array {
  return sha256(STEP_TAG, state, operators);
}
