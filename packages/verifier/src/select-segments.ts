/** Which segments of a run are replayed: a draw that nobody can foresee and everybody, a contract too, can repeat. */
import { GensynError, digestFromHex, sha256 } from '@gensyn/ir';

const SAMPLE_TAG = new Uint8Array(32);
SAMPLE_TAG.set(new TextEncoder().encode('gensyn/sample/v1'));

const MILLION = 1_000_000;

/**
 * How many of `count` segments a sample is: ceil(ppm * count / 10^6), at least 1, where ppm = round(sample * 10^6), so that
 * 10% of 30 segments are 3 and not, as doubles have it, 4. Errors: V0301 unless 0 <= sample <= 1.
 */
export function sampleSize(sample: number, count: number): number {
  if (!(sample >= 0 && sample <= 1)) {
    throw new GensynError('V0301', `a sample of ${sample} is not between 0 and 1`, {
      help: 'write 10% or 0.1',
    });
  }
  return Math.min(count, Math.max(1, Math.ceil((Math.round(sample * MILLION) * count) / MILLION)));
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setBigUint64(24, BigInt(value));
  return bytes;
}

/**
 * Draws `size` of the segments 1..count without replacement; ascending.
 *
 * Definition. key = SHA256(tag || proof root || SHA256(seed in UTF-8)), with the tag "gensyn/sample/v1" padded by zeros to 32 bytes.
 * Start from the list 1..count. Draw i = 0, 1, .. exchanges entries i and i + (r_i mod (count - i)), where r_i is
 * SHA256(key || uint256(i)) as a big-endian integer; the first `size` entries are the sample. The proof root is part of the key, so a
 * seed that was fixed before the proof picks other segments for each proof that one might post. Errors: G0023 for a root that is none.
 */
export function drawSegments(proofRoot: string, seed: string, count: number, size: number): number[] {
  const key = sha256(SAMPLE_TAG, digestFromHex(proofRoot), sha256(new TextEncoder().encode(seed)));
  // Only entries that were exchanged are kept, so that a draw from a long run costs no more than its size.
  const moved = new Map<number, number>();
  const drawn: number[] = [];
  for (let i = 0; i < size; i++) {
    const random = BigInt(`0x${Buffer.from(sha256(key, word(i))).toString('hex')}`);
    const other = i + Number(random % BigInt(count - i));
    drawn.push(moved.get(other) ?? other + 1);
    moved.set(other, moved.get(i) ?? i + 1);
  }
  return drawn.sort((a, b) => a - b);
}
