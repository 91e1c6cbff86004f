/** The newest usable state of a run, and which of its tensors are the model. */
import { GensynError, initialState, inputsOf, type Manifest, type State } from '@gensyn/ir';
import type { Job } from '@gensyn/runtime';
import { join } from 'node:path';

/** A newer checkpoint that cannot be used, and why. */
export interface Skipped {
  readonly step: number;
  readonly reason: string;
}

export interface StoredState {
  readonly step: number;
  readonly state: State;
  /** Newest first. */
  readonly skipped: readonly Skipped[];
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
  if (records.length === 0) return { step: 0, state: initialState(manifest, given), skipped: [] };
  const skipped: Skipped[] = [];
  for (const record of records.reverse()) {
    try {
      return { step: record.step, state: readCheckpoint(folder, manifest, record, given), skipped };
    } catch (error) {
      if (!(error instanceof GensynError)) throw error;
      skipped.push({ step: record.step, reason: error.message });
    }
  }
  throw new GensynError('R0203', "none of the run's checkpoints can be used", {
    notes: notesOf(skipped),
  });
}

/** Errors: R0203 where a prediction's last state is stored but cannot be used, U0210 where it has not been reached. */
export function finishedState(
  { steps }: Pick<Manifest, 'steps'>,
  { step, state, skipped }: StoredState,
  run: string,
): State {
  if (step >= steps) return state;
  if (skipped.length > 0)
    throw new GensynError('R0203', `the predictions of ${run} are in a checkpoint that cannot be used`, {
      notes: notesOf(skipped),
      help: `\`gensyn run ${run} --resume\` computes it again`,
    });
  throw new GensynError('U0210', `the run stands at step ${step} of ${steps}: not all rows are predicted`, {
    help: `\`gensyn run ${run} --resume\` goes on with it`,
  });
}

/** What is said where another checkpoint than the newest is taken; undefined where it is the newest. */
export function skippedLine({ step, skipped }: Omit<StoredState, 'state'>): string | undefined {
  if (skipped.length === 0) return undefined;
  const reasons = notesOf(skipped).map(({ message }) => message);
  return `Taking the checkpoint of step ${step}, as newer ones cannot be used: ${reasons.join('; ')}.`;
}

const notesOf = (skipped: readonly Skipped[]): { message: string }[] =>
  skipped.slice(0, 5).map(({ step, reason }) => ({ message: `step ${step}: ${reason}` }));

/** The tensors that the evaluation reads are the trained ones; the rest is the optimiser's. */
export function weightsOf(job: Job, state: State): State {
  const read = new Set(
    inputsOf(job.evaluation).flatMap(({ node }) => (node.source?.kind === 'state' ? [node.name!] : [])),
  );
  return new Map([...state].filter(([name, { dtype }]) => dtype === 'f32' && read.has(name)));
}
