/** A game over a run with one fault in it, set up so that its liar, not the honest side, has something to lose. */
import { listRoot, uniformBits } from '@gensyn/ir';
import { hexlify } from 'ethers';
import { beginning, type Side, type Witness } from '../../src/pinpoint/index.js';
import { stateDigests } from '../../src/referee/index.js';
import {
  chainJob,
  chainJobRoot,
  graphEntries,
  honestPlayer,
  judgeProof,
  type Fault,
  type Planted,
} from '../../src/witness/index.js';
import type { GamePlan } from '../pinpoint/play-games.js';
import { lyingWitness, type CompiledJob } from './compiled-job.js';

export interface Bout {
  readonly plan: GamePlan;
  readonly planted: () => Planted | undefined;
  /** Name of the operator that is wrong first, or 'state'. */
  readonly op: string;
}

/** @param seed chooses who of the two lies */
export async function boutOf(compiled: CompiledJob, planned: Fault, seed: number): Promise<Bout> {
  const { job, honest, states } = compiled;
  const { steps, checkpointEvery } = job.manifest;
  let fault = planned;
  let { liar, witness, start, steps: count } = lyingWitness(compiled, fault);
  const stateOf = async (each: Witness): Promise<string> =>
    hexlify((await each.segment(start, count)).states.at(-1)!);
  // What the next state does not depend on is told by operator lists alone: those of the last step of an interval are attested.
  const attested = (await stateOf(witness)) === (await stateOf(honest));
  if (attested) {
    fault = { ...fault, step: start + count - 1 };
    ({ liar, witness, start, steps: count } = lyingWitness(compiled, fault));
  }
  const rootOf = async (each: Witness): Promise<string> =>
    hexlify(attested ? (await each.segment(start, count)).traces.at(-1)! : (await each.run()).root);
  const side = (uniformBits(seed, 0, 0, 2) % 2) as Side;
  const [wrong, right] = [await rootOf(witness), await rootOf(honest)];
  const chain = chainJob(job.manifest);
  const from = attested ? start : 0;
  const operator = liar.planted()!.operator;
  return {
    planted: () => liar.planted(),
    op: job.step.nodes[operator]?.op ?? 'state',
    plan: {
      name: `${seed}: ${JSON.stringify(fault)} in ${job.manifest.name}${attested ? ', attested' : ''}`,
      job: chain,
      start: beginning(
        {
          job: chainJobRoot(chain),
          graph: chain.graph,
          entries: graphEntries(job).entries,
          interval: checkpointEvery,
          step: from,
          steps: attested ? count : steps,
          before: hexlify(listRoot(stateDigests(states.get(from)!))),
          nodes: side === 0 ? [wrong, right] : [right, wrong],
        },
        attested ? 'attestation' : 'run',
      ),
      players:
        side === 0
          ? [honestPlayer(witness), honestPlayer(honest)]
          : [honestPlayer(honest), honestPlayer(witness)],
      honest: (1 - side) as Side,
      proof: async (descent) => (await judgeProof(honest, descent)).proof,
    },
  };
}
