/** ONNX's normalisations and dropout. */
import * as t from '../../tensor/build.js';
import type { Tensor } from '../../tensor/tensor.js';
import { constantOf, fold, reserve, tensorOf } from '../algebra.js';
import {
  axisOf,
  constant,
  floats,
  given,
  integer,
  number,
  operand,
  refuse,
  tensor,
  type Family,
  type Operation,
} from '../operation.js';
import { known, traced, type Value } from '../value.js';

/** [C] as [C, 1, 1, ...], for channels on the second axis of `rank`. */
function perChannel(x: Tensor, rank: number): Tensor {
  return t.reshape(x, [x.shape[0]!, ...Array.from({ length: Math.max(0, rank - 2) }, () => 1)]);
}

/**
 * x * a + b for each channel, with a = scale / sqrt(variance + epsilon) and b = shift - mean * a: the statistics stay those of the file,
 * scale and shift are trained.
 */
function batchNormalization(o: Operation): Tensor {
  const training = o.opset < 7 ? integer(o, 'is_test', 0) === 0 : integer(o, 'training_mode', 0) !== 0;
  if (training) {
    refuse(
      'it normalises by the statistics of each batch (training_mode)',
      'export the network in evaluation mode: its statistics then stay as they are',
    );
  }
  if (integer(o, 'spatial', 1) !== 1) refuse("its attribute 'spatial' is 0");
  const x = tensor(o, 0);
  const epsilon = number(o, 'epsilon', 1e-5);
  const mean = constant(o, 3, 'mean');
  const variance = constant(o, 4, 'variance');
  if (variance.data.some((v) => !(v + epsilon > 0))) refuse('a variance is negative');
  const inverse = fold(o.algebra, [variance], 'f32', (v) => 1 / Math.sqrt(v + epsilon));
  const a = t.mul(tensor(o, 1), tensorOf(o.algebra, inverse));
  const b = t.sub(tensor(o, 2), t.mul(a, tensorOf(o.algebra, mean)));
  const rank = x.shape.length;
  return t.add(t.mul(x, perChannel(a, rank)), perChannel(b, rank));
}

/** (x - mean) / deviation over the trailing axes from `axis` on. */
function normalizeFrom(x: Tensor, axis: number, epsilon: number): Tensor {
  if (axis === x.shape.length - 1) return t.normalize(x, epsilon);
  const joined = x.shape.slice(axis).reduce((a, b) => a * b, 1);
  return t.reshape(t.normalize(t.reshape(x, [...x.shape.slice(0, axis), joined]), epsilon), x.shape);
}

function scaledBy(o: Operation, y: Tensor, rank?: number): Tensor {
  const place = (index: number): Tensor =>
    rank === undefined ? tensor(o, index) : perChannel(tensor(o, index), rank);
  const scaled = t.mul(y, place(1));
  return given(o, 2) ? t.add(scaled, place(2)) : scaled;
}

function dropout(o: Operation): Value {
  const x = operand(o, 0);
  const ratio = given(o, 1) ? constantOf(o.algebra, operand(o, 1))?.data[0] : number(o, 'ratio', 0.5);
  const flag = given(o, 2) ? constantOf(o.algebra, operand(o, 2))?.data[0] : 0;
  if (ratio === undefined || flag === undefined) refuse('its ratio and training_mode must be constant');
  if (!(ratio >= 0 && ratio < 1)) refuse(`its ratio ${ratio} lies outside 0 .. 1`);
  // Until opset 11 the operator drops whenever the network is trained.
  const drops = o.opset < 12 ? integer(o, 'is_test', 0) === 0 : flag !== 0;
  if (!drops || ratio === 0) return x;
  if (ratio > 0.95) refuse(`its ratio ${ratio} is more than 0.95`);
  return traced(t.dropout(floats(o, x), ratio, o.stream()));
}

export const normalisation: Family = {
  BatchNormalization: {
    operands: [5, 5],
    attributes: ['epsilon', 'is_test', 'momentum', 'spatial', 'training_mode'],
    limits: 'mean and variance of the file, not of the batch',
    build: (o) => traced(batchNormalization(o)),
  },
  LayerNormalization: {
    operands: [2, 3],
    attributes: ['axis', 'epsilon', 'stash_type'],
    build(o) {
      const x = tensor(o, 0);
      const axis = axisOf(integer(o, 'axis', -1), x.shape.length);
      const epsilon = number(o, 'epsilon', 1e-5);
      const y = traced(scaledBy(o, normalizeFrom(x, axis, epsilon)));
      if (o.used[1] !== true && o.used[2] !== true) return y;
      const axes = x.shape.map((_, d) => d).slice(axis);
      const mean = t.mean(x, axes);
      const difference = t.sub(x, mean);
      const variance = t.mean(t.mul(difference, difference), axes);
      const deviation = t.unary('sqrt', t.add(variance, t.scalar(epsilon)));
      return [y, traced(mean), traced(t.div(t.scalar(1), deviation))];
    },
  },
  InstanceNormalization: {
    operands: [3, 3],
    attributes: ['epsilon'],
    build(o) {
      const x = tensor(o, 0);
      return traced(scaledBy(o, normalizeFrom(x, 2, number(o, 'epsilon', 1e-5)), x.shape.length));
    },
  },
  GroupNormalization: {
    operands: [3, 3],
    attributes: ['epsilon', 'num_groups', 'stash_type'],
    limits: 'opset 21 and later',
    build(o) {
      const x = tensor(o, 0);
      const groups = integer(o, 'num_groups', 0);
      const [n, c] = x.shape;
      if (o.opset < 21) refuse('before opset 21 its scales are those of groups', 'export with opset 21');
      if (groups < 1 || c === undefined || c % groups !== 0)
        refuse(`${c} channels do not make ${groups} groups`);
      const split = t.reshape(x, [n!, groups, x.shape.slice(1).reduce((a, b) => a * b, 1) / groups]);
      const y = t.reshape(t.normalize(split, number(o, 'epsilon', 1e-5)), x.shape);
      return traced(scaledBy(o, y, x.shape.length));
    },
  },
  RMSNormalization: {
    operands: [2, 2],
    attributes: ['axis', 'epsilon', 'stash_type'],
    build(o) {
      const x = tensor(o, 0);
      const first = axisOf(integer(o, 'axis', -1), x.shape.length);
      const axes = x.shape.map((_, axis) => axis).slice(first);
      const square = t.add(t.mean(t.mul(x, x), axes), t.scalar(number(o, 'epsilon', 1e-5)));
      return traced(t.mul(t.div(x, t.unary('sqrt', square)), tensor(o, 1)));
    },
  },
  Dropout: {
    operands: [1, 3],
    attributes: ['is_test', 'ratio', 'seed'],
    limits: 'drops in training if training_mode is true, or before opset 12',
    build(o) {
      const y = dropout(o);
      if (o.used[1] !== true) return y;
      if (y !== operand(o, 0)) refuse('its mask is used');
      const shape = y.shape;
      return [y, known('bool', shape, reserve(o.algebra, shape).fill(1))];
    },
  },
};
