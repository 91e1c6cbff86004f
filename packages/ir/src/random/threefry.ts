/** Threefry-2x32-20, the counter-based generator behind every random choice of a run: 32-bit additions, rotations and xors only. */

// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011; constants of Random123 1.14, threefry.h.
const PARITY = 0x1bd11bda;
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/**
 * The definition, in the plainest form: encrypts the counter (c0, c1) under the key (k0, k1) and returns both words,
 * each unsigned. Twenty rounds of `x0 += x1; x1 = rotl(x1, R[round mod 8]) ^ x0`; after every fourth one, injection
 * number s = 1..5 adds key word s mod 3 to x0, and key word (s + 1) mod 3 and s itself to x1, where
 * key word 2 is PARITY ^ k0 ^ k1. All arithmetic is modulo 2^32.
 */
export function threefry(k0: number, k1: number, c0: number, c1: number): [number, number] {
  const key = [k0, k1, PARITY ^ k0 ^ k1];
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
  for (let round = 0; round < 20; round++) {
    const by = ROTATIONS[round % 8]!;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << by) | (x1 >>> (32 - by))) ^ x0;
    if (round % 4 === 3) {
      const s = (round + 1) / 4;
      x0 = (x0 + key[s % 3]!) | 0;
      x1 = (x1 + key[(s + 1) % 3]! + s) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
}

/**
 * Fills `out` with the words of counters (c0, first), (c0, first + 1), ...: `out[i]` is word i mod 2 of counter
 * (c0, first + floor(i / 2) mod 2^32). The same function as `threefry`, written out, because 50 million weights
 * go through it.
 */
export function threefryWords(out: Uint32Array, k0: number, k1: number, c0: number, first: number): void {
  const a = k0 | 0;
  const b = k1 | 0;
  const c = PARITY ^ a ^ b;
  const start = (c0 + a) | 0;
  for (let i = 0, counter = first | 0; i < out.length; i += 2, counter = (counter + 1) | 0) {
    let x0 = start;
    let x1 = (counter + b) | 0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    x0 = (x0 + b) | 0;
    x1 = (x1 + c + 1) | 0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
    x0 = (x0 + c) | 0;
    x1 = (x1 + a + 2) | 0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    x0 = (x0 + a) | 0;
    x1 = (x1 + b + 3) | 0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
    x0 = (x0 + b) | 0;
    x1 = (x1 + c + 4) | 0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    x0 = (x0 + c) | 0;
    x1 = (x1 + a + 5) | 0;
    out[i] = x0;
    if (i + 1 < out.length) out[i + 1] = x1;
  }
}

/**
 * One random word of 32 bits, unsigned: word (position mod 2) of the counter (step, floor(position / 2)) under the key
 * (seed, stream). All arguments are unsigned 32-bit integers, except that position may have 33 bits.
 */
export function uniformBits(seed: number, stream: number, step: number, position: number): number {
  const words = threefry(seed, stream, step, Math.floor(position / 2));
  return position % 2 === 0 ? words[0] : words[1];
}
