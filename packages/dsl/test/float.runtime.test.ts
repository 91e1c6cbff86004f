/** The plain f32 twin of every function of the library, forward and backward, in stock onnxruntime. */
import { encodeModel } from '@gensyn/ir';
import { expect } from 'chai';
import ort from 'onnxruntime-node';
import { differentiate } from '../src/autodiff/differentiate.js';
import { FloatBuilder } from '../src/lowering/float/float-builder.js';
import { lower } from '../src/lowering/lower.js';
import { stepContext } from '../src/lowering/step-context.js';
import { CASES, dataset, leavesOf, METRICS, POSITIVE, scalarOf } from './library-cases.js';
import { evaluate64 } from './reference/evaluate64.js';

describe('float twin of the library: onnxruntime, CPU', function () {
  this.timeout(20_000);
  for (const { title, fn, setting } of CASES) {
    it(`${title} agrees with float64, forward and backward`, async () => {
      const { loss, weights } = scalarOf(fn, setting());
      const gradients = METRICS.has(fn.name) ? undefined : differentiate(loss, weights);
      const roots = [loss, ...(gradients ? weights.map((w) => gradients.get(w)!) : [])];
      const { leaves, masks } = leavesOf(roots, POSITIVE.has(fn.name));
      const builder = new FloatBuilder();
      const ctx = stepContext(
        { precision: 2, training: true, steps: 1, datasets: [dataset(leaves)] },
        builder,
      );
      for (const weight of weights)
        ctx.weight(weight.attributes['name'] as string, weight.shape, { kind: 'constant', value: 0 });
      const done = lower(ctx, roots);
      roots.forEach((root, i) => builder.output(`out${i}`, done.get(root)!, 'output'));
      const session = await ort.InferenceSession.create(encodeModel(builder.model('float')), {
        logSeverityLevel: 4,
      });
      const feeds: Record<string, ort.Tensor> = {};
      for (const [leaf, data] of leaves) {
        const name = String(leaf.attributes['name'] ?? `data.${String(leaf.attributes['column'])}`);
        feeds[name] =
          leaf.type === 'i32'
            ? new ort.Tensor('int32', Int32Array.from(data), [...leaf.shape])
            : new ort.Tensor('float32', Float32Array.from(data), [...leaf.shape]);
      }
      for (const name of session.inputNames) {
        if (name.startsWith('dropout.'))
          feeds[name] = new ort.Tensor('float32', Float32Array.from(masks.get(7)!), [3, 4]);
        feeds[name] ??= new ort.Tensor('float32', new Float32Array(1), []);
      }
      const wanted = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!]));
      if (wanted['step']) wanted['step'] = new ort.Tensor('int32', new Int32Array(1), []);
      // A running average: any value of its shape will do, as training reads the batch.
      for (const [i, name] of session.inputNames.entries()) {
        const { shape } = session.inputMetadata[i] as unknown as { shape: number[] };
        if (/\.(mean|variance)$/.test(name))
          wanted[name] = new ort.Tensor('float32', new Float32Array(shape[0]!), shape);
      }
      const results = await session.run(wanted);
      evaluate64(roots, leaves, masks).forEach((expected, n) => {
        const got = results[`out${n}`]!.data as Float32Array;
        const scale = Math.max(1, ...expected.map(Math.abs));
        expected.forEach((value, i) => expect(got[i], `value ${n}[${i}]`).to.be.closeTo(value, 2e-5 * scale));
      });
      await session.release();
    });
  }
});
