/** The elementary functions in stock onnxruntime give the bits of the definition. */
import { encodeModel, evaluate, toOnnx } from '@gensyn/ir';
import { expect } from 'chai';
import ort from 'onnxruntime-node';
import { ACCURACIES, graphOf, points } from '../src/lowering/functions/accuracy.js';

const COUNT = 2 ** 16;

describe('elementary functions: onnxruntime, CPU', function () {
  this.timeout(20000);
  for (const promised of ACCURACIES) {
    it(`${promised.name} (${promised.form})`, async () => {
      const x = points(promised, promised.name.includes('counting') ? 2 ** 13 : COUNT, 2);
      const { graph } = graphOf(promised.build, x.length);
      const expected = evaluate(graph, { x: { dtype: 'f32', shape: [x.length], data: x } }).at(-1)!
        .data as Float32Array;
      const session = await ort.InferenceSession.create(encodeModel(toOnnx(graph, { name: 'function' })), {
        executionProviders: ['cpu'],
        graphOptimizationLevel: 'disabled',
        intraOpNumThreads: 2,
      });
      const results = await session.run({ x: new ort.Tensor('float32', x, [x.length]) });
      const y = results[session.outputNames[0]!]!.data as Float32Array;
      const bits = (data: Float32Array) => new Uint32Array(data.buffer, data.byteOffset, data.length);
      const [a, b] = [bits(y), bits(expected)];
      let different = 0;
      for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) different++;
      expect(different).to.equal(0);
      await session.release();
    });
  }
});
