/** Whole imported networks: forward against onnxruntime, backward against central differences in float64. */
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { encodeModel, type ModelProto } from '@gensyn/ir';
import { differentiate } from '../../src/autodiff/differentiate.js';
import { known, type Known } from '../../src/import/value.js';
import * as t from '../../src/tensor/build.js';
import { evaluate64 } from '../reference/evaluate64.js';
import { network, noise } from './make-model.js';
import { gptBlock, invertedResidual, mixture, residual } from './networks.js';
import { build, canonical, inFloat } from './run-network.js';

function numbers(shape: readonly number[], seed = 3): Known {
  const next = noise(seed);
  return known(
    'f32',
    shape,
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.fround(2 * next())),
  );
}

const tokens = known('i32', [2, 5], Float64Array.of(1, 4, 10, 0, 3, 7, 7, 2, 9, 5));

const NETWORKS: readonly (readonly [string, () => ModelProto, Known])[] = [
  ['a residual block (ResNet-18)', residual, numbers([2, 3, 10, 10])],
  ['an inverted residual block (MobileNet-v2)', invertedResidual, numbers([2, 4, 5, 5])],
  ['a GPT-2 block', gptBlock, tokens],
  ['a mixture of other operators', mixture, numbers([2, 6])],
];

async function reference(proto: ModelProto, { type, shape, data }: Known): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(encodeModel(proto), { logSeverityLevel: 3 });
  const x =
    type === 'f32'
      ? new ort.Tensor('float32', Float32Array.from(data), [...shape])
      : new ort.Tensor('int64', BigInt64Array.from(data, BigInt), [...shape]);
  const { y } = await session.run({ x });
  await session.release();
  return y!.data as Float32Array;
}

describe('imported networks', () => {
  for (const [what, make, arg] of NETWORKS) {
    describe(what, () => {
      const proto = make();
      const { outputs, leaves, weights } = build(network(proto), [arg], () => false);

      for (const [precision, tolerance] of [
        [2, 2e-3],
        [3, 2e-5],
      ] as const) {
        it(`computes with ${precision} digits what onnxruntime computes in float32`, async () => {
          const wanted = await reference(proto, arg);
          const [got] = canonical(outputs, leaves, precision);
          const scale = wanted.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
          expect(got!.data.length).to.equal(wanted.length);
          wanted.forEach((x, i) => expect(got!.data[i]).to.be.closeTo(x, tolerance * scale));
        });
      }

      it('has the gradients of central differences', () => {
        const [y] = outputs;
        const mix = t.column('data', 'mix', y!.shape, 'f32');
        const values = new Map(leaves).set(mix, numbers(y!.shape, 17).data);
        const loss = t.sum(
          t.mul(y!, mix),
          y!.shape.map((_, axis) => axis),
          false,
        );
        const gradients = differentiate(loss, weights);
        const used = weights.filter((each) => gradients.has(each));
        expect(used.length).to.equal(weights.length);
        const computed = evaluate64(
          used.map((each) => gradients.get(each)!),
          values,
        );
        const next = noise(5);
        used.forEach((each, n) => {
          const at = values.get(each)!;
          // A few elements of each weight: every one would take minutes.
          for (let k = 0; k < 2; k++) {
            const i = Math.floor(((next() + 1) / 2) * at.length);
            const [up, down] = [1e-5, -1e-5].map(
              (h) => evaluate64([loss], new Map(values).set(each, at.with(i, at[i]! + h)))[0]![0]!,
            );
            const difference = (up! - down!) / 2e-5;
            const name = String(each.attributes['name']);
            expect(computed[n]![i], `d/d ${name}[${i}]`).to.be.closeTo(
              difference,
              1e-6 + 1e-5 * Math.abs(difference),
            );
          }
        });
      }).timeout(60_000);

      it('has canonical gradients close to them, and those of its plain float twin', async () => {
        const loss = t.meanAll(t.mul(outputs[0]!, outputs[0]!));
        const gradients = differentiate(loss, weights);
        const roots = weights.map((each) => gradients.get(each)!);
        const exact = evaluate64(roots, leaves);
        const got = canonical(roots, leaves, 3);
        const plain = await inFloat(roots, leaves);
        exact.forEach((wanted, n) => {
          const scale = Math.max(1e-3, ...wanted.map(Math.abs));
          wanted.forEach((x, i) => {
            const name = String(weights[n]!.attributes['name']);
            expect(got[n]!.data[i], name).to.be.closeTo(x, 1e-4 * scale);
            expect(plain[n]![i], `${name} in float`).to.be.closeTo(x, 1e-4 * scale);
          });
        });
      }).timeout(60_000);
    });
  }
});
