/** Optimisers and learning-rate schedules: records whose fields the compiler reads. */
import type { RecordFunction } from './function.js';

const lr = { name: 'lr', type: 'schedule', doc: 'learning rate: a number or a schedule' } as const;
const decay = {
  name: 'weight_decay',
  type: 'number',
  default: 0,
  min: 0,
  max: 1,
  doc: 'share of each weight taken off per unit of learning rate',
} as const;
const peak = { name: 'peak', type: 'number', min: 0, max: 1000, doc: 'the largest learning rate' } as const;
const warmup = {
  name: 'warmup',
  type: 'integer',
  default: 0,
  min: 0,
  doc: 'steps over which the rate first rises linearly from 0',
} as const;
const floor = {
  name: 'floor',
  type: 'number',
  default: 0,
  min: 0,
  doc: 'the rate at the last step',
} as const;

function beta(
  name: string,
  value: number,
): { name: string; type: 'number'; default: number; min: number; max: number; doc: string } {
  return { name, type: 'number', default: value, min: 0, max: 0.99999, doc: 'decay of the running average' };
}

const epsilon = {
  name: 'epsilon',
  type: 'number',
  default: 1e-8,
  min: 1e-12,
  max: 1,
  doc: 'added to the root of the second moment',
} as const;

export const records: readonly RecordFunction[] = [
  {
    name: 'sgd',
    kind: 'optimizer',
    doc: 'Stochastic gradient descent with optional (Nesterov) momentum: m = momentum m + g; w -= lr (g + momentum m | m).',
    parameters: [
      lr,
      {
        name: 'momentum',
        type: 'number',
        default: 0,
        min: 0,
        max: 0.9999,
        doc: 'share of the last update that is kept',
      },
      { name: 'nesterov', type: 'boolean', default: false, doc: 'look ahead along the momentum' },
      decay,
    ],
  },
  {
    name: 'adam',
    kind: 'optimizer',
    doc: 'Adam (Kingma and Ba 2015) with bias correction; weight_decay is added to the gradient.',
    parameters: [lr, beta('beta1', 0.9), beta('beta2', 0.999), epsilon, decay],
  },
  {
    name: 'adamw',
    kind: 'optimizer',
    doc: 'Adam with decoupled weight decay (Loshchilov and Hutter 2019).',
    parameters: [lr, beta('beta1', 0.9), beta('beta2', 0.999), epsilon, { ...decay, default: 0.01 }],
  },
  {
    name: 'lion',
    kind: 'optimizer',
    doc: 'Lion (Chen et al. 2023): the sign of an interpolated momentum, with decoupled weight decay.',
    parameters: [lr, beta('beta1', 0.9), beta('beta2', 0.99), decay],
  },
  {
    name: 'muon',
    kind: 'optimizer',
    doc: 'Muon (Jordan et al. 2024): a momentum made orthogonal by five Newton-Schulz turns, times 0.2 sqrt(longer side) (Liu et al. 2025), for matrices and kernels; AdamW for vectors, with the same rate.',
    parameters: [
      lr,
      {
        name: 'momentum',
        type: 'number',
        default: 0.95,
        min: 0,
        max: 0.9999,
        doc: 'share of the last momentum that is kept',
      },
      beta('beta1', 0.9),
      beta('beta2', 0.999),
      epsilon,
      { ...decay, default: 0.01 },
    ],
  },
  {
    name: 'adafactor',
    kind: 'optimizer',
    doc: "Adafactor (Shazeer and Stern 2018): Adam without a first moment, the second moments of matrices and kernels from the running means of rows and of columns, so that the state of a matrix [m, n] is m + n numbers in place of 2 m n; an update's root mean square is held below `clip`.",
    parameters: [
      lr,
      beta('beta2', 0.999),
      epsilon,
      {
        name: 'clip',
        type: 'number',
        default: 1,
        min: 1e-3,
        max: 1000,
        doc: 'largest root mean square of an update, before the learning rate',
      },
      decay,
    ],
  },
  {
    name: 'constant',
    kind: 'schedule',
    doc: 'The same rate throughout, after the warm-up.',
    parameters: [peak, warmup],
  },
  {
    name: 'step',
    kind: 'schedule',
    doc: 'Multiplied by `factor` after every `every` steps.',
    parameters: [
      peak,
      { name: 'every', type: 'integer', min: 1, doc: 'steps' },
      { name: 'factor', type: 'number', default: 0.1, min: 0, max: 1, doc: 'multiplier' },
      warmup,
    ],
  },
  {
    name: 'linear',
    kind: 'schedule',
    doc: 'Falls linearly to `floor` at the last step.',
    parameters: [peak, warmup, floor],
  },
  {
    name: 'cosine',
    kind: 'schedule',
    doc: 'Falls along half a cosine to `floor` at the last step.',
    parameters: [peak, warmup, floor],
  },
];
