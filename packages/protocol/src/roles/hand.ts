/** Hands of honest players: the witness of a claim, or of the interval that an attestation is about. */
import { digestFromHex, type State } from '@gensyn/ir';
import {
  jobWitness,
  judgeProof,
  type JobWitness,
  type JobWitnessOptions,
  type States,
} from '../witness/index.js';
import type { Descent } from '../pinpoint/index.js';
import { keptSegments } from './kept-segments.js';
import type { Hand } from './player.js';
import type { OpenJob, Stretch } from './shelf.js';

export interface HandOptions extends Pick<JobWitnessOptions, 'lies'> {
  readonly open: OpenJob;
  /** Another machine than the job's own. */
  readonly machine?: OpenJob['machine'];
  readonly stretch: Pick<Stretch, 'from' | 'steps'>;
  readonly states: States;
  /** State roots after each interval, hex; computed where they are not given. */
  readonly roots?: readonly string[];
  /** Folder of this run and no other, for what a game asks for again after a restart. */
  readonly folder: string;
}

export function handOf({
  open,
  machine,
  stretch,
  states,
  roots,
  folder,
  lies,
}: HandOptions): Hand & { readonly witness: JobWitness } {
  const all = jobWitness({
    folder: open.folder,
    job: open.job,
    machine: machine ?? open.machine,
    states,
    from: stretch.from,
    steps: stretch.steps,
    ...(roots ? { roots: roots.map((root) => digestFromHex(root.replace(/^0x/, ''))) } : {}),
    ...(lies ? { lies } : {}),
  });
  const witness = keptSegments(all, folder);
  return {
    witness,
    async judgement(descent: Descent) {
      return { job: open.chain, proof: (await judgeProof(witness, descent)).proof };
    },
  };
}

/** A state that is known already. */
export const statesOf = (step: number, state: State, others: States): States => ({
  at: (asked) => (asked === step ? Promise.resolve(state) : others.at(asked)),
});
