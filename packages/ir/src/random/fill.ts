/** Tensors of random values: initial weights and dropout masks, element i from word i of a stream. */
import { GensynError } from '../error.js';
import { checkWord } from './check.js';
import { threefryWords } from './threefry.js';

/** Words made at a time: small enough to stay in the processor's cache. */
const BLOCK = 4096;

function eachBlock(
  length: number,
  key: { readonly seed: number; readonly stream: number; readonly step: number },
  use: (words: Uint32Array, from: number) => void,
): void {
  checkWord('seed', key.seed);
  checkWord('stream', key.stream);
  checkWord('step', key.step);
  const words = new Uint32Array(Math.min(BLOCK, length));
  for (let from = 0; from < length; from += BLOCK) {
    const block = words.subarray(0, Math.min(BLOCK, length - from));
    threefryWords(block, key.seed, key.stream, key.step, from / 2);
    use(block, from);
  }
}

/**
 * Fills `out` with uniform values in [-bound, bound): with u = uniformBits(seed, stream, 0, i) and
 * b = fround(bound), out[i] = fround((((u >>> 8) - 2^23) * 2^-23) * b). The first factor is exact in binary32, so
 * there is one rounding. Errors: G0030 when b * 2^-23 is not normal, or b not finite and positive.
 */
export function fillUniform(out: Float32Array, seed: number, stream: number, bound: number): void {
  const b = Math.fround(bound);
  if (!(b >= 2 ** -103 && b < Infinity)) throw new GensynError('G0030', `the bound ${bound} is out of range`);
  eachBlock(out.length, { seed, stream, step: 0 }, (words, from) => {
    // A double holds the product of two 24-bit integers exactly; storing it is the one rounding.
    for (let i = 0; i < words.length; i++) out[from + i] = ((words[i]! >>> 8) - 0x80_0000) * 2 ** -23 * b;
  });
}

/**
 * Fills `out` with a dropout mask: with u = uniformBits(seed, stream, step, i), out[i] is fround(1 / keep) where
 * (u >>> 8) < round(keep * 2^24), and 0 elsewhere. `keep` is the probability to keep a value, above 0 and at most 1.
 * Errors: G0030.
 */
export function fillDropout(
  out: Float32Array,
  seed: number,
  stream: number,
  step: number,
  keep: number,
): void {
  const threshold = Math.round(keep * 2 ** 24);
  if (!(keep <= 1 && threshold >= 1)) throw new GensynError('G0030', `the probability to keep is ${keep}`);
  const kept = Math.fround(1 / keep);
  eachBlock(out.length, { seed, stream, step }, (words, from) => {
    for (let i = 0; i < words.length; i++) out[from + i] = words[i]! >>> 8 < threshold ? kept : 0;
  });
}
