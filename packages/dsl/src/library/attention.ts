/** Attention, positions and the blocks of a transformer. */
import {
  add,
  causalSoftmax,
  concat,
  formatShape,
  gather,
  matmul,
  mul,
  normalize,
  reshape,
  scalar,
  slice,
  softmax,
  sub,
  transpose,
  unary,
} from '../tensor/build.js';
import { array } from '../tensor/selection.js';
import type { Tensor } from '../tensor/tensor.js';
import { ArgumentError, type LibraryFunction, type Parameter, type Scope } from './function.js';
import { rotaryTables } from './rotary-tables.js';

const sequence: Parameter = { name: 'x', type: 'tensor', doc: '[n, t, features]' };
const heads: Parameter = { name: 'heads', type: 'integer', min: 1, doc: 'heads that share the features out' };
const rotaryFlag: Parameter = {
  name: 'rotary',
  type: 'boolean',
  default: false,
  doc: 'whether queries and keys are turned by their position (Su et al. 2021)',
};
const precision: Parameter = {
  name: 'precision',
  type: 'integer',
  optional: true,
  min: 1,
  max: 3,
  doc: "digits of this layer's products; the job's if absent",
};
const deviation: Parameter = {
  name: 'deviation',
  type: 'number',
  default: 0.02,
  min: 1e-6,
  max: 10,
  doc: 'standard deviation of the start, uniform around 0',
};

type Digits = 1 | 2 | 3 | undefined;

function rows(x: Tensor, name: string): readonly [number, number, number] {
  if (x.shape.length !== 3 || x.type !== 'f32')
    throw new ArgumentError(`${name} needs [n, t, features], found ${x.type}${formatShape(x.shape)}`, 'x');
  return x.shape as readonly [number, number, number];
}

/** x W + b over the last axis of [n, t, features], weights under `name`. */
function dense(scope: Scope, name: string, x: Tensor, units: number, digits: Digits): Tensor {
  const [n, t, d] = x.shape as readonly [number, number, number];
  const init = { kind: 'uniform', bound: 1 / Math.sqrt(d) } as const;
  const w = scope.weight(`${name}.weight`, [d, units], init);
  const flat = matmul(reshape(x, [n * t, d]), w, false, false, 'neither', digits);
  const bias = scope.weight(`${name}.bias`, [units], { kind: 'constant', value: 0 });
  return reshape(add(flat, bias), [n, t, units]);
}

function normalized(scope: Scope, name: string, x: Tensor): Tensor {
  const d = x.shape.at(-1)!;
  const gain = scope.weight(`${name}.gain`, [d], { kind: 'constant', value: 1 });
  const shift = scope.weight(`${name}.shift`, [d], { kind: 'constant', value: 0 });
  return add(mul(normalize(x, 1e-5), gain), shift);
}

/** [..., t, d] turned by position: elements i and i + d/2 are a plane that turns by t base^(-2i/d). */
function turned(x: Tensor, base: number): Tensor {
  const [t, d] = [x.shape.at(-2)!, x.shape.at(-1)!];
  const axis = x.shape.length - 1;
  const half = d / 2;
  const { cos, sin } = rotaryTables(t, half, base);
  const [c, s] = [array(cos, [t, half]), array(sin, [t, half])];
  const [a, b] = [slice(x, axis, 0, half), slice(x, axis, half, d)];
  return concat([sub(mul(a, c), mul(b, s)), add(mul(b, c), mul(a, s))], axis);
}

interface AttentionSettings {
  readonly heads: number;
  readonly causal: boolean;
  readonly rotary: boolean;
  readonly precision: Digits;
}

function attend(
  scope: Scope,
  x: Tensor,
  { heads: h, causal, rotary, precision: digits }: AttentionSettings,
): Tensor {
  const [n, t, d] = rows(x, 'attention');
  if (d % h !== 0) throw new ArgumentError(`${d} features cannot be shared out among ${h} heads`, 'heads');
  const size = d / h;
  if (rotary && size % 2 === 1)
    throw new ArgumentError(
      `rotary positions need an even number of features a head, found ${size}`,
      'rotary',
    );
  const joint = reshape(dense(scope, 'qkv', x, 3 * d, digits), [n, t, 3, h, size]);
  const parts = transpose(joint, [2, 0, 3, 1, 4]);
  const [q, k, v] = [0, 1, 2].map((i) => reshape(slice(parts, 0, i, i + 1), [n, h, t, size])) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const place = (y: Tensor): Tensor => (rotary ? turned(y, 10000) : y);
  // On the queries rather than the scores: fewer elements.
  const scaled = mul(place(q), scalar(1 / Math.sqrt(size)));
  const scores = matmul(scaled, place(k), false, true, 'neither', digits);
  const shares = causal ? causalSoftmax(scores) : softmax(scores);
  const mixed = transpose(matmul(shares, v, false, false, 'neither', digits), [0, 2, 1, 3]);
  return dense(scope, 'out', reshape(mixed, [n, t, d]), d, digits);
}

