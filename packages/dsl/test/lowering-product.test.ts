import { evaluate, GraphBuilder, range, RuleError, type TensorValue, type Value } from '@gensyn/ir';
import { expect } from 'chai';
import type { Precision } from '../src/lowering/context.js';
import { digitsOf } from '../src/lowering/digits.js';
import { blocks, product, scaled } from '../src/lowering/product.js';
import { columnSum, meanOver, sumOver } from '../src/lowering/sum.js';

const FLOATS = range({ lo: -(2 ** 30), hi: 2 ** 30, quantum: 2 ** -100 });
const BYTES = range({ lo: 0, hi: 255, quantum: 1 });

/** Xorshift: the same numbers on every run. */
function random(seed: number): () => number {
  let x = seed | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}

function filled(shape: readonly number[], value: () => number): TensorValue {
  return {
    dtype: 'f32',
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value),
  };
}

function input(builder: GraphBuilder, name: string, shape: readonly number[], bounds = FLOATS): Value {
  return builder.input(name, { dtype: 'f32', shape }, bounds, { kind: 'free' });
}

function run(builder: GraphBuilder, value: Value, inputs: Record<string, TensorValue>): Float32Array {
  builder.output('y', value, 'output');
  const graph = builder.build();
  return evaluate(graph, inputs)[graph.outputs[0]!.node]!.data as Float32Array;
}

function exactProduct(a: TensorValue, b: TensorValue, m: number, k: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      for (let l = 0; l < k; l++) out[i * n + j]! += a.data[i * k + l]! * b.data[l * n + j]!;
  return out;
}

function largest(data: ArrayLike<number>): number {
  return Array.from(data).reduce((max, x) => Math.max(max, Math.abs(x)), 0);
}

describe('digits', () => {
  for (const precision of [1, 2, 3] as const) {
    it(`stay within the stated error with ${precision} of them`, () => {
      const draw = random(7 + precision);
      for (const scale of [2 ** -26, 1e-5, 1, 77.3, 2 ** 19]) {
        const builder = new GraphBuilder();
        const x = filled([31], () => (draw() * 2 - 1) * scale);
        const digits = digitsOf({ builder, precision }, input(builder, 'x', [31]));
        builder.output('unit', digits.unit!, 'output');
        digits.parts.forEach((part, n) => builder.output(`part${n}`, part, 'output'));
        const graph = builder.build();
        const [unit, ...parts] = graph.outputs.map((o) => evaluate(graph, { x })[o.node]!.data);
        expect(largest(x.data)).to.be.within(63.75 * unit![0]!, 127.5 * unit![0]!);
        for (let i = 0; i < 31; i++) {
          const sum =
            parts.reduce((total, part, n) => total + part[i]! * (precision === 3 ? 128 : 256) ** -n, 0) *
            unit![0]!;
          expect(Math.abs(sum - x.data[i]!)).to.be.at.most(
            unit![0]! * [0.5, 2 ** -8, 2 ** -15][precision - 1]!,
          );
          for (const part of parts) expect(Number.isInteger(part[i])).to.equal(true);
        }
      }
    });
  }

  it('are proved for values on a very fine grid, as dropout leaves them', () => {
    const builder = new GraphBuilder();
    const x = input(builder, 'x', [8], range({ lo: 0, hi: 8, tiny: 2 ** -60, quantum: 2 ** -140 }));
    const { parts, unit } = digitsOf({ builder, precision: 2 }, x);
    const sum = builder.add('Add', [parts[0]!, builder.add('Mul', [parts[1]!, builder.scalar(1 / 256)])]);
    const values = Float32Array.of(0, 2 ** -60, 1.4285715, 3, 5.714286, 7.9, 0.1, 2);
    const found = run(builder, builder.add('Mul', [sum, unit!]), {
      x: { dtype: 'f32', shape: [8], data: values },
    });
    found.forEach((value, i) => expect(value).to.be.closeTo(values[i]!, 2 ** -13));
  });

  it('are proved for values that only their remainders carry too far', () => {
    for (const precision of [1, 2, 3] as const) {
      const builder = new GraphBuilder();
      const x = input(builder, 'x', [3], range({ lo: -(2 ** 92), hi: 2 ** 92, quantum: 2 ** -60 }));
      const { parts, unit } = digitsOf({ builder, precision }, x);
      const value = builder.add('Mul', [parts[0]!, unit!]);
      const found = run(builder, value, {
        x: { dtype: 'f32', shape: [3], data: Float32Array.of(1, -0.5, 0) },
      });
      expect([...found]).to.deep.equal([1, -0.5, 0]);
    }
  });

  it('saturate outside the table instead of failing', () => {
    const builder = new GraphBuilder();
    const huge = filled([2], () => 2 ** 29);
    const digits = digitsOf({ builder, precision: 2 }, input(builder, 'x', [2]));
    expect([...run(builder, digits.parts[0]!, { x: huge })]).to.deep.equal([127, 127]);
  });

  it('of values that no unit could scale are clamped first', () => {
    const builder = new GraphBuilder();
    const x = input(builder, 'x', [2], range({ lo: -(2 ** 110), hi: 2 ** 110, quantum: 2 ** -120 }));
    const digits = digitsOf({ builder, precision: 2 }, x);
    const huge: TensorValue = { dtype: 'f32', shape: [2], data: Float32Array.of(2 ** 110, -1) };
    expect([...run(builder, digits.parts[0]!, { x: huge })]).to.deep.equal([127, 0]);
  });

  it('of zeros are zero', () => {
    const builder = new GraphBuilder();
    const digits = digitsOf({ builder, precision: 2 }, input(builder, 'x', [2]));
    expect([...run(builder, digits.parts[1]!, { x: filled([2], () => 0) })]).to.deep.equal([0, 0]);
  });

  it('of bytes, and of bytes times a constant, are the bytes', () => {
    const builder = new GraphBuilder();
    const bytes = input(builder, 'x', [2, 3], BYTES);
    const pixels = builder.add('Transpose', [builder.add('Div', [bytes, builder.scalar(255)])], {
      perm: [1, 0],
    });
    expect(digitsOf({ builder, precision: 2 }, bytes).parts).to.deep.equal([bytes]);
    const digits = digitsOf({ builder, precision: 2 }, pixels);
    expect(digits.parts).to.deep.equal([builder.add('Transpose', [bytes], { perm: [1, 0] })]);
    expect(digits.factor!.range.lo).to.equal(Math.fround(1 / 255));
  });

  it('of a tensor and its transpose are shared', () => {
    const builder = new GraphBuilder();
    const x = input(builder, 'x', [2, 3]);
    const ctx = { builder, precision: 2 } as const;
    const moved = digitsOf(ctx, builder.add('Transpose', [x], { perm: [1, 0] }));
    expect(moved.unit).to.equal(digitsOf(ctx, x).unit);
  });

  it('take a bound instead of looking for the maximum', () => {
    const builder = new GraphBuilder();
    const digits = digitsOf({ builder, precision: 1 }, input(builder, 'x', [2]), { bound: 1 });
    expect(digits.unit!.range.lo).to.equal(2 ** -6);
    expect(digits.unit!.range.hi).to.equal(2 ** -6);
  });
});

