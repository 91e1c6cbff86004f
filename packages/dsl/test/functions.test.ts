/** The elementary functions against binary64, on extreme operands, and at the values that are exact. */
import { evaluate, GraphBuilder, integerRange, range, type Value } from '@gensyn/ir';
import { expect } from 'chai';
import { ACCURACIES, graphOf, measure } from '../src/lowering/functions/accuracy.js';
import { onGrid } from '../src/lowering/functions/arithmetic.js';
import {
  cos,
  erf,
  exp,
  gelu,
  log,
  power,
  reciprocal,
  rsqrt,
  sigmoid,
  silu,
  sin,
  softplus,
  TABLE_ELEMENTS,
  tanh,
} from '../src/lowering/functions/index.js';
import { referenceExp } from '../src/lowering/functions/exp.js';
import { scaledPowerOfTwo } from '../src/lowering/functions/power-of-two.js';

type Build = (b: GraphBuilder, x: Value) => Value;

function run(build: Build, x: readonly number[], declared?: Parameters<typeof graphOf>[2]): Float32Array {
  const { graph } = graphOf(build, x.length, declared);
  return evaluate(graph, { x: { dtype: 'f32', shape: [x.length], data: Float32Array.from(x) } }).at(-1)!
    .data as Float32Array;
}

const forms: [string, Build][] = ACCURACIES.map(({ name, form, build }) => [`${name} (${form})`, build]);

describe('elementary functions: error in ulp', function () {
  this.timeout(20000);
  for (const promised of ACCURACIES) {
    it(`${promised.name} (${promised.form})`, () => {
      const { share, ulp, at } = measure(promised, promised.name.includes('counting') ? 20_000 : 100_000);
      expect(share, `${ulp} ulp at ${at}`).to.be.at.most(1);
    });
  }
});

describe('elementary functions: any operand', () => {
  const extremes = [
    0,
    -0,
    2 ** -126,
    -(2 ** -126),
    2 ** -60,
    -(2 ** -60),
    1e-10,
    1,
    -1,
    40,
    -40,
    49.9,
    -50.1,
    1e6,
    -1e6,
    2 ** 100,
    -(2 ** 100),
  ];

  for (const [name, build] of forms) {
    it(`${name} stays in its declared range, normal or zero`, () => {
      const { range: declared } = graphOf(build, extremes.length);
      for (const y of run(build, extremes)) {
        expect(y).to.be.at.least(declared.lo).and.at.most(declared.hi);
        expect(y === 0 || Math.abs(y) >= 2 ** -126).to.equal(true);
      }
    });
  }

  it('ranges are as tight as the function', () => {
    const of = (build: Build) => graphOf(build, 5000).range;
    expect(of(exp)).to.include({ lo: Math.fround(referenceExp(-50)), hi: Math.fround(referenceExp(50)) });
    expect(of((b, x) => exp(b, x, { hi: 0 })).hi).to.equal(1);
    expect(of(tanh)).to.include({ lo: -1, hi: 1 });
    expect(of(erf)).to.include({ lo: -1, hi: 1 });
    expect(of(sigmoid).hi).to.equal(1);
    expect(of(sigmoid).lo).to.be.above(0);
    expect(of(softplus).lo).to.be.above(0);
  });
});

