/** The interval of a claim that its committee attests to. */
import { rootsOf, type State } from '@gensyn/ir';
import { hexlify } from 'ethers';
import type { Claim, Task } from '../chain/index.js';
import { attestationOf } from '../witness/index.js';
import type { Party } from './party.js';
import type { OpenJob } from './shelf.js';
import { keepState } from './work-folder.js';

export interface Interval {
  /** Counted from the start of the training. */
  readonly from: number;
  readonly steps: number;
}

/** Interval `record` of a claim, as far as it was delivered. */
export function intervalOf(
  { firstStep, interval }: Task,
  { from, delivered }: Claim,
  record: number,
): Interval {
  const skipped = record * interval;
  return { from: firstStep + from + skipped, steps: Math.min(interval, delivered - skipped) };
}

export interface Replayed extends Interval {
  /** Operator list of its last step, 0x-prefixed. */
  readonly trace: string;
  /** State root after it, and before, hex. */
  readonly state: string;
  readonly before: string;
}

/** @param before root of the state that it is for, hex: after a reorganisation the number may be another claim's */
export const sampleFolder = (party: Party, claim: number, before: string): string =>
  party.journal.work(`sample-${claim}/${before.slice(0, 16)}`);

/** Replays the sampled interval from `before`, which is kept for a game. Errors: those of the machine, R0401 to R0403 among them. */
export async function replaySample(
  party: Party,
  open: OpenJob,
  claim: Claim,
  before: State,
): Promise<Replayed> {
  const interval = intervalOf(await party.view.task(claim.task), claim, claim.sample);
  const { root } = rootsOf(before);
  keepState(sampleFolder(party, claim.id, root), open.job.manifest, interval.from, before);
  const { trace, state } = await attestationOf(open.machine, open.job, before, interval.from, interval.steps);
  return { ...interval, trace: hexlify(trace), state: hexlify(state).slice(2), before: root };
}
