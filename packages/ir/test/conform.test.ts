import { expect } from 'chai';
import { allows, firstOutside } from '../src/value/conform.js';
import { range } from '../src/value/range.js';

describe('values within a range', () => {
  const values = Float32Array.of(
    ...[
      0,
      -0,
      1,
      -1,
      0.5,
      1.5,
      3,
      127,
      128,
      255,
      256,
      2 ** -126,
      2 ** -149,
      2 ** -20,
      3 * 2 ** -20,
      2 ** 100,
    ],
    ...[NaN, Infinity, -Infinity, 3.4028234663852886e38],
  );
  const ranges = [
    range({ lo: -2, hi: 255 }),
    range({ lo: -2, hi: 255, quantum: 1 }),
    range({ lo: 0, hi: 255, quantum: 2 ** -20, negativeZero: true }),
    range({ lo: 0.25, hi: 256, powerOfTwo: true }),
    range({ lo: -3.4028234663852886e38, hi: 3.4028234663852886e38, tiny: 2 ** -126 }),
    range({ lo: 0, hi: 0 }),
  ];

  it('are told apart one by one as in a row', () => {
    const found = ranges.map((r) =>
      Array.from(values, (x) => {
        const single = firstOutside(Float32Array.of(x), r) === -1;
        expect(single, `${x} in ${JSON.stringify(r)}`).to.equal(allows(r, x));
        return single;
      }),
    );
    // Neither all nor none.
    for (const row of found) expect(new Set(row).size).to.equal(2);
  });

  it('are found by their place', () => {
    const row = Float32Array.from({ length: 100 }, (_, i) => i % 50);
    expect(firstOutside(row, ranges[1]!)).to.equal(-1);
    row[77] = 0.5;
    expect(firstOutside(row, ranges[1]!)).to.equal(77);
  });
});
