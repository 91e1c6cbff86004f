/** The newest usable state of a run, and which of its tensors are the model. */
import { GensynError, initialState, inputsOf, type State } from '@gensyn/ir';
import type { Job } from '@gensyn/runtime';
import { join } from 'node:path';

export interface StoredState {
  readonly step: number;
  readonly state: State;
}

/**
 * The state of the newest checkpoint, or of the newest one up to `step`; the initial state where there is no run.
 * Nothing in the folder is changed. Errors: R0203 when no checkpoint is usable, R0206.
 */
export async function storedState(
  folder: string,
  { manifest, given }: Pick<Job, 'manifest' | 'given'>,
  step = Infinity,
): Promise<StoredState> {
  const { RUN_FILES, readCheckpoint, readRecords } = await import('@gensyn/runtime');
  const records = readRecords(join(folder, RUN_FILES.records)).filter((record) => record.step <= step);
  if (records.length === 0) return { step: 0, state: initialState(manifest, given) };
  const reasons: string[] = [];
  for (const record of records.reverse()) {
    try {
      return { step: record.step, state: readCheckpoint(folder, manifest, record, given) };
    } catch (error) {
      if (!(error instanceof GensynError)) throw error;
      reasons.push(error.message);
    }
  }
  throw new GensynError('R0203', "none of the run's checkpoints can be used", {
    notes: reasons.slice(0, 5).map((message) => ({ message })),
  });
}

/** The tensors that the evaluation reads are the trained ones; the rest is the optimiser's. */
export function weightsOf(job: Job, state: State): State {
  const read = new Set(
    inputsOf(job.evaluation).flatMap(({ node }) => (node.source?.kind === 'state' ? [node.name!] : [])),
  );
  return new Map([...state].filter(([name, { dtype }]) => dtype === 'f32' && read.has(name)));
}
