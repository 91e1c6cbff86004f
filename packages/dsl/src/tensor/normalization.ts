/** Constructors of normalisations: by channel over a batch, and by root mean square over the last axis. */
import { ArgumentError } from '../library/function.js';
import { formatShape, make } from './build.js';
import type { Tensor } from './tensor.js';

function channels(x: Tensor): number[] {
  return x.shape.map((dim, axis) => (axis === 1 ? dim : 1));
}

/** Mean over all axes but the second, which stay with length 1. */
export function channelMean(x: Tensor): Tensor {
  return make('channel_mean', [x], channels(x));
}

/**
 * (x - mean) / sqrt(variance + epsilon) of each channel of [n, c, ...]: of the batch in training, whose running averages
 * go into the state tensors `name`.mean and `name`.variance; of those averages in evaluation.
 */
export function batchNormalize(x: Tensor, name: string, momentum: number, epsilon: number): Tensor {
  if (x.type !== 'f32' || x.shape.length < 2)
    throw new ArgumentError(
      `batch_norm needs [n, channels, ...], found ${x.type}${formatShape(x.shape)}`,
      'x',
    );
  return make('batch_normalize', [x], x.shape, { name, momentum, epsilon });
}

/** 1 / sqrt(variance + epsilon) of each channel of the batch: [1, c, 1...]. */
export function channelInverseDeviation(x: Tensor, epsilon: number): Tensor {
  return make('channel_inverse_deviation', [x], channels(x), { epsilon });
}

/** x / sqrt(mean of x^2 + epsilon) over the last axis. */
export function rmsNormalize(x: Tensor, epsilon: number): Tensor {
  return make('rms_normalize', [x], x.shape, { epsilon });
}

/** 1 / sqrt(mean of x^2 + epsilon) over the last axis, which stays with length 1. */
export function inverseRms(x: Tensor, epsilon: number): Tensor {
  return make('inverse_rms', [x], [...x.shape.slice(0, -1), 1], { epsilon });
}
