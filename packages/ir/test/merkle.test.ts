import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { GensynError } from '../src/error.js';
import { openChunk, openElement, verifyElement, verifyOpening } from '../src/merkle/opening.js';
import { listBytes, listRoot, stateRoot, tensorDepth, tensorRoot, tensorRootOf } from '../src/merkle/root.js';
import { tensorTree, treeStream } from '../src/merkle/tree.js';

const hash = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const tag = (text: string) => Buffer.concat([Buffer.from(text), Buffer.alloc(32 - text.length)]);

/** The definition, recursively: the twin of the block-wise builder. */
function plainRoot(bytes: Uint8Array): Uint8Array {
  const chunks = Math.ceil(bytes.length / 32);
  const depth = chunks <= 1 ? 0 : Math.ceil(Math.log2(chunks));
  const zero = (level: number): Buffer =>
    level === 0 ? Buffer.alloc(32) : hash(zero(level - 1), zero(level - 1));
  const node = (level: number, i: number): Buffer => {
    if (i * 2 ** level >= chunks) return zero(level);
    if (level > 0) return hash(node(level - 1, 2 * i), node(level - 1, 2 * i + 1));
    const chunk = Buffer.alloc(32);
    chunk.set(bytes.subarray(i * 32, i * 32 + 32));
    return hash(chunk, tag('gensyn/leaf/v1'));
  };
  return new Uint8Array(node(depth, 0));
}

function sample(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 255);
}

const BLOCK = 4096 * 32;
const sizes = [
  0,
  1,
  31,
  32,
  33,
  64,
  65,
  96,
  97,
  1000,
  4095,
  BLOCK - 32,
  BLOCK - 1,
  BLOCK,
  BLOCK + 1,
  2 * BLOCK + 5,
];

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof GensynError ? error.code : 'foreign';
  }
  return undefined;
}

describe('merkle: tree', () => {
  it('follows the definition at every size', () => {
    for (const size of [...sizes, 3 * BLOCK]) {
      const bytes = sample(size);
      expect(tensorTree(bytes).root, String(size)).to.deep.equal(plainRoot(bytes));
    }
  });

  it('gives the same root however the bytes arrive', () => {
    const bytes = sample(3 * BLOCK + 777);
    const whole = tensorTree(bytes);
    for (const step of [1000, 4096, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK]) {
      const stream = treeStream();
      for (let at = 0; at < bytes.length; at += step) stream.update(bytes.subarray(at, at + step));
      expect(stream.finish(), String(step)).to.deep.equal(whole);
      expect(stream.root()).to.deep.equal(whole.root);
      expect(codeOf(() => stream.update(bytes))).to.equal('G0020');
    }
  });

  it('gives the same root wherever the bytes lie, after whatever was hashed before', () => {
    for (const size of sizes) {
      const bytes = sample(size);
      const expected = tensorTree(bytes).root;
      for (const offset of [1, 4]) {
        tensorTree(new Uint8Array(BLOCK).fill(255));
        const moved = new Uint8Array(size + offset).subarray(offset);
        moved.set(bytes);
        expect(tensorTree(moved).root, `${size} bytes at ${offset}`).to.deep.equal(expected);
      }
    }
  });

  it('tells a missing leaf from a chunk of zeros', () => {
    expect(tensorTree(new Uint8Array(96)).root).to.not.deep.equal(tensorTree(new Uint8Array(128)).root);
    expect(tensorTree(new Uint8Array(0)).root).to.deep.equal(new Uint8Array(32));
  });
});

