/** Gradients of the normalisations. */
import * as t from '../tensor/build.js';
import { channelInverseDeviation, channelMean, inverseRms } from '../tensor/normalization.js';
import type { Gradient } from './gradients.js';

export const NORMALIZATION_GRADIENTS: Readonly<Record<string, Gradient>> = {
  channel_mean: ({ inputs: [x], shape }, g) => {
    const count = x!.shape.reduce((a, b) => a * b, 1) / shape[1]!;
    return [t.expand(t.mul(g, t.scalar(1 / count)), x!.shape)];
  },
  batch_normalize: (y, g) => {
    const inverse = channelInverseDeviation(y.inputs[0]!, y.attributes['epsilon'] as number);
    const centred = t.sub(t.sub(g, channelMean(g)), t.mul(y, channelMean(t.mul(g, y))));
    return [t.mul(inverse, centred)];
  },
  rms_normalize: (y, g) => {
    const inverse = inverseRms(y.inputs[0]!, y.attributes['epsilon'] as number);
    return [t.mul(inverse, t.sub(g, t.mul(y, t.mean(t.mul(g, y), [-1]))))];
  },
};
