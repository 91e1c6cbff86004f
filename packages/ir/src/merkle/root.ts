/** Roots of tensors, lists of digests and training states: a tree root bound to what it is the root of. */
import { GensynError } from '../error.js';
import { sha256 } from './hash.js';
import { committedTypes, LIST_TAG, STATE_ENTRY_TAG, TENSOR_TAG, type CommittedType } from './tags.js';
import { CHUNK, chunkCount, tensorTree, treeDepth, type Tree } from './tree.js';

/** A non-negative integer as 32 bytes, big-endian: a uint256 of Solidity. */
function word(value: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setBigUint64(24, BigInt(value));
  return bytes;
}

/** Bytes that a tensor takes. Errors: G0020 for a shape that is none, or has 2^53 bytes or more. */
export function tensorBytes(dtype: CommittedType, shape: readonly number[]): number {
  let bytes: number = committedTypes[dtype].size;
  for (const dim of shape) {
    if (Number.isSafeInteger(dim) && dim >= 0) bytes *= dim;
    else throw new GensynError('G0020', `${dim} is no dimension`);
  }
  if (!Number.isSafeInteger(bytes)) throw new GensynError('G0020', 'the tensor has more than 2^53 bytes');
  return bytes;
}

/** Depth of a tensor's tree, which follows from its shape alone. Errors: G0020. */
export function tensorDepth(dtype: CommittedType, shape: readonly number[]): number {
  return treeDepth(chunkCount(tensorBytes(dtype, shape)));
}

function header(dtype: CommittedType, shape: readonly number[]): Uint8Array[] {
  return [word(committedTypes[dtype].code), word(shape.length), ...shape.map(word)];
}

/**
 * SHA256(TENSOR_TAG || dtype || rank || dims || tree root): `abi.encodePacked` of bytes32 and uint256 words.
 * Errors: G0020 when the tree has another size than the tensor.
 */
export function tensorRootOf(dtype: CommittedType, shape: readonly number[], tree: Tree): Uint8Array {
  const expected = tensorBytes(dtype, shape);
  if (tree.byteLength !== expected) {
    throw new GensynError('G0020', `${tree.byteLength} bytes for a tensor that takes ${expected}`);
  }
  return sha256(TENSOR_TAG, ...header(dtype, shape), tree.root);
}

/** Root of a tensor from its bytes (little-endian, row-major): 32 bytes. Errors: G0020. */
export function tensorRoot(dtype: CommittedType, shape: readonly number[], bytes: Uint8Array): Uint8Array {
  return tensorRootOf(dtype, shape, tensorTree(bytes));
}

/** The bytes of a list of digests, over which `tensorTree` and `openChunk` work: entry i is chunk i. Errors: G0022. */
export function listBytes(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.length * CHUNK);
  entries.forEach((entry, i) => {
    if (entry.length !== CHUNK)
      throw new GensynError('G0022', `entry ${i} has ${entry.length} bytes, not 32`);
    bytes.set(entry, i * CHUNK);
  });
  return bytes;
}

/** SHA256(LIST_TAG || number of entries || root of the tree over the entries). Errors: G0022. */
export function listRoot(entries: readonly Uint8Array[]): Uint8Array {
  return sha256(LIST_TAG, word(entries.length), tensorTree(listBytes(entries)).root);
}

export interface StateEntry {
  readonly name: string;
  readonly dtype: CommittedType;
  readonly shape: readonly number[];
  /** What `tensorRoot` gives. */
  readonly root: Uint8Array;
}

/**
 * SHA256(STATE_ENTRY_TAG || SHA256(name in UTF-8) || dtype || rank || dims || tensor root). Type and shape stand here again, so
 * that whoever opens an entry learns the depth of the tensor's tree with it. Errors: G0020, G0022.
 */
export function stateEntryDigest(entry: StateEntry): Uint8Array {
  if (entry.root.length !== CHUNK)
    throw new GensynError('G0022', `the root of ${entry.name} is not 32 bytes long`);
  tensorBytes(entry.dtype, entry.shape);
  const name = sha256(new TextEncoder().encode(entry.name));
  return sha256(STATE_ENTRY_TAG, name, ...header(entry.dtype, entry.shape), entry.root);
}

/** Root of a training state: the list of its entries in the order given. Errors: G0020, G0022 (also for a name given twice). */
export function stateRoot(entries: readonly StateEntry[]): Uint8Array {
  const names = new Set(entries.map((entry) => entry.name));
  if (names.size !== entries.length) throw new GensynError('G0022', 'a state names two entries alike');
  return listRoot(entries.map(stateEntryDigest));
}