describe('merkle: openings', () => {
  it('prove every chunk, first, middle and last', () => {
    for (const size of sizes.filter((size) => size > 0)) {
      const bytes = sample(size);
      const tree = tensorTree(bytes);
      const last = tree.chunks - 1;
      for (const index of new Set([0, Math.min(1, last), last >> 1, last])) {
        const { chunk, path } = openChunk(tree, bytes, index);
        expect(verifyOpening(tree.root, tree.depth, index, chunk, path), `${size} ${index}`).to.equal(true);
      }
    }
  });

  it('fail when anything differs', () => {
    const bytes = sample(1000);
    const tree = tensorTree(bytes);
    const { chunk, index, path } = openChunk(tree, bytes, 13);
    const check = (d: number, i: number, c: Uint8Array, p: readonly Uint8Array[]) =>
      verifyOpening(tree.root, d, i, c, p);
    expect(tree.depth).to.equal(5);
    expect(check(5, index, chunk, path)).to.equal(true);
    const flipped = (from: Uint8Array) => from.map((byte, i) => (i === 7 ? byte ^ 1 : byte));
    expect(check(5, index, flipped(chunk), path)).to.equal(false);
    for (let i = 0; i < 5; i++) {
      expect(
        check(
          5,
          index,
          chunk,
          path.map((part, j) => (j === i ? flipped(part) : part)),
        ),
      ).to.equal(false);
    }
    for (const other of [0, 12, 14, 13 + 32, 13 + 2 ** 32, -1, 13.5, NaN]) {
      expect(check(5, other, chunk, path)).to.equal(false);
    }
    expect(check(4, index, chunk, path.slice(0, 4))).to.equal(false);
    expect(check(5, index, chunk, path.slice(0, 4))).to.equal(false);
    expect(check(6, index, chunk, [...path, new Uint8Array(32)])).to.equal(false);
    expect(check(5, index, chunk.subarray(0, 31), path)).to.equal(false);
    expect(check(5, index, chunk, [...path.slice(0, 4), new Uint8Array(33)])).to.equal(false);
    // An inner node presented as a leaf of a shallower tree.
    const parent = hash(hash(chunk, tag('gensyn/leaf/v1')), path[0]!);
    expect(check(4, index >> 1, new Uint8Array(parent), path.slice(1))).to.equal(false);
  });

  it('prove elements', () => {
    const values = Float32Array.from({ length: 100 }, (_, i) => i / 3);
    const bytes = new Uint8Array(values.buffer);
    const tree = tensorTree(bytes);
    for (const i of [0, 7, 8, 99]) {
      const opening = openElement(tree, 'f32', bytes, i);
      const found = verifyElement(tree.root, tensorDepth('f32', [10, 10]), 'f32', i, opening)!;
      expect(new Float32Array(found.buffer)[0]).to.equal(values[i]);
      expect(verifyElement(tree.root, tree.depth, 'f32', i ^ 8, opening)).to.equal(undefined);
    }
    expect(codeOf(() => openElement(tree, 'f32', bytes, 100))).to.equal('G0021');
    expect(codeOf(() => openChunk(tree, bytes, 13))).to.equal('G0021');
    expect(codeOf(() => openChunk(tree, bytes.subarray(1), 0))).to.equal('G0020');
  });
});

describe('merkle: roots', () => {
  it('bind type and shape in 32-byte words', () => {
    const bytes = sample(24);
    const word = (n: number) => Buffer.concat([Buffer.alloc(31), Buffer.of(n)]);
    const words = [word(1), word(2), word(2), word(3)];
    const expected = hash(tag('gensyn/tensor/v1'), ...words, plainRoot(bytes));
    expect(Buffer.from(tensorRoot('f32', [2, 3], bytes)).equals(expected)).to.equal(true);
    expect(tensorRootOf('f32', [2, 3], tensorTree(bytes))).to.deep.equal(tensorRoot('f32', [2, 3], bytes));
    const others = [
      tensorRoot('f32', [3, 2], bytes),
      tensorRoot('i32', [2, 3], bytes),
      tensorRoot('f32', [6], bytes),
    ];
    const digests = [expected, ...others].map((root) => Buffer.from(root).toString('hex'));
    expect(new Set(digests).size).to.equal(4);
    expect(codeOf(() => tensorRoot('f32', [2, 2], bytes))).to.equal('G0020');
    expect(codeOf(() => tensorRoot('f32', [-1], bytes))).to.equal('G0020');
  });

  it('bind the entries of lists and states, their order and their number', () => {
    const [a, b] = [sample(32), new Uint8Array(32)] as const;
    const roots = [[], [a], [b], [a, b], [b, a], [a, b, b], [a, b, b, b]].map((list) => listRoot(list));
    expect(new Set(roots.map((root) => Buffer.from(root).toString('hex'))).size).to.equal(roots.length);
    const bytes = listBytes([a, b, a]);
    const { chunk, path } = openChunk(tensorTree(bytes), bytes, 2);
    expect(verifyOpening(tensorTree(bytes).root, 2, 2, chunk, path)).to.equal(true);
    expect(codeOf(() => listRoot([a.subarray(1)]))).to.equal('G0022');

    const entry = { name: 'w', dtype: 'f32', shape: [2], root: a } as const;
    const states = [entry, { ...entry, name: 'v' }, { ...entry, shape: [3] }, { ...entry, root: b }].map(
      (e) => stateRoot([e]),
    );
    expect(new Set(states.map((root) => Buffer.from(root).toString('hex'))).size).to.equal(4);
    expect(codeOf(() => stateRoot([entry, entry]))).to.equal('G0022');
  });
});