describe('elementary functions: exact values', () => {
  it('at zero and one', () => {
    for (const form of ['table', 'squaring'] as const) {
      expect([...run((b, x) => exp(b, x, { form }), [0, -0, 1e-30])]).to.deep.equal([1, 1, 1]);
      expect([...run((b, x) => sigmoid(b, x, { form }), [0, 100])]).to.deep.equal([0.5, 1]);
      expect(run((b, x) => gelu(b, x, { form }), [0])[0]).to.equal(0);
      expect(run((b, x) => silu(b, x, { form }), [0])[0]).to.equal(0);
    }
    for (const form of ['count', 'roots'] as const)
      expect([...run((b, x) => log(b, x, { form }), [1])]).to.deep.equal([0]);
  });

  it('tanh and erf are odd, and saturate at 1', () => {
    const x = Array.from({ length: 5000 }, (_, i) => Math.fround((i * 12) / 5000));
    for (const f of [tanh, erf]) {
      const up = run(f, x);
      const down = run(
        f,
        x.map((v) => -v),
      );
      expect(up.every((y, i) => y === -down[i]!)).to.equal(true);
      expect(up.at(-1)).to.be.within(1 - 2 ** -22, 1);
      expect(up[0]).to.equal(0);
    }
  });

  it('powers of two come out exact for every exponent', () => {
    for (const [lo, hi] of [
      [-72, 72],
      [-50, 0],
      [-10, 0],
      [0, 20],
      [-1, 1],
      [3, 3],
    ] as const) {
      const n = Array.from({ length: hi - lo + 1 }, (_, i) => lo + i);
      const y = run((b, x) => scaledPowerOfTwo(b, x, lo, hi), n, integerRange(lo, hi));
      expect([...y]).to.deep.equal(n.map((e) => 2 ** (e - 23)));
    }
  });

  it('a grid keeps what lies on it, and everything large', () => {
    const x = [3 * 2 ** -51, -(2 ** -51), 2 ** -26, -1.2345678, 2 ** -25 * 1.7654321, 1e20, 0, -0].map(
      Math.fround,
    );
    expect([...run((b, v) => onGrid(b, v, 2 ** -52), x)]).to.deep.equal(x.map((v) => v + 0));
    expect([...run((b, v) => onGrid(b, v, 2 ** -52), [2 ** -54, -(2 ** -100)])]).to.deep.equal([0, 0]);
  });
});

describe('elementary functions: which lowering', () => {
  const ops = (build: Build, count: number, declared?: Parameters<typeof graphOf>[2]) =>
    graphOf(build, count, declared).graph.nodes.map(({ op }) => op);

  it('small tensors look up, large ones calculate', () => {
    expect(ops(exp, TABLE_ELEMENTS)).to.include('Gather');
    expect(ops(exp, TABLE_ELEMENTS + 1)).not.to.include('Gather');
    expect(ops(log, 64)).to.include('Dot');
    expect(ops(log, 4096)).to.include('Sqrt');
  });

  it('a known range needs no clamp and no grid', () => {
    const known = range({ lo: -8, hi: 0, quantum: 2 ** -20 });
    const count = (declared?: Parameters<typeof graphOf>[2]) => ops(exp, 64, declared).length;
    expect(count(known)).to.be.at.most(count() - 4);
  });
});

describe('sine and cosine', () => {
  it('are within 2^-22 for |x| <= 1000', () => {
    const x = Array.from({ length: 20000 }, (_, i) =>
      Math.fround((i - 10000) * 0.1 * (1 + 1 / (i + 3))),
    ).filter((v) => Math.abs(v) <= 1000);
    for (const [build, of] of [
      [sin, Math.sin],
      [cos, Math.cos],
    ] as const) {
      run(build, x).forEach((y, i) => expect(Math.abs(y - of(x[i]!))).to.be.below(2 ** -22));
    }
    expect(run(sin, [0])[0]).to.equal(0);
  });
});

describe('powers', () => {
  const x = [0.5, 1, 2, 3.7, 100];
  const close = (y: Float32Array, of: (v: number) => number, ulps: number) =>
    y.forEach((v, i) => expect(Math.abs(v / of(Math.fround(x[i]!)) - 1)).to.be.below(ulps * 2 ** -23));
  const positive = range({ lo: 2 ** -10, hi: 2 ** 10, quantum: 2 ** -33 });

  it('reciprocal and inverse root', () => {
    close(run(reciprocal, x), (v) => 1 / v, 0.51);
    close(run(rsqrt, x), (v) => 1 / Math.sqrt(v), 1.1);
  });

  it('whole and half exponents are products', () => {
    for (const e of [1, 2, 3, 0.5, 1.5, -1, -2, -0.5])
      close(
        run((b, v) => power(b, v, e), x, positive),
        (v) => v ** e,
        3,
      );
    expect([...run((b, v) => power(b, v, 0), x)]).to.deep.equal([1, 1, 1, 1, 1]);
    expect([
      ...run((b, v) => power(b, v, 2), [-3, 0, 2], range({ lo: -8, hi: 8, quantum: 2 ** -10 })),
    ]).to.deep.equal([9, 0, 4]);
  });

  it('other exponents go through the logarithm', () => {
    for (const e of [0.3, -1.7, 2.25])
      close(
        run((b, v) => power(b, v, e), x, positive),
        (v) => v ** e,
        12,
      );
  });

  it('an exponent that is no number is refused', () => {
    expect(() => run((b, v) => power(b, v, NaN), x))
      .to.throw()
      .with.property('code', 'G0104');
  });
});
