/** Checkpoints of a run: one safetensors file each, whose root is checked whenever it is read. */
import fs from 'node:fs';
import path from 'node:path';
import {
  GensynError,
  initialState,
  jobRoot,
  rootsOf,
  sameType,
  formatType,
  type CheckpointRecord,
  type Manifest,
  type State,
  type TensorValue,
} from '@gensyn/ir';
import { guard, writeFileAtomic } from '../run/write-file.js';
import { encodeSafetensors, readSafetensors } from './safetensors.js';

export const CHECKPOINT_FOLDER = 'checkpoints';

/** Path of the checkpoint after `step` steps; the digits sort by step. */
export function checkpointFile(runFolder: string, step: number): string {
  return path.join(runFolder, CHECKPOINT_FOLDER, `${String(step).padStart(10, '0')}.safetensors`);
}

/** Writes a checkpoint so that it is either durable or absent. Errors: R0501, R0503. */
export function writeCheckpoint(
  runFolder: string,
  manifest: Manifest,
  state: State,
  step: number,
  roots: ReturnType<typeof rootsOf>,
): void {
  const metadata = new Map([
    ['format', 'gensyn-checkpoint/1'],
    ['job', jobRoot(manifest)],
    ['step', String(step)],
    ['stateRoot', roots.root],
    ...[...roots.tensors].map(([name, root]) => [`root.${name}`, Buffer.from(root).toString('hex')] as const),
  ]);
  guard(CHECKPOINT_FOLDER, () => fs.mkdirSync(path.join(runFolder, CHECKPOINT_FOLDER), { recursive: true }));
  writeFileAtomic(checkpointFile(runFolder, step), encodeSafetensors(state, metadata));
}

/**
 * The state that a record stands for. At step 0 it is computed, not read, from the manifest and the job's `given` tensors.
 * Errors: R0201 for a damaged file, R0202 for one whose root is not the record's, G0032.
 */
export function readCheckpoint(
  runFolder: string,
  manifest: Manifest,
  record: Pick<CheckpointRecord, 'step' | 'stateRoot'>,
  given?: State,
): State {
  const state =
    record.step === 0
      ? initialState(manifest, given)
      : stateOf(readSafetensors(checkpointFile(runFolder, record.step)).tensors, manifest, record.step);
  const { root } = rootsOf(state);
  if (root !== record.stateRoot) {
    throw new GensynError(
      'R0202',
      `the checkpoint of step ${record.step} has been changed: its root is not the recorded one`,
      {
        notes: [{ message: `recorded ${record.stateRoot}` }, { message: `found    ${root}` }],
      },
    );
  }
  return state;
}

/** The tensors of a file in the manifest's order. Errors: R0201 when any is missing, too many or of another type. */
export function stateOf(tensors: State, manifest: Manifest, step: number): State {
  const state = new Map<string, TensorValue>();
  for (const entry of manifest.state) {
    const tensor = tensors.get(entry.name);
    if (!tensor || !sameType(tensor, entry)) {
      throw new GensynError(
        'R0201',
        `the checkpoint of step ${step} does not fit the job: '${entry.name}' should be ${formatType(entry)}${tensor ? `, not ${formatType(tensor)}` : ' and is missing'}`,
      );
    }
    state.set(entry.name, tensor);
  }
  if (tensors.size !== state.size)
    throw new GensynError(
      'R0201',
      `the checkpoint of step ${step} does not fit the job: it holds ${tensors.size} tensors, not ${state.size}`,
    );
  return state;
}

/** Deletes checkpoints but for the newest `keep` of `steps`. */
export function pruneCheckpoints(runFolder: string, steps: readonly number[], keep: number): void {
  for (const step of steps.slice(0, -keep)) fs.rmSync(checkpointFile(runFolder, step), { force: true });
}
