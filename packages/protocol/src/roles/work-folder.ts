/** States on disk that a role has computed or checked: those it will be asked for in a game. */
import path from 'node:path';
import { GensynError, initialState, rootsOf, type Manifest, type State } from '@gensyn/ir';
import { readCheckpoint, readRecords, RUN_FILES, writeCheckpoint } from '@gensyn/runtime';
import type { Job } from '@gensyn/runtime';
import type { States } from '../witness/index.js';

type FromJob = Pick<Job, 'manifest' | 'given'>;

/**
 * States of a run that `train` keeps in a folder, by its records.
 * @throws GensynError N0705 (from `at`) for a step of which there is none
 */
export function statesOfRun(folder: string, { manifest, given }: FromJob): States {
  return {
    at(step) {
      const record = readRecords(path.join(folder, RUN_FILES.records)).find((each) => each.step === step);
      if (!record) return Promise.reject(none(folder, step));
      return Promise.resolve(readCheckpoint(folder, manifest, record, given));
    },
  };
}

/** Keeps one state. */
export function keepState(folder: string, manifest: Manifest, step: number, state: State): void {
  if (step > 0) writeCheckpoint(folder, manifest, state, step, rootsOf(state));
}

/** That one state, of which the root is known, hex without prefix. */
export function statesOfOne(
  folder: string,
  { manifest, given }: FromJob,
  step: number,
  stateRoot: string,
): States {
  return {
    at(asked) {
      if (asked !== step) return Promise.reject(none(folder, asked));
      if (step === 0) return Promise.resolve(initialState(manifest, given));
      return Promise.resolve(readCheckpoint(folder, manifest, { step, stateRoot }, given));
    },
  };
}

const none = (folder: string, step: number): GensynError =>
  new GensynError('N0705', `the state after step ${step} is not in ${path.basename(folder)}`);