describe('product', () => {
  const errors: Record<Precision, number> = { 1: 2 ** -6, 2: 2 ** -13, 3: 2 ** -19 };
  for (const precision of [1, 2, 3] as const) {
    it(`with ${precision} digits is close to float64 for random shapes`, () => {
      const draw = random(precision);
      for (let trial = 0; trial < 12; trial++) {
        const [m, k, n] = [
          1 + Math.floor(draw() * 5),
          1 + Math.floor(draw() * 40),
          1 + Math.floor(draw() * 5),
        ];
        const builder = new GraphBuilder();
        const a = filled([m, k], () => (draw() - 0.5) * 3);
        const b = filled([k, n], () => (draw() - 0.5) * 0.01);
        const y = product(
          { builder, precision },
          { value: input(builder, 'a', [m, k]) },
          { value: input(builder, 'b', [k, n]) },
        );
        const got = run(builder, y, { a, b });
        const want = exactProduct(a, b, m, k, n);
        const bound = errors[precision] * k * largest(a.data) * largest(b.data);
        got.forEach((value, i) => expect(Math.abs(value - want[i]!)).to.be.at.most(bound));
      }
    });
  }

  it('reads transposed operands', () => {
    const builder = new GraphBuilder();
    const ctx = { builder, precision: 2 } as const;
    const a = input(builder, 'a', [3, 2]);
    const b = input(builder, 'b', [4, 3]);
    const draw = random(5);
    const values = { a: filled([3, 2], draw), b: filled([4, 3], draw) };
    const direct = product(
      ctx,
      { value: builder.add('Transpose', [a], { perm: [1, 0] }) },
      { value: builder.add('Transpose', [b], { perm: [1, 0] }) },
    );
    const flagged = product(ctx, { value: a, transpose: true }, { value: b, transpose: true });
    expect(flagged).to.equal(direct);
    expect(run(builder, flagged, values)).to.have.length(8);
  });

  it('cuts K into blocks where one sum could pass 2^24', () => {
    expect(blocks(1024, 1024)).to.deep.equal([[0, 1024]]);
    expect(blocks(784, 514)).to.deep.equal([
      [0, 392],
      [392, 784],
    ]);
    expect(blocks(3000, 1024).length).to.equal(4);
    const draw = random(3);
    const builder = new GraphBuilder();
    const k = 2500;
    const a = filled([2, k], () => Math.floor(draw() * 256));
    const b = filled([k, 2], () => draw() - 0.5);
    const y = product(
      { builder, precision: 2 },
      { value: input(builder, 'a', [2, k], BYTES) },
      { value: input(builder, 'b', [k, 2]) },
    );
    const got = run(builder, y, { a, b });
    const want = exactProduct(a, b, 2, k, 2);
    got.forEach((value, i) => expect(Math.abs(value - want[i]!)).to.be.at.most(k * 255 * 0.5 * 2 ** -14));
    // One block of the whole sum breaks the rule that the blocks are there for.
    const bytes = input(builder, 'bytes', [1, k], BYTES);
    expect(() =>
      builder.add('Dot', [bytes, input(builder, 'digit', [k, 1], range({ lo: -128, hi: 127, quantum: 1 }))]),
    ).to.throw(RuleError);
  });

  it('takes batches', () => {
    const builder = new GraphBuilder();
    const draw = random(9);
    const a = filled([2, 3, 4], draw);
    const b = filled([4, 2], draw);
    const y = product(
      { builder, precision: 3 },
      { value: input(builder, 'a', [2, 3, 4]) },
      { value: input(builder, 'b', [4, 2]) },
    );
    expect(y.shape).to.deep.equal([2, 3, 2]);
    const want = exactProduct({ ...a, shape: [6, 4] }, b, 6, 4, 2);
    run(builder, y, { a, b }).forEach((value, i) => expect(value).to.be.closeTo(want[i]!, 1e-5));
  });

  it('leaves room for a learning rate and a weight update without a flush', () => {
    const builder = new GraphBuilder();
    const ctx = { builder, precision: 2 } as const;
    const weight = builder.input(
      'w',
      { dtype: 'f32', shape: [4, 3] },
      range({ lo: -100, hi: 100, quantum: 2 ** -126 }),
      { kind: 'free' },
    );
    const gradient = product(
      ctx,
      { value: input(builder, 'x', [5, 4]), transpose: true },
      { value: input(builder, 'g', [5, 3]) },
    );
    expect(gradient.range.quantum).to.be.at.least(2 ** -76);
    const next = builder.add('Sub', [weight, builder.add('Mul', [gradient, builder.scalar(1e-6)])]);
    expect(next.range.quantum).to.be.at.least(2 ** -126);
    expect(product(ctx, { value: input(builder, 'h', [2, 4]) }, { value: weight }).shape).to.deep.equal([
      2, 3,
    ]);
  });

  it('joins the scalars of a product with what scales it', () => {
    const builder = new GraphBuilder();
    const ctx = { builder, precision: 2 } as const;
    const pixels = builder.add('Mul', [input(builder, 'x', [2, 3], BYTES), builder.scalar(1 / 255)]);
    const y = product(ctx, { value: pixels }, { value: input(builder, 'w', [3, 2]) });
    const step = scaled(ctx, y, builder.scalar(0.1))!;
    // Still a sum of two scaled levels, no pass over the result.
    expect(builder.node(step).op).to.equal('Add');
    const level = builder.node(builder.value(builder.node(step).inputs[0]!));
    expect(level.inputs[0]).to.equal(builder.node(builder.value(builder.node(y).inputs[0]!)).inputs[0]);
    expect(builder.value(level.inputs[1]!).shape).to.deep.equal([]);
  });
});

