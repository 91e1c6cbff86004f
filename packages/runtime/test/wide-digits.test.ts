/** Digits of every range that a canonical product takes, also those that no byte holds, give the same bits on the processor. */
import { expect } from 'chai';
import { GraphBuilder, evaluate, integerRange, type Range, type TensorValue } from '@gensyn/ir';
import { openCpu } from '@gensyn/runtime';
import { createSession, loadRuntime, runSession, toTensor } from '../src/device/onnxruntime.js';

const digits = (shape: readonly number[], { lo, hi }: Range): TensorValue => {
  const length = shape.reduce((a, b) => a * b, 1);
  return {
    dtype: 'f32',
    shape,
    data: Float32Array.from({ length }, (_, i) => [lo, hi, Math.floor((lo + hi) / 2)][i % 3]!),
  };
};

describe('products of wide digits on cpu', () => {
  for (const [lo, hi] of [
    [-128, 127],
    [0, 255],
    [-128, 128],
    [-256, 256],
    [-255, 0],
    [0, 256],
    [-200, 10],
  ] as const) {
    for (const side of ['left', 'right'] as const) {
      it(`${lo} .. ${hi} on the ${side}`, async () => {
        const [wide, narrow] = [integerRange(lo, hi), integerRange(-8, 7)];
        const [left, right] = side === 'left' ? [wide, narrow] : [narrow, wide];
        const inputs = { a: digits([3, 8], left), b: digits([8, 2], right) };
        const builder = new GraphBuilder();
        const a = builder.input('a', { dtype: 'f32', shape: [3, 8] }, left, { kind: 'free' });
        const b = builder.input('b', { dtype: 'f32', shape: [8, 2] }, right, { kind: 'free' });
        builder.output('c', builder.add('Dot', [a, b]), 'output');
        const graph = builder.build();
        const device = await openCpu({ threads: 1, products: 'integer' });
        const runtime = await loadRuntime();
        const session = await createSession(device.legalise(graph, 'wide'), {
          threads: 1,
          providers: ['cpu'],
        });
        const { c } = await runSession(session, {
          a: toTensor(runtime, inputs.a),
          b: toTensor(runtime, inputs.b),
        });
        expect([...(c!.data as Float32Array)]).to.deep.equal([
          ...evaluate(graph, inputs)[graph.outputs[0]!.node]!.data,
        ]);
        await session.release();
      });
    }
  }
});
