/** Convolutions and pooling over images [n, channels, height, width] and sequences [n, channels, length]. */
import { formatShape, mean, mul, reshape, scalar } from '../tensor/build.js';
import type { Tensor } from '../tensor/tensor.js';
import { conv, windowMax, windowSum } from '../tensor/windows.js';
import { ArgumentError, type LibraryFunction, type Parameter, type Scope } from './function.js';

type Arguments = Parameters<LibraryFunction['build']>[1];

const images = { name: 'x', type: 'tensor', doc: '[n, channels, height, width]' } as const;
const sequence = { name: 'x', type: 'tensor', doc: '[n, channels, length]' } as const;
const kernel: Parameter = { name: 'kernel', type: 'integer', min: 1, doc: 'length of a side of the window' };
const padding: Parameter = {
  name: 'padding',
  type: 'integer',
  default: 0,
  min: 0,
  doc: 'places beyond each end',
};

const settings: readonly Parameter[] = [
  { name: 'channels', type: 'integer', min: 1, doc: 'channels of the result' },
  kernel,
  { name: 'stride', type: 'integer', default: 1, min: 1, doc: 'places that the window moves on' },
  { ...padding, doc: 'zeros beyond each end' },
  {
    name: 'dilation',
    type: 'integer',
    default: 1,
    min: 1,
    doc: 'distance of the elements that a window takes',
  },
  { name: 'groups', type: 'integer', default: 1, min: 1, doc: 'groups of channels that do not mix' },
  { name: 'bias', type: 'boolean', default: true, doc: 'whether to add b' },
  {
    name: 'precision',
    type: 'integer',
    optional: true,
    min: 1,
    max: 3,
    doc: "digits of this layer's products; the job's if absent",
  },
];

function ranked(x: Tensor, rank: number, name: string): Tensor {
  if (x.shape.length === rank && x.type === 'f32') return x;
  const wanted = rank === 4 ? '[n, channels, height, width]' : '[n, channels, length]';
  throw new ArgumentError(
    `${name} needs ${wanted}, found ${x.type}${formatShape(x.shape)}`,
    'x',
    rank === 4 && x.type === 'f32' && x.shape.length === 3
      ? 'one channel is an axis too: reshape(x, 1, height, width)'
      : undefined,
  );
}

/** Dimensions: 2 for images; 1 for sequences, which are images of height 1. */
function convolution(scope: Scope, args: Arguments, dimensions: 1 | 2): Tensor {
  const input = ranked(args['x'] as Tensor, dimensions + 2, `conv${dimensions}d`);
  const [n, c, ...lengths] = input.shape as readonly [number, number, ...number[]];
  const x = dimensions === 2 ? input : reshape(input, [n, c, 1, lengths[0]!]);
  const [units, k, stride, pad, dilation, groups] = [
    'channels',
    'kernel',
    'stride',
    'padding',
    'dilation',
    'groups',
  ].map((name) => args[name] as number) as [number, number, number, number, number, number];
  if (c % groups !== 0 || units % groups !== 0) {
    throw new ArgumentError(
      `${c} channels cannot be convolved to ${units} in ${groups} groups`,
      'groups',
      'both numbers of channels must be multiples of the groups',
    );
  }
  const side = (high: number, wide: number): [number, number] => [dimensions === 2 ? high : wide, high];
  const [kh, kw] = side(k, 1);
  const bound = 1 / Math.sqrt((c / groups) * kh * kw);
  const w = scope.weight('weight', [units, c / groups, ...(dimensions === 2 ? [kh, kw] : [kw])], {
    kind: 'uniform',
    bound,
  });
  const bias = args['bias'] ? scope.weight('bias', [units], { kind: 'uniform', bound }) : undefined;
  const beyond = side(pad, 0);
  const y = conv(
    x,
    dimensions === 2 ? w : reshape(w, [units, c / groups, 1, kw]),
    bias,
    {
      kernel: [kh, kw],
      strides: side(stride, 1),
      pads: [...beyond, ...beyond],
      dilations: side(dilation, 1),
      groups,
    },
    args['precision'] as 1 | 2 | 3 | undefined,
  );
  return dimensions === 2 ? y : reshape(y, [n, units, y.shape[3]!]);
}

function pooled(x: Tensor, args: Arguments, pool: typeof windowMax): Tensor {
  const size = args['kernel'] as number;
  const before = args['padding'] as number;
  const stride = (args['stride'] as number | undefined) ?? size;
  // One axis after the other; the second has fewer elements left, and costs more each.
  return x.shape
    .slice(2)
    .reduce((y, _, d) => pool(y, { axis: d + 2, kernel: size, stride, before, after: before }), x);
}

const poolSettings: readonly Parameter[] = [
  kernel,
  {
    name: 'stride',
    type: 'integer',
    optional: true,
    min: 1,
    doc: 'places that the window moves on; the kernel if absent',
  },
  padding,
];

function pool(name: string, doc: string, build: (x: Tensor, args: Arguments) => Tensor): LibraryFunction {
  return {
    name,
    kind: 'layer',
    doc,
    parameters: [images, ...poolSettings],
    build: (_scope, args) => build(ranked(args['x'] as Tensor, 4, name), args),
  };
}

export const convolutions: readonly LibraryFunction[] = [
  {
    name: 'conv2d',
    kind: 'layer',
    doc: 'Cross-correlation with a learned square kernel, plus b; both start uniform in +-1/sqrt(elements of a window).',
    parameters: [images, ...settings],
    build: (scope, args) => convolution(scope, args, 2),
  },
  {
    name: 'conv1d',
    kind: 'layer',
    doc: 'Cross-correlation along a sequence with a learned kernel, plus b; both start as those of conv2d.',
    parameters: [sequence, ...settings],
    build: (scope, args) => convolution(scope, args, 1),
  },
  pool(
    'max_pool',
    'The largest of each square window; its gradient goes to the first of equals.',
    (x, args) => pooled(x, args, windowMax),
  ),
  pool('avg_pool', 'The mean of each square window, zeros beyond the ends counted.', (x, args) =>
    mul(pooled(x, args, windowSum), scalar((args['kernel'] as number) ** -2)),
  ),
  {
    name: 'global_avg_pool',
    kind: 'layer',
    doc: 'The mean of each channel: [n, channels].',
    parameters: [images],
    build(_scope, args) {
      const x = ranked(args['x'] as Tensor, 4, 'global_avg_pool');
      const [n, c, h, w] = x.shape as readonly [number, number, number, number];
      return mean(reshape(x, [n, c, h * w]), [2], false);
    },
  },
];