describe('sums', () => {
  for (const method of ['tree', 'digits'] as const) {
    it(`by ${method} agree with float64 along every axis`, () => {
      const draw = random(11);
      const x = filled([3, 7, 5], () => draw() - 0.5);
      [0, 1, 2].forEach((axis) => {
        const builder = new GraphBuilder();
        const sum = sumOver({ builder, precision: 2 }, input(builder, 'x', [3, 7, 5]), axis, false, method);
        expect(sum.shape).to.deep.equal([3, 7, 5].filter((_, d) => d !== axis));
        const got = run(builder, sum, { x });
        const want = new Float64Array(got.length);
        x.data.forEach((value, i) => {
          const at = [Math.floor(i / 35), Math.floor(i / 5) % 7, i % 5];
          const kept = [0, 1, 2].filter((d) => d !== axis);
          want[at[kept[0]!]! * [3, 7, 5][kept[1]!]! + at[kept[1]!]!]! += value;
        });
        got.forEach((value, i) => expect(value).to.be.closeTo(want[i]!, method === 'tree' ? 1e-6 : 1e-4));
      });
    });
  }

  it('of columns use the digits of the product', () => {
    const builder = new GraphBuilder();
    const ctx = { builder, precision: 2 } as const;
    const g = input(builder, 'g', [6, 4]);
    product(ctx, { value: input(builder, 'x', [6, 3]), transpose: true }, { value: g });
    const sum = columnSum(ctx, g);
    expect(sum.shape).to.deep.equal([1, 4]);
    const values = filled([6, 4], random(4));
    const got = run(builder, sum, { g: values });
    for (let j = 0; j < 4; j++) {
      let want = 0;
      for (let i = 0; i < 6; i++) want += values.data[i * 4 + j]!;
      expect(got[j]).to.be.closeTo(want, 6 * 2 ** -14);
    }
  });

  it('as means divide by the count', () => {
    const builder = new GraphBuilder();
    const mean = meanOver({ builder, precision: 2 }, input(builder, 'x', [4]), 0, true);
    expect([...run(builder, mean, { x: filled([4], () => 3) })]).to.deep.equal([3]);
  });
});
