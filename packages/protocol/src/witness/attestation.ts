/** What a verifier attests to, and what a record says of an interval: both come of one replay. */
import { listRoot, type State } from '@gensyn/ir';
import { installFastHash, type Job, type Machine } from '@gensyn/runtime';
import { operatorDigests } from '../referee/step.js';

/** What an attestation and a record say of an interval. */
export interface Attested {
  /** Root of the operator list of its last step. */
  readonly trace: Uint8Array;
  /** State root after it. */
  readonly state: Uint8Array;
}

/** Of the `steps` steps from `from` on, given the state before them. Errors: those of the machine. */
export async function attestationOf(
  machine: Machine,
  { step: graph }: Pick<Job, 'step'>,
  before: State,
  from: number,
  steps: number,
  progress?: (step: number) => void,
): Promise<Attested> {
  await installFastHash();
  const last = from + steps - 1;
  const state = await machine.advance(before, from, last, progress);
  const digests = operatorDigests(graph, await machine.values(state, last));
  return { trace: listRoot(digests), state: digests.at(-1)! };
}
