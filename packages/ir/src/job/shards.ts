/** Jobs that several replicas train: slices of the data, the states that a merge takes and gives, and one root over all parts. */
import { GensynError } from '../error.js';
import { sha256 } from '../merkle/hash.js';
import { sameType } from '../value/type.js';
import type { State } from './initial-state.js';
import type { ShardsManifest } from './manifest.js';
import { digestFromHex, proofRoot, type CheckpointRecord } from './record.js';

export const SHARDS_TAG = new Uint8Array(32);
SHARDS_TAG.set(new TextEncoder().encode('gensyn/shards/v1'));

/** Folder of a replica's job, or run, and of the merge's, inside the whole one. */
export const shardFolder = (shard: number): string => `shards/${shard}`;
export const MERGE_FOLDER = 'merge';

/** Name, in the state of a merge, of a tensor of one shard. */
export const shardEntry = (shard: number, name: string): string => `shard${shard}.${name}`;

/**
 * What shard `shard` of `count` trains on: rows shard, shard + count, shard + 2 count, ... of each data set. The tensors stay the same, and
 * so do their roots; only where rows start and how far they are apart differ.
 */
export function sliceOf<
  Column extends { readonly start: number; readonly stride: number },
  Set extends { readonly rows: number; readonly columns: readonly Column[] },
>(set: Set, shard: number, count: number): Set {
  return {
    ...set,
    rows: Math.max(0, Math.ceil((set.rows - shard) / count)),
    columns: set.columns.map((column) => ({
      ...column,
      start: column.start + shard * column.stride,
      stride: column.stride * count,
    })),
  };
}

/**
 * The state that a merge starts from: the step counter, which all replicas share, and each one's other tensors in its own order. Nothing is
 * copied. Errors: G0024 when the states are not those of replicas after the same steps.
 */
export function gatheredState(states: readonly State[]): State {
  const [first] = states;
  const step = first?.get('step');
  if (!first || !step) throw new GensynError('G0024', 'there is no state to merge');
  const gathered = new Map([['step', step]]);
  states.forEach((state, shard) => {
    const fits =
      state.size === first.size &&
      state.get('step')?.data[0] === step.data[0] &&
      [...first].every(([name, value]) => state.has(name) && sameType(state.get(name)!, value));
    if (!fits)
      throw new GensynError('G0024', `the state of shard ${shard} is not one to merge with the others`);
    for (const name of first.keys())
      if (name !== 'step') gathered.set(shardEntry(shard, name), state.get(name)!);
  });
  return gathered;
}

/** The state of one replica within a merge's. Nothing is copied. */
export function shardState(merge: State, shard: number): State {
  const prefix = shardEntry(shard, '');
  return new Map(
    [...merge].flatMap(([name, value]) =>
      name === 'step'
        ? [[name, value] as const]
        : name.startsWith(prefix)
          ? [[name.slice(prefix.length), value] as const]
          : [],
    ),
  );
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setBigUint64(24, BigInt(value));
  return bytes;
}

/**
 * SHA256(tag || root of the undivided job || shards || steps between merges || root of each shard's job || root of the merge's job), integers
 * as 32 bytes big-endian. Errors: G0023 for a root that is none.
 */
export function shardsRoot(whole: Uint8Array, { count, sync, jobs, merge }: ShardsManifest): Uint8Array {
  return sha256(SHARDS_TAG, whole, word(count), word(sync), ...jobs.map(digestFromHex), digestFromHex(merge));
}

/** Root over all records of a run in shards: the merged states', then shard by shard, hex. Errors: G0023. */
export function shardsProofRoot(
  records: readonly CheckpointRecord[],
  shards: readonly (readonly CheckpointRecord[])[],
): string {
  return proofRoot([...records, ...shards.flat()]);
}

/** Loss of a merge: the mean of the last losses of the replicas, added in their order. */
export function meanLoss(records: readonly Pick<CheckpointRecord, 'loss'>[]): number {
  return Math.fround(records.reduce((sum, { loss }) => sum + loss!, 0) / records.length);
}
