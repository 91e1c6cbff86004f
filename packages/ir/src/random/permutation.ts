/** The order of the rows in each epoch: a keyed permutation, evaluated a position at a time, so nobody needs the whole. */
import { checkRange, checkWord } from './check.js';
import { threefryWords } from './threefry.js';

/** The stream that permutations draw from ("perm" in ASCII); streams of tensors are counted from 0. */
export const PERMUTATION_STREAM = 0x7065_726d;
const ROUNDS = 6;

/** Half the bits of the Feistel network: the smallest h >= 1 with 2^(2h) >= n. */
function halfBits(n: number): number {
  let half = 1;
  while (4 ** half < n) half++;
  return half;
}

/**
 * The permutation of 0..n-1 (1 <= n < 2^31) for an epoch, as a function of the position.
 *
 * Definition: with h the smallest h >= 1 such that 4^h >= n, split x into left = x >>> h and right = x mod 2^h, and
 * for round r = 0..5 set (left, right) = (right, left ^ (F(r, right) mod 2^h)), where
 * F(r, right) = uniformBits(seed, PERMUTATION_STREAM, epoch, r * 2^16 + right). The result is left * 2^h + right;
 * while it is n or more, apply the network again (cycle walking; fewer than four times on average).
 * F is tabulated here: 6 * 2^h words, which is about 6 * sqrt(n).
 * Errors: G0030.
 */
export function epochPermutation(seed: number, epoch: number, n: number): (i: number) => number {
  checkWord('seed', seed);
  checkWord('epoch', epoch);
  checkRange('the number of rows', n, 1, 0x7fff_ffff);
  const half = halfBits(n);
  const size = 2 ** half;
  const mask = size - 1;
  const table = new Uint16Array(ROUNDS * size);
  const words = new Uint32Array(size);
  for (let round = 0; round < ROUNDS; round++) {
    threefryWords(words, seed, PERMUTATION_STREAM, epoch, round * 0x8000);
    for (let right = 0; right < size; right++) table[round * size + right] = words[right]! & mask;
  }
  return (i) => {
    checkRange('the position', i, 0, n - 1);
    let x = i;
    do {
      let left = x >>> half;
      let right = x & mask;
      for (let at = 0; at < table.length; at += size) {
        const next = left ^ table[at + right]!;
        left = right;
        right = next;
      }
      // n < 2^31 leaves h at 16 at most, where the product needs 32 bits, unsigned.
      x = left * size + right;
    } while (x >= n);
    return x;
  };
}

interface Memo {
  readonly seed: number;
  readonly epoch: number;
  readonly rows: number;
  readonly permutation: (i: number) => number;
}

/** The permutation used last: consecutive steps ask for the same one. */
let memo: Memo | undefined;

function permutationOf(seed: number, epoch: number, rows: number): (i: number) => number {
  if (memo?.seed !== seed || memo.epoch !== epoch || memo.rows !== rows) {
    memo = { seed, epoch, rows, permutation: epochPermutation(seed, epoch, rows) };
  }
  return memo.permutation;
}

/**
 * The rows of the batch of one step: for each global position p = step * batch + j (j = 0..batch-1) the row
 * epochPermutation(seed, floor(p / rows), rows)(p mod rows). A batch may cross into the next epoch.
 * Errors: G0030, also when a position reaches 2^53 or an epoch 2^32.
 */
export function batchIndices(seed: number, step: number, batch: number, rows: number): Int32Array {
  checkWord('step', step);
  checkRange('the batch size', batch, 1, 0x7fff_ffff);
  checkRange('the number of rows', rows, 1, 0x7fff_ffff);
  const start = step * batch;
  checkRange('the last position', start + batch - 1, 0, Number.MAX_SAFE_INTEGER);
  const indices = new Int32Array(batch);
  let epoch = Math.floor(start / rows);
  let at = start - epoch * rows;
  for (let j = 0; j < batch;) {
    const permutation = permutationOf(seed, epoch, rows);
    const end = Math.min(batch, j + rows - at);
    while (j < end) indices[j++] = permutation(at++);
    epoch++;
    at = 0;
  }
  return indices;
}
