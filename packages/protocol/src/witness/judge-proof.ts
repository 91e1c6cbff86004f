/** The last word of a game: what `Pinpoint.judge` needs to compute the one value that is left. */
import { GensynError, listRoot } from '@gensyn/ir';
import { hexlify } from 'ethers';
import { graphProofs } from '../pinpoint/graph-proofs.js';
import type { Descent } from '../pinpoint/descent.js';
import { buildQuery } from '../referee/query.js';
import type { JobWitness } from './job-witness.js';

export interface JudgeProof {
  /** Opens operator list and partial results of whoever makes it, 0x-prefixed. */
  readonly proof: string;
  /** Root of the operator list that it opens. */
  readonly trace: string;
}

/** Errors: N0301 unless the game has come to a value, V0403, V0404, and those of the machine. */
export async function judgeProof(witness: JobWitness, descent: Descent): Promise<JudgeProof> {
  const { level, step, operator, element, term, entries } = descent;
  if (level !== 'value') throw new GensynError('N0301', `the game is at level ${level}, not at a value`);
  if (operator === entries - 1) {
    const { job } = await witness.committed(step);
    const operators = await witness.operators(step);
    const list = Array.from({ length: entries }, (_, i) => operators.entry(i));
    return {
      proof: graphProofs(job.graph).stateEntry(element, operators),
      trace: hexlify(listRoot(list)),
    };
  }
  const { proof, context } = buildQuery(await witness.committed(step), operator, element, term);
  return { proof, trace: context.operatorsRoot };
}
