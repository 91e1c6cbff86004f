import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { GensynError } from '../src/error.js';
import { fillDropout, fillUniform } from '../src/random/fill.js';
import { batchIndices, epochPermutation, PERMUTATION_STREAM } from '../src/random/permutation.js';
import { threefry, threefryWords, uniformBits } from '../src/random/threefry.js';
import { randomVectors } from '../src/random/vectors.js';

describe('random: threefry', () => {
  it('gives the known answers of Random123 (kat_vectors, threefry2x32 20)', () => {
    expect(threefry(0, 0, 0, 0)).to.deep.equal([0x6b200159, 0x99ba4efe]);
    const ones = 0xffff_ffff;
    expect(threefry(ones, ones, ones, ones)).to.deep.equal([0x1cb996fc, 0xbb002be7]);
    expect(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).to.deep.equal([0xc4923a9c, 0x483df7a0]);
  });

  it('fills in bulk what it defines one by one', () => {
    for (const [k0, k1, c0, first] of [
      [1, 2, 3, 4] as const,
      [~0 >>> 0, 0x8000_0000, ~0 >>> 0, ~0 >>> 0] as const,
    ]) {
      const out = new Uint32Array(11);
      threefryWords(out, k0, k1, c0, first);
      for (let i = 0; i < out.length; i++) {
        expect(out[i]).to.equal(threefry(k0, k1, c0, (first + (i >> 1)) >>> 0)[i % 2]);
      }
    }
    expect(uniformBits(1, 2, 3, 9)).to.equal(threefry(1, 2, 3, 4)[1]);
  });
});

describe('random: fills', () => {
  it('makes weights as defined, also beyond one block', () => {
    const out = new Float32Array(5001);
    fillUniform(out, 42, 7, 0.1);
    const bound = Math.fround(0.1);
    for (const i of [0, 1, 2, 4095, 4096, 4097, 5000]) {
      const integer = (uniformBits(42, 7, 0, i) >>> 8) - 2 ** 23;
      const factor = Math.fround(integer * 2 ** -23);
      expect(factor).to.equal(integer * 2 ** -23);
      expect(out[i]).to.equal(Math.fround(factor * bound));
    }
    let sum = 0;
    for (const value of out) {
      expect(value >= -bound && value <= bound && !Object.is(value, -0)).to.equal(true);
      sum += value;
    }
    // Standard error 0.1 / sqrt(3 * 5001) = 0.0008.
    expect(Math.abs(sum / out.length)).to.be.below(0.004);
  });

  it('makes dropout masks as defined', () => {
    const out = new Float32Array(10_000);
    fillDropout(out, 1, 2, 3, 0.9);
    let kept = 0;
    out.forEach((value, i) => {
      const keep = uniformBits(1, 2, 3, i) >>> 8 < Math.round(0.9 * 2 ** 24);
      expect(value).to.equal(keep ? Math.fround(1 / 0.9) : 0);
      kept += keep ? 1 : 0;
    });
    expect(kept).to.be.within(8850, 9150);
    fillDropout(out, 1, 2, 3, 1);
    expect(out.every((value) => value === 1)).to.equal(true);
  });

  it('refuses arguments out of range', () => {
    const out = new Float32Array(1);
    const bad = [
      () => fillUniform(out, -1, 0, 1),
      () => fillUniform(out, 0.5, 0, 1),
      () => fillUniform(out, 0, 2 ** 32, 1),
      () => fillUniform(out, 0, 0, 0),
      () => fillUniform(out, 0, 0, NaN),
      () => fillUniform(out, 0, 0, 1e39),
      () => fillDropout(out, 0, 0, 0, 0),
      () => fillDropout(out, 0, 0, 0, 1.1),
      () => epochPermutation(0, 0, 0),
      () => epochPermutation(0, 0, 2 ** 31),
      () => epochPermutation(0, 0, 5)(5),
      () => batchIndices(0, 0, 0, 5),
      () => batchIndices(0, 2 ** 32, 1, 5),
    ];
    for (const action of bad) expect(action).to.throw(GensynError).with.property('code', 'G0030');
  });
});

describe('random: permutation', () => {
  it('is a bijection for every size', () => {
    const sizes = [
      ...Array.from({ length: 70 }, (_, i) => i + 1),
      127,
      128,
      129,
      255,
      256,
      257,
      1023,
      1024,
      1025,
      65537,
    ];
    for (const n of sizes) {
      const seen = new Uint8Array(n);
      const permutation = epochPermutation(n, 3, n);
      for (let i = 0; i < n; i++) {
        const row = permutation(i);
        expect(seen[row], `n=${n} i=${i}`).to.equal(0);
        seen[row] = 1;
      }
    }
  });

  it('follows its definition, without tables', () => {
    const [seed, epoch, n, h] = [9, 4, 1000, 5];
    const permutation = epochPermutation(seed, epoch, n);
    for (let i = 0; i < 50; i++) {
      let x = i;
      do {
        let [left, right] = [x >>> h, x % 2 ** h];
        for (let r = 0; r < 6; r++) {
          const f = uniformBits(seed, PERMUTATION_STREAM, epoch, r * 2 ** 16 + right) % 2 ** h;
          [left, right] = [right, left ^ f];
        }
        x = left * 2 ** h + right;
      } while (x >= n);
      expect(permutation(i)).to.equal(x);
    }
  });

  it('sends every position everywhere about equally often', () => {
    const n = 10;
    const epochs = 4000;
    const counts = new Int32Array(n * n);
    for (let epoch = 0; epoch < epochs; epoch++) {
      const permutation = epochPermutation(5, epoch, n);
      for (let i = 0; i < n; i++) counts[i * n + permutation(i)]! += 1;
    }
    // Chi-squared with 81 degrees of freedom: 99.99 % of fair samples stay below 136.
    const expected = epochs / n;
    const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chi).to.be.below(136);
  });

  it('serves each row once an epoch, and crosses epochs within a batch', () => {
    const rows = 103;
    const served: number[] = [];
    for (let step = 0; step < 21; step++) served.push(...batchIndices(8, step, 10, rows));
    for (const epoch of [0, 1]) {
      const one = served.slice(epoch * rows, (epoch + 1) * rows);
      expect([...one].sort((a, b) => a - b)).to.deep.equal(Array.from({ length: rows }, (_, i) => i));
    }
    expect(served.slice(0, rows)).to.not.deep.equal(served.slice(rows, 2 * rows));
    expect([...batchIndices(8, 0, 10, 3)].length).to.equal(10);
  });

  it('has not changed since the vectors were written', () => {
    const file = new URL('../../vectors/random.json', import.meta.url);
    expect(JSON.parse(JSON.stringify(randomVectors()))).to.deep.equal(JSON.parse(readFileSync(file, 'utf8')));
  });
});
