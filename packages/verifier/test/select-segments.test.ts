/** The draw of segments: fixed values that another implementation must reproduce, and that it is fair and without replacement. */
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { drawSegments, sampleSize } from '@gensyn/verifier';

const proof = '5a'.repeat(32);

/** The definition once more, in its plainest form. */
function plainDraw(proofRoot: string, seed: string, count: number, size: number): number[] {
  const hash = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
  const key = hash(
    Buffer.from('gensyn/sample/v1'.padEnd(32, '\0')),
    Buffer.from(proofRoot, 'hex'),
    hash(Buffer.from(seed)),
  );
  const list = Array.from({ length: count }, (_, i) => i + 1);
  for (let i = 0; i < size; i++) {
    const random = BigInt(
      `0x${hash(key, Buffer.from(i.toString(16).padStart(64, '0'), 'hex')).toString('hex')}`,
    );
    const j = i + Number(random % BigInt(count - i));
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list.slice(0, size).sort((a, b) => a - b);
}

describe('drawSegments', () => {
  it('follows its definition', () => {
    for (const [count, size] of [
      [1, 1],
      [2, 1],
      [12, 12],
      [30, 3],
      [1000, 50],
    ] as const) {
      for (const seed of ['', 'a', 'größer'])
        expect(drawSegments(proof, seed, count, size)).to.deep.equal(plainDraw(proof, seed, count, size));
    }
  });

  it('depends on seed and proof', () => {
    const one = drawSegments(proof, 'a', 1000, 20);
    expect(drawSegments(proof, 'b', 1000, 20)).to.not.deep.equal(one);
    expect(drawSegments('5b'.repeat(32), 'a', 1000, 20)).to.not.deep.equal(one);
  });

  it('draws every segment about equally often, and none twice', () => {
    const counts = new Array<number>(11).fill(0);
    for (let seed = 0; seed < 2000; seed++) {
      const drawn = drawSegments(proof, String(seed), 10, 3);
      expect(new Set(drawn).size).to.equal(3);
      for (const segment of drawn) counts[segment]!++;
    }
    // 600 expected, with a standard deviation of 20.5.
    for (const count of counts.slice(1)) expect(count).to.be.within(510, 690);
  });
});

describe('sampleSize', () => {
  it('rounds up, to one at least, without the errors of binary fractions', () => {
    expect([
      sampleSize(0.1, 30),
      sampleSize(0.1, 31),
      sampleSize(0, 30),
      sampleSize(1, 30),
      sampleSize(0.07, 100),
      sampleSize(0.5, 1),
    ]).to.deep.equal([3, 4, 1, 30, 7, 1]);
  });
});
