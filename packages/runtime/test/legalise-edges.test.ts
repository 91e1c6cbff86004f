/** Graphs at the edges of what each rewrite may assume: canonical all, none that the compiler would write. */
import {
  bytesOf,
  evaluate,
  GraphBuilder,
  integerRange,
  outputName,
  range,
  verifyCanonical,
  type Range,
  type TensorValue,
  type Value,
} from '@gensyn/ir';
import { expect } from 'chai';
import { createSession, fromTensor, loadRuntime, runSession, toTensor } from '../src/device/onnxruntime.js';
import { legalise } from '../src/legalise/legalise.js';
import { INTEGER_TARGET } from '../src/legalise/target.js';

const DIGIT = integerRange(-128, 127);

function start() {
  const b = new GraphBuilder();
  const inputs: Record<string, TensorValue> = {};
  /** An input and its elements, repeated until they fill the shape. */
  const input = (shape: number[], r: Range, ...values: number[]): Value => {
    const name = `i${Object.keys(inputs).length}`;
    const length = shape.reduce((a, d) => a * d, 1);
    inputs[name] = {
      dtype: 'f32',
      shape,
      data: Float32Array.from({ length }, (_, i) => values[i % values.length]!),
    };
    return b.input(name, { dtype: 'f32', shape }, r, { kind: 'free' });
  };
  const c = b.scalar(1.5 * 2 ** 23);
  const rounded = (u: Value): Value => {
    const clamped = b.add('Min', [b.add('Max', [u, b.scalar(-128)]), b.scalar(127)]);
    return b.add('Sub', [b.add('Add', [clamped, c]), c]);
  };
  return { b, inputs, input, rounded };
}

async function expectSame({ b, inputs }: ReturnType<typeof start>): Promise<void> {
  const graph = b.build();
  expect(verifyCanonical(graph)).to.deep.equal([]);
  const values = evaluate(graph, inputs);
  const runtime = await loadRuntime();
  const session = await createSession(legalise(graph, 'edge', INTEGER_TARGET), {
    threads: 1,
    providers: ['cpu'],
  });
  const feeds = Object.entries(inputs).map(([name, value]) => [name, toTensor(runtime, value)] as const);
  const results = await runSession(session, Object.fromEntries(feeds));
  for (const output of graph.outputs) {
    const want = values[output.node]!;
    const got = fromTensor(results[outputName(output)]!, want.dtype);
    expect([...got.shape], output.name).to.deep.equal([...want.shape]);
    expect([...got.data.slice(0, 6)], output.name).to.deep.equal([...want.data.slice(0, 6)]);
    expect(Buffer.from(bytesOf(got.data)).equals(bytesOf(want.data)), output.name).to.equal(true);
  }
  await session.release();
}

