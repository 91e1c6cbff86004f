import { expect } from 'chai';
import { GraphBuilder, integerRange, randomInputs, range } from '../src/index.js';
import { differences } from './onnxruntime.js';

describe('large tensors', () => {
  for (const threads of [1, 2]) {
    it(`have the same bits on onnxruntime with ${threads} thread${threads === 1 ? '' : 's'}`, async function () {
      this.timeout(30_000);
      const builder = new GraphBuilder();
      const free = { kind: 'free' } as const;
      const x = builder.input(
        'x',
        { dtype: 'f32', shape: [256, 384] },
        range({ lo: -8, hi: 8, quantum: 2 ** -24 }),
        free,
      );
      const w = builder.input('w', { dtype: 'f32', shape: [384, 64] }, integerRange(-128, 127), free);
      const positive = builder.input(
        'p',
        { dtype: 'f32', shape: [256, 1] },
        range({ lo: 0.1, hi: 1000 }),
        free,
      );
      const index = builder.input('i', { dtype: 'i32', shape: [512] }, integerRange(0, 255), free);
      const C = builder.scalar(1.5 * 2 ** 23);
      const clamped = builder.add('Min', [
        builder.add('Max', [builder.add('Mul', [x, builder.scalar(16)]), builder.scalar(-128)]),
        builder.scalar(127),
      ]);
      const digits = builder.add('Sub', [builder.add('Add', [clamped, C]), C]);
      const product = builder.add('Dot', [digits, w]);
      const scaled = builder.add('Div', [builder.add('Sqrt', [builder.add('Abs', [product])]), positive]);
      const chosen = builder.add('Where', [
        builder.add('Less', [product, builder.scalar(0)]),
        scaled,
        product,
      ]);
      const rows = builder.add('Gather', [x, index]);
      for (const axes of [[0], [1], [0, 1]])
        builder.output(`max${axes.join('')}`, builder.add('ReduceMax', [x], { axes }), 'output');
      builder.output(
        'a',
        builder.add('Transpose', [builder.add('Concat', [x, digits], { axis: 1 })], { perm: [1, 0] }),
        'output',
      );
      builder.output('b', builder.add('Pad', [rows], { before: [1, 0], after: [0, 7] }), 'output');
      builder.output(
        'c',
        builder.add('Slice', [chosen], { starts: [1, 0], ends: [256, 64], steps: [2, 3] }),
        'output',
      );
      const graph = builder.build();
      expect(await differences(graph, randomInputs(graph, threads), threads)).to.deep.equal([]);
    });

    it(`reach the largest exact sum, 2^24, with ${threads} thread${threads === 1 ? '' : 's'}`, async () => {
      const builder = new GraphBuilder();
      const digit = integerRange(-128, 127);
      const a = builder.input('a', { dtype: 'f32', shape: [33, 1024] }, digit, { kind: 'free' });
      const b = builder.input('b', { dtype: 'f32', shape: [1024, 33] }, digit, { kind: 'free' });
      builder.output('y', builder.add('Dot', [a, b]), 'output');
      const least = (shape: readonly number[]) => ({
        dtype: 'f32' as const,
        shape,
        data: new Float32Array(33 * 1024).fill(-128),
      });
      expect(
        await differences(builder.build(), { a: least([33, 1024]), b: least([1024, 33]) }, threads),
      ).to.deep.equal([]);
    });
  }
});
