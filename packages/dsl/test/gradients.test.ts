import { expect } from 'chai';
import { evaluate, type TensorValue } from '@gensyn/ir';
import { differentiate } from '../src/autodiff/differentiate.js';
import { GRADIENTS } from '../src/autodiff/gradients.js';
import { lower } from '../src/lowering/lower.js';
import { CANONICAL } from '../src/lowering/canonical.js';
import { FLOAT } from '../src/lowering/float/float.js';
import { stepContext } from '../src/lowering/step-context.js';
import { CASES, dataset, leavesOf, METRICS, POSITIVE, scalarOf, type Case } from './library-cases.js';
import { evaluate64 } from './reference/evaluate64.js';

/** Layers whose backward product reads the weight or activation with one digit, and how much their gradients may be off for it. */
const COARSE: Readonly<Record<string, number>> = {
  linear: 2 ** -7,
  conv2d: 2 ** -6,
  conv1d: 2 ** -6,
  attention: 2 ** -6,
  gpt_block: 2 ** -5,
  project: 2 ** -6,
  lstm: 2 ** -6,
  gru: 2 ** -6,
};

/** Products of products: errors add up. */
const DEEP: ReadonlySet<string> = new Set(['attention', 'gpt_block']);

describe('gradients of the library', () => {
  for (const { title, fn, setting } of CASES) {
    if (METRICS.has(fn.name)) continue;
    it(`${title} agrees with central differences in float64`, () => {
      const { loss, weights } = scalarOf(fn, setting());
      const gradients = differentiate(loss, weights);
      const wanted = weights.map((w) => gradients.get(w)!);
      const { leaves, masks } = leavesOf([loss, ...wanted], POSITIVE.has(fn.name));
      const computed = evaluate64(wanted, leaves, masks);
      weights.forEach((weight, n) => {
        const at = leaves.get(weight)!;
        for (let i = 0; i < at.length; i++) {
          const step = 1e-5;
          const [up, down] = [step, -step].map(
            (h) => evaluate64([loss], new Map(leaves).set(weight, at.with(i, at[i]! + h)), masks)[0]![0]!,
          );
          const difference = (up! - down!) / (2 * step);
          expect(computed[n]![i], `${fn.name}: d/d ${String(weight.attributes['name'])}[${i}]`).to.be.closeTo(
            difference,
            1e-7 + 1e-6 * Math.abs(difference),
          );
        }
      });
    });
  }
});

/** Runs loss and gradients through the canonical graph and its normative evaluation. */
function canonical(
  { loss, weights }: Case,
  precision: 1 | 2 | 3,
  positive: boolean,
  backward: boolean,
): { exact: Float64Array[]; got: TensorValue[] } {
  const gradients = backward ? differentiate(loss, weights) : undefined;
  const roots = [loss, ...(gradients ? weights.map((w) => gradients.get(w)!) : [])];
  const { leaves, masks } = leavesOf(roots, positive);
  const ctx = stepContext({ precision, training: true, steps: 1, datasets: [dataset(leaves)] });
  for (const weight of weights)
    ctx.weight(weight.attributes['name'] as string, weight.shape, { kind: 'constant', value: 0 });
  const done = lower(ctx, roots);
  roots.forEach((root, i) => ctx.builder.output(`out${i}`, done.get(root)!, 'output'));
  const graph = ctx.builder.build();
  const given: Record<string, TensorValue> = {};
  for (const node of graph.nodes) {
    if (node.op !== 'Input') continue;
    const { source, name, type } = node;
    const leaf = [...leaves].find(
      ([tensor]) =>
        tensor.attributes['name'] === name || `data.${String(tensor.attributes['column'])}` === name,
    )?.[1];
    const data = source?.kind === 'dropout' ? masks.get(source.stream)! : (leaf ?? new Float64Array(1));
    given[name!] = { ...type, data: type.dtype === 'i32' ? Int32Array.from(data) : Float32Array.from(data) };
  }
  const values = evaluate(graph, given);
  return {
    exact: evaluate64(roots, leaves, masks),
    got: graph.outputs.map((output) => values[output.node]!),
  };
}

describe('canonical lowering of the library', () => {
  for (const [precision, tolerance] of [
    [2, 2e-4],
    [3, 2e-6],
  ] as const) {
    for (const { title, fn, setting } of CASES) {
      it(`${title} with ${precision} digits agrees with float64, forward and backward`, () => {
        const { exact, got } = canonical(
          scalarOf(fn, setting()),
          precision,
          POSITIVE.has(fn.name),
          !METRICS.has(fn.name),
        );
        exact.forEach((expected, n) => {
          const scale = Math.max(1, ...expected.map(Math.abs));
          // With 2 digits the weight or activation that meets a gradient is read with one, to 2^-8 of its largest element.
          const allowed =
            COARSE[fn.name] && precision === 2 && n > 0
              ? COARSE[fn.name]!
              : tolerance * (DEEP.has(fn.name) ? 4 : 1);
          expected.forEach((value, i) =>
            expect(got[n]!.data[i], `value ${n}[${i}]`).to.be.closeTo(value, allowed * scale),
          );
        });
      });
    }
  }

  it('has a canonical and a float row for every operator that the program or its gradient can hold', () => {
    for (const op of Object.keys(GRADIENTS)) {
      expect(CANONICAL, op).to.have.property(op);
      expect(FLOAT, op).to.have.property(op);
    }
  });
});