export const attentions: readonly LibraryFunction[] = [
  {
    name: 'attention',
    kind: 'layer',
    doc: 'Multi-head self-attention (Vaswani et al. 2017): softmax(q k / sqrt(size)) v for each head, then a linear layer. Weights start uniform in +-1/sqrt(features), biases at 0.',
    parameters: [
      sequence,
      heads,
      {
        name: 'causal',
        type: 'boolean',
        default: true,
        doc: 'whether a place sees itself and earlier ones only',
      },
      rotaryFlag,
      precision,
    ],
    build: (scope, args) =>
      attend(scope, args['x'] as Tensor, {
        heads: args['heads'] as number,
        causal: args['causal'] as boolean,
        rotary: args['rotary'] as boolean,
        precision: args['precision'] as Digits,
      }),
  },
  {
    name: 'gpt_block',
    kind: 'layer',
    doc: 'A block of GPT-2: x + attention(layer_norm(x)), then that plus two linear layers with gelu_tanh between, of layer_norm of it.',
    parameters: [
      sequence,
      heads,
      {
        name: 'hidden',
        type: 'integer',
        optional: true,
        min: 1,
        doc: 'units between the two linear layers; 4 times the features if absent',
      },
      rotaryFlag,
      precision,
    ],
    build(scope, args) {
      const x = args['x'] as Tensor;
      const [, , d] = rows(x, 'gpt_block');
      const digits = args['precision'] as Digits;
      const inner = attend(scope, normalized(scope, 'norm1', x), {
        heads: args['heads'] as number,
        causal: true,
        rotary: args['rotary'] as boolean,
        precision: digits,
      });
      const h = add(x, inner);
      const wide = dense(
        scope,
        'up',
        normalized(scope, 'norm2', h),
        (args['hidden'] as number | undefined) ?? 4 * d,
        digits,
      );
      return add(h, dense(scope, 'down', unary('gelu_tanh', wide), d, digits));
    },
  },
  {
    name: 'rotary',
    kind: 'layer',
    doc: 'Turns elements i and i + d/2 of each row by its position (axis -2) times base^(-2i/d).',
    parameters: [
      { name: 'x', type: 'tensor', doc: '[..., t, d], d even' },
      {
        name: 'base',
        type: 'number',
        default: 10000,
        min: 1.1,
        max: 1e9,
        doc: 'how much slower the last plane turns',
      },
    ],
    build(_scope, args) {
      const x = args['x'] as Tensor;
      if (x.shape.length < 2 || x.shape.at(-1)! % 2 === 1)
        throw new ArgumentError(`rotary needs [..., t, d] with d even, found ${formatShape(x.shape)}`, 'x');
      return turned(x, args['base'] as number);
    },
  },
  {
    name: 'positions',
    kind: 'layer',
    doc: 'x plus a learned vector for each place.',
    parameters: [sequence, deviation],
    build(scope, args) {
      const x = args['x'] as Tensor;
      const [, t, d] = rows(x, 'positions');
      return add(x, scope.weight('weight', [t, d], spread(args['deviation'] as number)));
    },
  },
  {
    name: 'table',
    kind: 'layer',
    doc: 'A learned table of vectors, for lookup and project: one table in both is a tied embedding.',
    parameters: [
      { name: 'count', type: 'integer', min: 1, doc: 'number of vectors' },
      { name: 'size', type: 'integer', min: 1, doc: 'length of each' },
      deviation,
    ],
    build: (scope, args) =>
      scope.weight(
        'weight',
        [args['count'] as number, args['size'] as number],
        spread(args['deviation'] as number),
      ),
  },
  {
    name: 'lookup',
    kind: 'layer',
    doc: 'The vector of each index.',
    parameters: [
      { name: 'x', type: 'tensor', doc: 'indices, i32 [...]' },
      { name: 'table', type: 'tensor', doc: '[count, size]' },
    ],
    build: (_scope, args) => gather(needTable(args['table'] as Tensor), args['x'] as Tensor),
  },
  {
    name: 'project',
    kind: 'layer',
    doc: 'The product of each row with every vector of a table: [..., count].',
    parameters: [
      { name: 'x', type: 'tensor', doc: '[..., size]' },
      { name: 'table', type: 'tensor', doc: '[count, size]' },
    ],
    build(_scope, args) {
      const x = args['x'] as Tensor;
      const table = needTable(args['table'] as Tensor);
      const size = x.shape.at(-1) ?? 1;
      const flat = reshape(x, [x.shape.slice(0, -1).reduce((a, b) => a * b, 1), size]);
      return reshape(matmul(flat, table, false, true), [...x.shape.slice(0, -1), table.shape[0]!]);
    },
  },
];

function needTable(table: Tensor): Tensor {
  if (table.shape.length === 2 && table.type === 'f32') return table;
  throw new ArgumentError(
    `expected a table [count, size], found ${table.type}${formatShape(table.shape)}`,
    'table',
  );
}

function spread(standard: number): { kind: 'uniform'; bound: number } {
  return { kind: 'uniform', bound: standard * Math.sqrt(3) };
}
