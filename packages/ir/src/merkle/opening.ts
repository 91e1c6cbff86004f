/** Openings: a chunk of a committed tensor with the path that proves it, and the strict check of one. */
import { GensynError } from '../error.js';
import { sha256 } from './hash.js';
import { committedTypes, LEAF_TAG, type CommittedType } from './tags.js';
import { CHUNK, treePath, type Tree } from './tree.js';

export interface Opening {
  /** 32 bytes; the last chunk of a tensor is filled up with zeros. */
  readonly chunk: Uint8Array;
  readonly index: number;
  /** Siblings of 32 bytes, from the leaf's upwards; as many as the tree is deep. */
  readonly path: readonly Uint8Array[];
}

/** Opens one chunk of the bytes that `tree` was built over. Errors: G0021 for an index beyond the last chunk, G0020 for other bytes. */
export function openChunk(tree: Tree, bytes: Uint8Array, index: number): Opening {
  if (bytes.length !== tree.byteLength) throw new GensynError('G0020', 'these are not the bytes of the tree');
  if (!Number.isInteger(index) || index < 0 || index >= tree.chunks) {
    throw new GensynError('G0021', `there is no chunk ${index}; the tensor has ${tree.chunks}`);
  }
  const chunk = new Uint8Array(CHUNK);
  chunk.set(bytes.subarray(index * CHUNK, (index + 1) * CHUNK));
  return { chunk, index, path: treePath(tree, bytes, index) };
}

function isDigest(value: Uint8Array): boolean {
  return value instanceof Uint8Array && value.length === CHUNK;
}

/**
 * Whether `chunk` is chunk `index` of the tree with this root. The depth comes from the shape, never from the opening.
 * False also for whatever is malformed: a path of another length than the depth, an index of 2^depth or more,
 * parts that are not 32 bytes long.
 */
export function verifyOpening(
  root: Uint8Array,
  depth: number,
  index: number,
  chunk: Uint8Array,
  path: readonly Uint8Array[],
): boolean {
  if (path.length !== depth || !Number.isInteger(index) || index < 0 || index >= 2 ** depth) return false;
  if (!isDigest(root) || !isDigest(chunk) || !path.every(isDigest)) return false;
  let node = sha256(chunk, LEAF_TAG);
  let at = index;
  for (const sibling of path) {
    node = at % 2 === 0 ? sha256(node, sibling) : sha256(sibling, node);
    at = Math.floor(at / 2);
  }
  return node.every((byte, i) => byte === root[i]);
}

/** Where element `i` of a tensor lies: its chunk, and its first byte therein. Elements never cross chunks. */
export function elementPosition(
  dtype: CommittedType,
  i: number,
): { readonly index: number; readonly offset: number } {
  const at = i * committedTypes[dtype].size;
  return { index: Math.floor(at / CHUNK), offset: at % CHUNK };
}

/** Opens the chunk that holds element `i`; `offset` is the element's first byte in it. Errors: G0021, G0020. */
export function openElement(
  tree: Tree,
  dtype: CommittedType,
  bytes: Uint8Array,
  i: number,
): Opening & { readonly offset: number } {
  const { size } = committedTypes[dtype];
  if (!Number.isInteger(i) || i < 0 || (i + 1) * size > tree.byteLength) {
    throw new GensynError('G0021', `there is no element ${i}`);
  }
  const { index, offset } = elementPosition(dtype, i);
  return { ...openChunk(tree, bytes, index), offset };
}

/** The bytes of element `i` out of an opening, or undefined when the opening does not prove that element. */
export function verifyElement(
  root: Uint8Array,
  depth: number,
  dtype: CommittedType,
  i: number,
  opening: Opening,
): Uint8Array | undefined {
  const { index, offset } = elementPosition(dtype, i);
  if (index !== opening.index || !verifyOpening(root, depth, index, opening.chunk, opening.path))
    return undefined;
  return opening.chunk.slice(offset, offset + committedTypes[dtype].size);
}
