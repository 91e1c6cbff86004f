/** Known answers of the random functions, for implementations in other languages. */
import { fillDropout, fillUniform } from './fill.js';
import { batchIndices, epochPermutation, PERMUTATION_STREAM } from './permutation.js';
import { threefry, uniformBits } from './threefry.js';

/** Values of binary32 as the unsigned integers of their bits. */
function bits(values: Float32Array): number[] {
  return [...new Uint32Array(values.buffer)];
}

const keys: readonly (readonly [number, number, number, number])[] = [
  [0, 0, 0, 0],
  [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff],
  [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3],
  [1, 2, 3, 4],
  [0xdead_beef, PERMUTATION_STREAM, 7, 0x8000_0001],
];

/** What `npm run gen` writes to vectors/random.json: plain JSON, every number an integer below 2^33 or a decimal. */
export function randomVectors() {
  const positions = [0, 1, 2, 3, 4095, 4096, 0xffff_ffff, 0x1_ffff_ffff];
  return {
    threefry: keys.map((key) => ({ key: key.slice(0, 2), counter: key.slice(2), out: threefry(...key) })),
    uniformBits: positions.map((position) => ({
      seed: 42,
      stream: 3,
      step: 9,
      position,
      out: uniformBits(42, 3, 9, position),
    })),
    uniform: [0.125, 0.1, 1].map((bound) => {
      const out = new Float32Array(9);
      fillUniform(out, 42, 5, bound);
      return { seed: 42, stream: 5, bound, outBits: bits(out) };
    }),
    dropout: [0.5, 0.9, 1].map((keep) => {
      const out = new Float32Array(16);
      fillDropout(out, 42, 6, 1000, keep);
      return { seed: 42, stream: 6, step: 1000, keep, outBits: bits(out) };
    }),
    permutation: [1, 2, 3, 4, 5, 16, 17, 1000, 65537, 0x7fff_ffff].map((n) => {
      const permutation = epochPermutation(42, 2, n);
      const take = Math.min(n, 8);
      const at = Array.from({ length: take }, (_, i) => (i < 4 ? i : n - take + i));
      return { seed: 42, epoch: 2, n, positions: at, out: at.map(permutation) };
    }),
    batch: [
      { seed: 42, step: 0, batch: 5, rows: 100 },
      { seed: 42, step: 12, batch: 8, rows: 100 },
      { seed: 7, step: 1, batch: 7, rows: 3 },
      { seed: 7, step: 100_000, batch: 4, rows: 60_000 },
    ].map((args) => ({ ...args, out: [...batchIndices(args.seed, args.step, args.batch, args.rows)] })),
  };
}
