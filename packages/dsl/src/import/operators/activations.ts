/** ONNX's activation functions. */
import * as t from '../../tensor/build.js';
import { clip } from '../../tensor/selection.js';
import type { Tensor } from '../../tensor/tensor.js';
import { constantOf, fold, reshape, transpose } from '../algebra.js';
import {
  axisOf,
  floats,
  given,
  integer,
  number,
  operand,
  refuse,
  tensor,
  text,
  type Family,
  type ImportedOperator,
  type Operation,
} from '../operation.js';
import { count, traced, type Value } from '../value.js';

function plain(name: t.Unary): ImportedOperator {
  return { operands: [1, 1], build: (o) => traced(t.unary(name, tensor(o, 0))) };
}

const relu = (x: Tensor): Tensor => t.unary('relu', x);
const scaled = (x: Tensor, factor: number): Tensor => (factor === 1 ? x : t.mul(x, t.scalar(factor)));
/** exp(x) - 1 where x is negative, else 0. */
const below = (x: Tensor): Tensor => t.sub(t.unary('exp', t.neg(relu(t.neg(x)))), t.scalar(1));
const hardSigmoid = (x: Tensor, alpha: number, beta: number): Tensor =>
  clip(t.add(scaled(x, alpha), t.scalar(beta)), 0, 1);

function bound(o: Operation, index: number, attribute: string, open: number): number {
  const value = given(o, index);
  if (!value) return number(o, attribute, open === Infinity ? 3.4028234663852886e38 : -3.4028234663852886e38);
  const found = constantOf(o.algebra, value);
  return found?.data.length === 1 ? found.data[0]! : refuse('its bounds must be constant numbers');
}

/** Runs a function of the last axis along another. */
export function alongAxis(o: Operation, x: Value, axis: number, f: (x: Tensor) => Tensor): Value {
  const rank = x.shape.length;
  const swapped = x.shape.map((_, d) => (d === axis ? rank - 1 : d === rank - 1 ? axis : d));
  const y = traced(f(floats(o, transpose(o.algebra, x, swapped))));
  return transpose(o.algebra, y, swapped);
}

/** Until opset 12 the axes from `axis` on are one. */
function overAxis(f: (x: Tensor) => Tensor): ImportedOperator {
  return {
    operands: [1, 1],
    attributes: ['axis'],
    build(o) {
      const x = operand(o, 0);
      const rank = x.shape.length;
      const axis = axisOf(integer(o, 'axis', o.opset < 13 ? Math.min(1, rank - 1) : -1), rank);
      if (o.opset >= 13) return alongAxis(o, x, axis, f);
      const rows = reshape(o.algebra, x, [count(x.shape.slice(0, axis)), count(x.shape.slice(axis))]);
      return reshape(o.algebra, traced(f(floats(o, rows))), x.shape);
    },
  };
}

export const activations: Family = {
  Relu: plain('relu'),
  Softplus: plain('softplus'),
  LeakyRelu: {
    operands: [1, 1],
    attributes: ['alpha'],
    limits: 'alpha from 0 to 1',
    build(o) {
      const alpha = number(o, 'alpha', 0.01);
      if (alpha < 0 || alpha > 1) refuse('its alpha lies outside 0 .. 1');
      return traced(t.leakyRelu(tensor(o, 0), alpha));
    },
  },
  PRelu: {
    operands: [2, 2],
    build(o) {
      const x = tensor(o, 0);
      const given = tensor(o, 1);
      // In opset 6 one slope for each channel has one axis.
      const channels = o.opset < 7 && given.shape.length === 1 && given.shape[0] === x.shape[1];
      const slope = channels ? t.reshape(given, [given.shape[0]!, ...x.shape.slice(2).map(() => 1)]) : given;
      return traced(t.sub(relu(x), t.mul(slope, relu(t.neg(x)))));
    },
  },
  Elu: {
    operands: [1, 1],
    attributes: ['alpha'],
    build(o) {
      const x = tensor(o, 0);
      return traced(t.add(relu(x), scaled(below(x), number(o, 'alpha', 1))));
    },
  },
  Celu: {
    operands: [1, 1],
    attributes: ['alpha'],
    build(o) {
      const alpha = number(o, 'alpha', 1);
      if (alpha === 0) refuse('its alpha is 0');
      const x = tensor(o, 0);
      return traced(t.add(relu(x), scaled(below(scaled(x, 1 / alpha)), alpha)));
    },
  },
  Selu: {
    operands: [1, 1],
    attributes: ['alpha', 'gamma'],
    build(o) {
      const alpha = number(o, 'alpha', 1.67326319217681884765625);
      const gamma = number(o, 'gamma', 1.05070102214813232421875);
      const x = tensor(o, 0);
      return traced(t.add(scaled(relu(x), gamma), scaled(below(x), alpha * gamma)));
    },
  },
  HardSigmoid: {
    operands: [1, 1],
    attributes: ['alpha', 'beta'],
    build: (o) => traced(hardSigmoid(tensor(o, 0), number(o, 'alpha', 0.2), number(o, 'beta', 0.5))),
  },
  HardSwish: {
    operands: [1, 1],
    build: (o) => traced(t.mul(tensor(o, 0), hardSigmoid(tensor(o, 0), 1 / 6, 0.5))),
  },
  Swish: {
    operands: [1, 1],
    attributes: ['alpha'],
    build(o) {
      const x = tensor(o, 0);
      const alpha = number(o, 'alpha', 1);
      return traced(alpha === 1 ? t.unary('silu', x) : t.mul(x, t.unary('sigmoid', scaled(x, alpha))));
    },
  },
  Mish: {
    operands: [1, 1],
    build: (o) => traced(t.mul(tensor(o, 0), t.unary('tanh', t.unary('softplus', tensor(o, 0))))),
  },
  Softsign: {
    operands: [1, 1],
    build: (o) => traced(t.div(tensor(o, 0), t.add(t.scalar(1), t.unary('abs', tensor(o, 0))))),
  },
  Gelu: {
    operands: [1, 1],
    attributes: ['approximate'],
    build(o) {
      const x = tensor(o, 0);
      if (text(o, 'approximate', 'none') === 'none') return traced(t.unary('gelu', x));
      const cube = t.mul(t.mul(x, x), x);
      const inner = scaled(t.add(x, scaled(cube, 0.044715)), Math.sqrt(2 / Math.PI));
      return traced(t.mul(scaled(x, 0.5), t.add(t.unary('tanh', inner), t.scalar(1))));
    },
  },
  Clip: {
    operands: [1, 3],
    attributes: ['min', 'max'],
    limits: 'constant bounds',
    build(o) {
      const [lo, hi] = [bound(o, 1, 'min', -Infinity), bound(o, 2, 'max', Infinity)];
      const x = operand(o, 0);
      const within = (value: number): number => Math.min(Math.max(value, lo), hi);
      if (x.kind === 'known') return fold(o.algebra, [x], x.type, within);
      // Bounds that no value of a step reaches are none.
      return traced(clip(floats(o, x), lo < -1e38 ? -Infinity : Math.min(lo, hi), hi > 1e38 ? Infinity : hi));
    },
  },
  Softmax: overAxis(t.softmax),
  LogSoftmax: overAxis(t.logSoftmax),
};
