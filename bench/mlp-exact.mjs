/** A training step of a multilayer perceptron as a canonical graph, written by hand with the compiler's product lowering. */
import { GraphBuilder, integerRange, range } from '../packages/ir/dist/src/index.js';
import { product, scaled } from '../packages/dsl/dist/src/lowering/product.js';
import { columnSum, sumOver } from '../packages/dsl/dist/src/lowering/sum.js';
import { largestMagnitude } from '../packages/dsl/dist/src/lowering/digits.js';

const STATE = range({ lo: -100, hi: 100, quantum: 2 ** -113 });

/** exp(x) for x in [-32, 0], good to about 2^-16: powers of a short series, enough to time a loss that is a small part of the step. */
function roughExp(b, x) {
  const c = (v) => b.scalar(v);
  // (1 + y + y^2/2 + y^3/6)^64, y = x/64 >= -1.25; clamped away from subnormals
  const grid = c(1.5 * 2 ** 6);
  const y = b.add('Mul', [b.add('Sub', [b.add('Add', [x, grid]), grid]), c(1 / 64)]);
  let p = b.add('Add', [b.add('Mul', [y, c(1 / 6)]), c(0.5)]);
  p = b.add('Add', [b.add('Mul', [p, y]), c(1)]);
  p = b.add('Add', [b.add('Mul', [p, y]), c(1)]);
  p = b.add('Min', [b.add('Max', [p, c(0.55)]), c(1)]);
  for (let i = 0; i < 6; i++) p = b.add('Mul', [p, p]);
  return p;
}

/** Layer sizes `widths`, relu between, softmax cross-entropy, SGD. `bytes`: the data are bytes / 255. */
export function exactMlp({ widths, batch, bytes, rate, precision = 2, loss = 'cross-entropy', gradientDigits }) {
  const side = gradientDigits ? { digits: gradientDigits } : {};
  const builder = new GraphBuilder();
  const ctx = { builder, precision };
  const b = builder;
  const add = (op, ...inputs) => b.add(op, inputs);
  const c = (v) => b.scalar(v);
  const data = b.input('x', { dtype: 'f32', shape: [batch, widths[0]] }, bytes ? integerRange(0, 255) : range({ lo: -16, hi: 16, quantum: 2 ** -60 }), { kind: 'free' });
  const classes = widths.at(-1);
  const labels = b.input('y', loss === 'cross-entropy' ? { dtype: 'i32', shape: [batch, 1] } : { dtype: 'f32', shape: [batch, classes] },
    loss === 'cross-entropy' ? integerRange(0, classes - 1) : range({ lo: -16, hi: 16, quantum: 2 ** -60 }), { kind: 'free' });
  const layers = widths.slice(1).map((n, i) => ({
    w: b.input(`w${i}`, { dtype: 'f32', shape: [widths[i], n] }, STATE, { kind: 'state', init: { kind: 'uniform', stream: i, bound: 1 / Math.sqrt(widths[i]) } }),
    b: b.input(`b${i}`, { dtype: 'f32', shape: [1, n] }, STATE, { kind: 'state', init: { kind: 'constant', value: 0 } }),
  }));
  const clamp = (x) => add('Min', add('Max', x, c(-1e6)), c(1e6));
  const activations = [bytes ? add('Mul', data, c(1 / 255)) : data];
  layers.forEach((layer, i) => {
    const z = add('Add', product(ctx, { value: activations[i] }, { value: layer.w }), layer.b);
    activations.push(i < layers.length - 1 ? add('Max', z, c(0)) : z);
  });
  const z = activations.at(-1);
  let delta, cost;
  if (loss === 'cross-entropy') {
    const below = add('Max', add('Min', add('Sub', z, b.add('ReduceMax', [z], { axes: [1] })), c(0)), c(-32));
    const e = roughExp(b, below);
    const total = add('Max', sumOver(ctx, e, 1, true, 'tree'), c(1));
    const hot = b.add('Cast', [add('Equal', labels, b.constant(Int32Array.from({ length: classes }, (_, i) => i), [classes]))], { to: 'f32' });
    const p = add('Div', e, total);
    delta = add('Mul', add('Sub', p, hot), c(1 / batch));
    // Stands for the reported loss: mean of 1 - p[label].
    cost = add('Mul', sumOver(ctx, sumOver(ctx, add('Mul', add('Sub', c(1), p), hot), 1, false, 'tree'), 0, false, 'tree'), c(1 / batch));
  } else {
    // On a coarse grid, so that its square is provably normal.
    const grid = c(1.5 * 2 ** -20);
    const gap = add('Sub', add('Add', add('Sub', z, labels), grid), grid);
    const flat = b.add('Reshape', [clamp(gap)], { shape: [1, batch * classes] });
    delta = add('Mul', gap, c(2 / (batch * classes)));
    cost = add('Mul', b.add('Reshape', [sumOver(ctx, add('Mul', flat, flat), 1, false, 'tree')], { shape: [] }), c(1 / (batch * classes)));
  }
  const health = [];
  for (let i = layers.length - 1; i >= 0; i--) {
    const layer = layers[i];
    const lr = c(rate);
    const next = {
      w: add('Sub', layer.w, scaled(ctx, product(ctx, { value: activations[i], transpose: true, ...side }, { value: delta }), lr)),
      b: add('Sub', layer.b, scaled(ctx, columnSum(ctx, delta), lr)),
    };
    if (i > 0) {
      const mask = b.add('Cast', [add('Less', c(0), activations[i])], { to: 'f32' });
      delta = add('Mul', product(ctx, { value: delta }, { value: layer.w, transpose: true, ...side }), mask);
    }
    b.output(`w${i}`, next.w, 'state');
    b.output(`b${i}`, next.b, 'state');
    for (const part of [layer.w, layer.b]) health.push(largestMagnitude(ctx, part));
  }
  b.output('loss', cost, 'loss');
  b.output('health', health.reduce((x, y) => add('Max', x, y)), 'health');
  return b.build();
}
