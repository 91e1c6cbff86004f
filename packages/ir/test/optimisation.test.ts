import { expect } from 'chai';
import { GraphBuilder, integerRange, range, type Graph, type Shape, type TensorValue } from '../src/index.js';
import { hex, runOnnx, type Inputs } from './onnxruntime.js';

/**
 * The VM runs every session with graph optimisation off, for these are rewrites that onnxruntime does make and that change bits. When
 * one of them stops differing, onnxruntime has changed; the others still forbid turning optimisation on.
 */
describe('graph optimisation of onnxruntime', () => {
  const f32 = (shape: Shape, values: readonly number[]): TensorValue => ({
    dtype: 'f32',
    shape,
    data: Float32Array.from(values),
  });

  async function bits(graph: Graph, inputs: Inputs, level: 'disabled' | 'all'): Promise<string> {
    return hex((await runOnnx(graph, inputs, { level }))['out']!.data as Float32Array);
  }

  it('drops x + 0, which makes zeros positive', async () => {
    const builder = new GraphBuilder();
    const x = builder.input(
      'x',
      { dtype: 'f32', shape: [2] },
      range({ lo: -1, hi: 1, quantum: 2 ** -20, negativeZero: true }),
      { kind: 'free' },
    );
    builder.output(
      'out',
      builder.add('Neg', [builder.add('Add', [builder.add('Neg', [x]), builder.scalar(0)])]),
      'output',
    );
    const inputs = { x: f32([2], [0, -1]) };
    expect(await bits(builder.build(), inputs, 'disabled')).to.equal('00000080000080bf');
    expect(await bits(builder.build(), inputs, 'all')).to.equal('00000000000080bf');
  });

  it('turns (1 / x) * y, which rounds twice, into y / x, which rounds once', async () => {
    const builder = new GraphBuilder();
    const x = builder.input('x', { dtype: 'f32', shape: [4] }, integerRange(1, 100), { kind: 'free' });
    const y = builder.input('y', { dtype: 'f32', shape: [4] }, integerRange(1, 100), { kind: 'free' });
    builder.output('out', builder.add('Mul', [builder.add('Div', [builder.scalar(1), x]), y]), 'output');
    const inputs = { x: f32([4], [3, 7, 49, 10]), y: f32([4], [5, 9, 49, 3]) };
    const off = await bits(builder.build(), inputs, 'disabled');
    expect(off).to.equal(
      hex(Float32Array.from([3, 7, 49, 10], (d, i) => Math.fround(1 / d) * [5, 9, 49, 3][i]!)),
    );
    expect(await bits(builder.build(), inputs, 'all')).not.to.equal(off);
  });
});
