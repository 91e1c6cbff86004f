/** The state before the first step, from the manifest alone: what init.onnx computes, by the normative definitions. */
import { fillUniform } from '../random/fill.js';
import { stateRoot, tensorRoot } from '../merkle/root.js';
import { allocate, bytesOf, elements, type TensorValue } from '../value/type.js';
import type { Manifest, StateManifest } from './manifest.js';

/** A training state: tensors by name, in the order of the manifest. */
export type State = ReadonlyMap<string, TensorValue>;

/** One tensor of the initial state. Errors: G0030 for a bound out of range. */
export function initialTensor(entry: StateManifest, seed: number): TensorValue {
  const data = allocate(entry.dtype, elements(entry.shape));
  if (entry.init.kind === 'constant') data.fill(entry.init.value);
  else fillUniform(data as Float32Array, seed, entry.init.stream, entry.init.bound);
  return { dtype: entry.dtype, shape: entry.shape, data };
}

/** Errors: G0030. */
export function initialState(manifest: Manifest): State {
  return new Map(manifest.state.map((entry) => [entry.name, initialTensor(entry, manifest.seed)]));
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