describe('legalisation at the edges', function () {
  this.timeout(60_000);

  it('does not join sums of which one rounds: 2^24 + 1, then + 1', async () => {
    const s = start();
    const dot = (k: number, r: Range, value: number): Value =>
      s.b.add('Dot', [s.input([1, k], r, value), s.input([k, 1], r, value)]);
    const sum = s.b.add('Add', [dot(1024, DIGIT, -128), dot(1, integerRange(0, 1), 1)]);
    s.b.output('y', s.b.add('Add', [sum, dot(1, integerRange(0, 1), 1)]), 'output');
    await expectSame(s);
  });

  it('does not take the grid of a rounded sum for that of its terms', async () => {
    const s = start();
    const dot = (k: number, r: Range, value: number): Value =>
      s.b.add('Dot', [s.input([1, k], r, value), s.input([k, 1], r, value)]);
    const most = integerRange(255, 255);
    const sum = s.b.add('Add', [dot(258, most, 255), dot(257, most, 255)]);
    s.b.output('y', s.b.add('Add', [sum, dot(3, integerRange(0, 255), 1)]), 'output');
    await expectSame(s);
  });

  it('does not join products of other shapes', async () => {
    const s = start();
    const dot = (m: number): Value =>
      s.b.add('Dot', [s.input([m, 4], DIGIT, 11, -3), s.input([4, 256], DIGIT, 5, 7, -9)]);
    s.b.output('y', s.b.add('Add', [dot(256), dot(1)]), 'output');
    await expectSame(s);
  });

  it('quantises no tensor that the factor broadcasts', async () => {
    const s = start();
    const x = s.input([1, 4], range({ lo: -4, hi: 4, quantum: 2 ** -20 }), 1, -2.5, 3, 0.125);
    const u = s.b.add('Mul', [x, s.b.constant(new Float32Array(12).fill(16), [3, 4])]);
    s.b.output('y', s.b.add('Dot', [s.rounded(u), s.input([4, 2], DIGIT, 1, 2, 3)]), 'output');
    await expectSame(s);
  });

  for (const shape of [[], [1], [1, 1]]) {
    it(`takes units of shape [${shape.join(', ')}], and bases that are computed`, async () => {
      const s = start();
      const x = s.input(
        [3, 4],
        range({ lo: -4, hi: 4, quantum: 2 ** -20 }),
        1,
        2.03125,
        -3.625,
        0.0078125,
        -4,
      );
      const unit = s.input(shape, range({ lo: 2 ** -6, hi: 4, powerOfTwo: true }), 2 ** -4);
      const w = s.input([4, 2], DIGIT, 1, -2, 3);
      const u = s.b.add('Mul', [x, s.b.add('Div', [s.b.scalar(1), unit])]);
      const rest = s.b.add('Sub', [u, s.rounded(u)]);
      const fixed = s.b.add('Mul', [rest, s.b.scalar(256)]);
      const computed = s.b.add('Mul', [rest, s.b.add('Div', [s.b.scalar(64), unit])]);
      for (const [n, v] of [u, fixed, computed].entries()) {
        s.b.output(`y${n}`, s.b.add('Mul', [s.b.add('Dot', [s.rounded(v), w]), unit]), 'output');
      }
      await expectSame(s);
    });
  }

  it('writes no value under a name that the job gives another', async () => {
    const s = start();
    const unit = s.input([], range({ lo: 0.25, hi: 4, powerOfTwo: true }), 2);
    const dot = s.b.add('Dot', [s.input([1, 4], DIGIT, 2), s.input([4, 2], DIGIT, 3)]);
    s.b.output('y', s.b.add('Mul', [s.b.add('Mul', [dot, unit]), s.b.scalar(2 ** -8)]), 'output');
    s.b.output('i0*2^-8', s.b.add('Sub', [unit, s.b.scalar(1)]), 'output');
    await expectSame(s);
  });

  it('writes no unit beyond binary32', async () => {
    const s = start();
    const x = s.input([1, 2], range({ lo: -3.4e38, hi: 3.4e38, tiny: 2 ** 60 }), 3.3e38, -3e38);
    const u = s.b.add('Mul', [x, s.b.scalar(2 ** -100)]);
    const rest = s.b.add('Mul', [s.b.add('Sub', [u, s.rounded(u)]), s.b.scalar(2 ** -28)]);
    s.b.output('y', s.b.add('Dot', [s.rounded(rest), s.input([2, 2], DIGIT, 1, 2, 3, 4)]), 'output');
    await expectSame(s);
  });

  it('writes no unit below binary32', async () => {
    const s = start();
    const r = range({ lo: -(2 ** -100), hi: 2 ** -100, tiny: 2 ** -126 });
    let u = s.b.add('Mul', [s.input([1, 2], r, 2 ** -120 * 1.2345, -(2 ** -119)), s.b.scalar(2 ** 120)]);
    for (let i = 0; i < 5; i++) u = s.b.add('Mul', [s.b.add('Sub', [u, s.rounded(u)]), s.b.scalar(256)]);
    s.b.output('y', s.b.add('Dot', [s.rounded(u), s.input([2, 2], DIGIT, 1, 2, 3, 4)]), 'output');
    await expectSame(s);
  });

  it('multiplies units in no order that underflows on the way', async () => {
    const s = start();
    const dot = s.b.add('Dot', [s.input([1, 4], DIGIT, 2), s.input([4, 2], DIGIT, 3)]);
    const large = s.input([], range({ lo: 2 ** 60, hi: 2 ** 100, powerOfTwo: true }), 2 ** 100);
    const small = s.input([], range({ lo: 2 ** -120, hi: 2 ** -100, powerOfTwo: true }), 2 ** -120);
    const scaled = s.b.add('Mul', [dot, s.b.add('Mul', [small, large])]);
    s.b.output('y', s.b.add('Mul', [scaled, s.b.scalar(2 ** -40)]), 'output');
    await expectSame(s);
  });
});
