/** Answers to demands for a piece of a state: its bytes, and all that leads from them up to the root of the claim. */
import {
  bytesOf,
  committedTypes,
  GensynError,
  openChunk,
  rootsOf,
  sha256,
  stateEntryDigest,
  stateRoot,
  tensorRootOf,
  tensorTree,
  type State,
  type StateEntry,
} from '@gensyn/ir';
import { hexlify, toUtf8Bytes, ZeroHash } from 'ethers';
import { nodeTree } from './node-tree.js';

/** What was demanded: IPinpoint's Place. */
export interface Place {
  /** Of the claim, 0x-prefixed, over so many state roots. */
  readonly root: string;
  readonly records: number;
  /** The state after this many of them, from 1 on. */
  readonly record: number;
  /** Entry of that state, and which 128 chunks of its tensor; from 0 on. Bigints: anybody may ask for what there is not. */
  readonly entry: bigint;
  readonly piece: bigint;
}

/** IPinpoint's Answer. */
export interface Answer {
  readonly state: string;
  readonly record: string[];
  readonly count: number;
  readonly list: string;
  readonly name: string;
  readonly dtype: number;
  readonly dims: number[];
  readonly tensor: string;
  readonly entry: string[];
  readonly chunks: string[];
  readonly path: string[];
}

/** Chunks of a piece, and binary levels of the subtree that they are. */
export const PIECE = 128;
const HEIGHT = 7;
const CHUNK = 32;

/** Pieces that a tensor of so many bytes has. */
export const piecesOf = (bytes: number): number => Math.ceil(bytes / (PIECE * CHUNK));

/** A state of which only what is asked for is read. */
export interface Shown {
  readonly entries: readonly StateEntry[];
  /** Bytes of the tensor of an entry. */
  bytes(entry: number): Uint8Array;
}

/** A state in memory. */
export function shownState(state: State): Shown {
  const { tensors } = rootsOf(state);
  const all = [...state];
  return {
    entries: all.map(([name, { dtype, shape }]) => ({ name, dtype, shape, root: tensors.get(name)! })),
    bytes: (entry) => bytesOf(all[entry]![1].data),
  };
}

/**
 * @param roots state roots of the claim's records, in order
 * @param shown the state after the record that is asked for
 * Errors: N0705 where the state is another one.
 */
export function answerOf(place: Place, roots: readonly Uint8Array[], shown: Shown): Answer {
  const { entries } = shown;
  const at = place.record - 1;
  const root = hexlify(stateRoot(entries));
  const other = (): GensynError =>
    new GensynError('N0705', `the state after record ${place.record} is not the one that is asked for`);
  if (roots.length !== place.records || root !== hexlify(roots[at] ?? new Uint8Array())) throw other();
  const list = nodeTree(entries.map(stateEntryDigest));
  const header = {
    state: root,
    record: nodeTree(roots)
      .path(at)
      .map((each) => hexlify(each)),
    count: entries.length,
    list: hexlify(list.root),
  };
  const empty = { name: ZeroHash, dtype: 0, dims: [], tensor: ZeroHash, entry: [], chunks: [], path: [] };
  if (place.entry >= BigInt(entries.length)) return { ...header, ...empty };
  const index = Number(place.entry);
  const { name, dtype, shape, root: expected } = entries[index]!;
  const bytes = shown.bytes(index);
  const tree = tensorTree(bytes);
  if (!equalBytes(tensorRootOf(dtype, shape, tree), expected)) throw other();
  const held = {
    ...header,
    name: hexlify(sha256(toUtf8Bytes(name))),
    dtype: committedTypes[dtype].code,
    dims: [...shape],
    tensor: hexlify(tree.root),
    entry: list.path(index).map((each) => hexlify(each)),
  };
  if (place.piece >= BigInt(piecesOf(bytes.length))) return { ...held, chunks: [], path: [] };
  const first = Number(place.piece) * PIECE;
  const chunks = Array.from({ length: Math.min(PIECE, tree.chunks - first) }, (_, i) => {
    const chunk = new Uint8Array(CHUNK);
    chunk.set(bytes.subarray((first + i) * CHUNK, (first + i + 1) * CHUNK));
    return hexlify(chunk);
  });
  // From the subtree on.
  const path = openChunk(tree, bytes, first).path.slice(Math.min(HEIGHT, tree.depth));
  return { ...held, chunks, path: path.map((each) => hexlify(each)) };
}

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i]);
