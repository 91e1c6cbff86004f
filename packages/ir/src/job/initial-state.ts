/** The state before the first step, from the manifest and the values it commits to: what init.onnx computes, by the normative definitions. */
import { GensynError } from '../error.js';
import { fillUniform } from '../random/fill.js';
import { stateRoot, tensorRoot } from '../merkle/root.js';
import { allocate, bytesOf, elements, sameType, type TensorValue } from '../value/type.js';
import type { Manifest, StateManifest } from './manifest.js';

/** A training state: tensors by name, in the order of the manifest. */
export type State = ReadonlyMap<string, TensorValue>;

/** Name, in init.onnx, of the initialiser that holds the values that a state tensor starts with. */
export const initialName = (state: string): string => `${state}:initial`;

const NOTHING: State = new Map();

/**
 * One tensor of the initial state.
 * @param given values of tensors whose start is `given`, checked against their roots
 * Errors: G0030 for a bound out of range, G0032 when a given tensor is missing or of another type.
 */
export function initialTensor(entry: StateManifest, seed: number, given: State = NOTHING): TensorValue {
  const { dtype, shape, init } = entry;
  if (init.kind === 'given') {
    const found = given.get(entry.name);
    if (!found || !sameType(found, entry))
      throw new GensynError('G0032', `the values that '${entry.name}' starts with are not at hand`, {
        help: 'they are part of init.onnx in the folder of the compiled job',
      });
    // A copy: a run overwrites its state.
    return { dtype, shape, data: found.data.slice() };
  }
  const data = allocate(dtype, elements(shape));
  if (init.kind === 'constant') data.fill(init.value);
  else fillUniform(data as Float32Array, seed, init.stream, init.bound);
  return { dtype, shape, data };
}

/** Errors: G0030, G0032. */
export function initialState(manifest: Manifest, given: State = NOTHING): State {
  return new Map(manifest.state.map((entry) => [entry.name, initialTensor(entry, manifest.seed, given)]));
}

/** Roots of the tensors of a state and of the whole, in the state's own order. Errors: G0020, G0022. */
export function rootsOf(state: State): {
  readonly tensors: ReadonlyMap<string, Uint8Array>;
  readonly root: string;
} {
  const entries = [...state].map(([name, { dtype, shape, data }]) => ({
    name,
    dtype,
    shape,
    root: tensorRoot(dtype, shape, bytesOf(data)),
  }));
  return {
    tensors: new Map(entries.map((entry) => [entry.name, entry.root])),
    root: Buffer.from(stateRoot(entries)).toString('hex'),
  };
}
