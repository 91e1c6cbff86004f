/** The loss curve, in the terminal and as SVG. */
import { expect } from 'chai';
import { condense, lossCurve } from '../src/loss-curve.js';
import { lossSvg, ticks } from '../src/loss-svg.js';

describe('loss curve', () => {
  it('keeps the mean of each stretch', () => {
    expect(condense([1, 3, 5, 7], 2)).to.deep.equal([2, 6]);
    expect(condense([1, 2], 10)).to.deep.equal([1, 2]);
  });

  it('falls from the upper left to the lower right', () => {
    const lines = lossCurve(
      Array.from({ length: 100 }, (_, i) => 100 - i),
      { columns: 20, rows: 5 },
    )
      .split('\n')
      .slice(0, 5);
    const dots = lines.map((line) =>
      [...line.slice(line.indexOf('┤') + 1)].map((c) => c.codePointAt(0)! - 0x2800),
    );
    expect(dots[0]![0]).to.be.greaterThan(0);
    expect(dots[0]!.at(-1)).to.equal(0);
    expect(dots[4]![0]).to.equal(0);
    expect(dots[4]!.at(-1)).to.be.greaterThan(0);
  });

  it('survives a constant loss, one step and none', () => {
    expect(lossCurve([1, 1, 1], { columns: 10, rows: 3 })).to.include('1.000');
    expect(lossCurve([1], { columns: 10, rows: 3 })).to.equal('');
    expect(lossCurve([], { columns: 10, rows: 3 })).to.equal('');
  });
});

describe('loss.svg', () => {
  it('has round numbers on its axes', () => {
    expect(ticks(0, 2.3, 5)).to.deep.equal([0, 0.5, 1, 1.5, 2]);
    expect(ticks(-1, 1, 4)).to.deep.equal([-1, -0.5, 0, 0.5, 1]);
  });

  it('escapes names, holds no NaN, and shows the holdout', () => {
    for (const loss of [[], [1], [2, 2], [3, 2, 1]]) {
      const svg = lossSvg({ title: 'a<b & "c"', subtitle: 's', loss, holdout: [{ step: 1, loss: 1.5 }] });
      expect(svg).to.not.match(/NaN|Infinity|undefined/);
      expect(svg).to.not.include('a<b');
      expect(svg.match(/<circle/g)).to.have.length(2);
    }
  });
});
