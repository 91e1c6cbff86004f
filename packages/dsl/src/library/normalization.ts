/** Normalisations with a learned gain and shift. */
import { add, mul, normalize, reshape } from '../tensor/build.js';
import { batchNormalize, rmsNormalize } from '../tensor/normalization.js';
import type { Tensor } from '../tensor/tensor.js';
import { ArgumentError, type LibraryFunction, type Parameter, type Scope } from './function.js';

const epsilon: Parameter = {
  name: 'epsilon',
  type: 'number',
  default: 1e-5,
  min: 1e-12,
  max: 1,
  doc: 'added to the variance',
};
const images: Parameter = { name: 'x', type: 'tensor', doc: '[n, channels, ...]' };

/** gain y + shift, one of each for a channel (axis 1). */
function perChannel(scope: Scope, y: Tensor): Tensor {
  const channels = y.shape[1]!;
  const shape = [channels, ...y.shape.slice(2).map(() => 1)];
  const gain = scope.weight('gain', [channels], { kind: 'constant', value: 1 });
  const shift = scope.weight('shift', [channels], { kind: 'constant', value: 0 });
  return add(mul(y, reshape(gain, shape)), reshape(shift, shape));
}

export const normalizations: readonly LibraryFunction[] = [
  {
    name: 'batch_norm',
    kind: 'layer',
    doc: 'Each channel shifted and scaled to mean 0 and variance 1 of the batch (of running averages in evaluation), then by learned gain (from 1) and shift (from 0).',
    parameters: [
      images,
      {
        name: 'momentum',
        type: 'number',
        default: 0.1,
        min: 0,
        max: 1,
        doc: "the batch's share in the running averages",
      },
      epsilon,
    ],
    build: (scope, args) =>
      perChannel(
        scope,
        batchNormalize(
          args['x'] as Tensor,
          scope.path,
          args['momentum'] as number,
          args['epsilon'] as number,
        ),
      ),
  },
  {
    name: 'group_norm',
    kind: 'layer',
    doc: 'Each group of channels of each image shifted and scaled to mean 0 and variance 1, then each channel by learned gain (from 1) and shift (from 0).',
    parameters: [images, { name: 'groups', type: 'integer', min: 1, doc: 'groups of channels' }, epsilon],
    build(scope, args) {
      const x = args['x'] as Tensor;
      const groups = args['groups'] as number;
      const [n, channels, ...rest] = x.shape;
      if (channels === undefined) throw new ArgumentError('group_norm needs [n, channels, ...]', 'x');
      if (channels % groups !== 0)
        throw new ArgumentError(`${channels} channels cannot be cut into ${groups} groups`, 'groups');
      const size = (channels / groups) * rest.reduce((a, b) => a * b, 1);
      const rows = normalize(reshape(x, [n!, groups, size]), args['epsilon'] as number);
      return perChannel(scope, reshape(rows, x.shape));
    },
  },
  {
    name: 'rms_norm',
    kind: 'layer',
    doc: 'Each row scaled to mean square 1, then by a learned gain (from 1).',
    parameters: [
      { name: 'x', type: 'tensor', doc: '[..., features]' },
      { ...epsilon, doc: 'added to the mean square' },
    ],
    build(scope, args) {
      const x = args['x'] as Tensor;
      const gain = scope.weight('gain', [x.shape.at(-1) ?? 1], { kind: 'constant', value: 1 });
      return mul(rmsNormalize(x, args['epsilon'] as number), gain);
    },
  },
];
