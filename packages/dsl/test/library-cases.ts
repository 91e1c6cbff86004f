/** Every function of the library with arguments to try it on, reduced to a scalar, and values for its leaves. */
import { range } from '@gensyn/ir';
import { topological } from '../src/autodiff/differentiate.js';
import type { PreparedDataset } from '../src/data/index.js';
import type { LibraryFunction, Scope, Value as Argument } from '../src/library/function.js';
import { libraryFunctions } from '../src/library/index.js';
import * as t from '../src/tensor/build.js';
import type { Shape, Tensor } from '../src/tensor/tensor.js';

const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** A reproducible stream of numbers in [-1, 1). */
function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

interface Setting {
  readonly args: Readonly<Record<string, Argument | readonly number[]>>;
  /** Leaves whose gradient is checked besides the layer's own weights. */
  readonly inputs: readonly Tensor[];
}

const x = (shape: Shape = [3, 4]): Tensor => t.weight('x', shape, { kind: 'constant', value: 0 });
const classes = (shape: Shape = [3]): Tensor => t.column('data', 'classes', shape, 'i32');

/** Arguments for every function of the library; a function without an entry fails the test below. */
const SETTINGS: Readonly<Record<string, () => Setting>> = {
  linear: () => one({ units: 5, bias: true }),
  embedding: () => ({ args: { x: classes([3, 2]), count: 4, size: 3 }, inputs: [] }),
  layer_norm: () => one({ epsilon: 1e-5 }),
  dropout: () => one({ rate: 0.5 }),
  one_hot: () => ({ args: { x: classes(), classes: 4 }, inputs: [] }),
  leaky_relu: () => one({ slope: 0.1 }),
  sum: () => one({ axis: 0 }),
  mean: () => one({ axis: -1 }),
  flatten: () => one({}, [3, 2, 2]),
  reshape: () => one({ shape: [2, 2] }),
  concat: () => two('a', 'b', {}),
  cross_entropy: () => labelled(),
  accuracy: () => labelled(),
  mse: () => targets(),
  bce: () => targets(),
  mae: () => targets(),
  conv2d: () => one({ ...conv, kernel: 3, stride: 2, padding: 1, groups: 2 }, [2, 2, 5, 6]),
  conv1d: () => one({ ...conv, kernel: 2, dilation: 2 }, [2, 3, 7]),
  max_pool: () => one({ kernel: 3, stride: 2, padding: 1 }, [2, 2, 6, 5]),
  avg_pool: () => one({ kernel: 2, padding: 0 }, [2, 2, 5, 4]),
  global_avg_pool: () => one({}, [2, 3, 2, 3]),
  batch_norm: () => one({ momentum: 0.1, epsilon: 1e-3 }, [3, 2, 2, 2]),
  group_norm: () => one({ groups: 2, epsilon: 1e-3 }, [2, 4, 3]),
  rms_norm: () => one({ epsilon: 1e-3 }),
  attention: () => one({ heads: 2, causal: true, rotary: false }, [2, 3, 4]),
  gpt_block: () => one({ heads: 1, hidden: 5, rotary: false }, [2, 3, 4]),
  rotary: () => one({ base: 10 }, [2, 5, 4]),
  positions: () => one({ deviation: 0.5 }, [2, 3, 4]),
  table: () => ({ args: { count: 4, size: 3, deviation: 1 }, inputs: [] }),
  lookup: () => tabled({ x: classes([3, 2]) }),
  project: () => {
    const input = x([2, 3, 5]);
    const setting = tabled({ x: input });
    return { ...setting, inputs: [input, ...setting.inputs] };
  },
  lstm: () => one({ units: 3 }, [2, 3, 4]),
  gru: () => one({ units: 3 }, [2, 3, 4]),
  transpose: () => one({ axes: [0, 2, 1] }, [2, 3, 4]),
  slice: () => one({ axis: -1, start: 1, end: 3 }),
  masked_cross_entropy: () => {
    const logits = x([2, 3, 4]);
    const mask = t.column('data', 'mask', [2, 3], 'f32');
    return { args: { logits, labels: classes([2, 3]), mask }, inputs: [logits] };
  },
};

/** Further arguments of some of them. */
const VARIANTS: readonly [string, string, () => Setting][] = [
  ['linear', 'with digits of its own', () => one({ units: 5, bias: false, precision: 3 })],
  [
    'conv2d',
    'dilated, beyond its padding',
    () => one({ ...conv, kernel: 2, padding: 2, dilation: 2 }, [2, 1, 4, 5]),
  ],
  ['conv2d', 'depthwise', () => one({ ...conv, channels: 3, kernel: 2, groups: 3 }, [2, 3, 3, 4])],
  ['conv2d', 'of one place', () => one({ ...conv, kernel: 1, stride: 2 }, [2, 3, 4, 5])],
  ['conv2d', 'that leaves a remainder', () => one({ ...conv, kernel: 2, stride: 3 }, [2, 1, 7, 6])],
  ['conv2d', 'dilated, with stride', () => one({ ...conv, kernel: 2, stride: 2, dilation: 2 }, [1, 2, 5, 6])],
  ['conv1d', 'with stride', () => one({ ...conv, kernel: 3, stride: 2, padding: 1 }, [2, 2, 6])],
  ['max_pool', 'without overlap', () => one({ kernel: 2, padding: 0 }, [2, 1, 5, 4])],
  ['max_pool', 'with gaps', () => one({ kernel: 2, stride: 3, padding: 1 }, [1, 2, 5, 6])],
  ['avg_pool', 'with overlap', () => one({ kernel: 3, stride: 1, padding: 1 }, [1, 2, 4, 3])],
  ['batch_norm', 'of rows', () => one({ momentum: 0.1, epsilon: 1e-3 })],
  [
    'attention',
    'that sees everything, turned',
    () => one({ heads: 1, causal: false, rotary: true }, [2, 3, 4]),
  ],
  ['reshape', 'with a length left over', () => one({ shape: [2, -1] })],
  ['concat', 'along another axis', () => two('a', 'b', { axis: 0 })],
  [
    'cross_entropy',
    'of sequences, smoothed',
    () => {
      const logits = x([2, 3, 4]);
      return { args: { logits, labels: classes([2, 3]), smoothing: 0.2 }, inputs: [logits] };
    },
  ],
];

function tabled(args: Setting['args']): Setting {
  const table = t.weight('table', [4, 5], { kind: 'constant', value: 0 });
  return { args: { ...args, table }, inputs: [table] };
}

const conv = { channels: 4, stride: 1, padding: 0, dilation: 1, groups: 1, bias: true };

/** Each function with its setting, then the variants. */
export const CASES: readonly {
  readonly title: string;
  readonly fn: LibraryFunction;
  readonly setting: () => Setting;
}[] = [
  ...libraryFunctions.map((fn) => ({ title: fn.name, fn, setting: SETTINGS[fn.name] ?? (() => one({})) })),
  ...VARIANTS.map(([name, how, setting]) => ({
    title: `${name} ${how}`,
    fn: libraryFunctions.find((fn) => fn.name === name)!,
    setting,
  })),
];

function one(rest: Record<string, number | boolean | readonly number[]>, shape?: Shape): Setting {
  const input = x(shape);
  return { args: { x: input, ...rest }, inputs: [input] };
}

function two(a: string, b: string, rest: Record<string, number>): Setting {
  const first = x();
  const second = t.weight('z', [3, 4], { kind: 'constant', value: 0 });
  return { args: { [a]: first, [b]: second, ...rest }, inputs: [first, second] };
}

function labelled(): Setting {
  const logits = x();
  return { args: { logits, labels: classes() }, inputs: [logits] };
}

const targets = (): Setting => two('output', 'target', {});

export interface Case {
  readonly loss: Tensor;
  readonly weights: readonly Tensor[];
}

/** The function under test, reduced to a scalar by random weights unless it is one. */
export function scalarOf(fn: LibraryFunction, setting: Setting): Case {
  const weights = [...setting.inputs];
  const scope: Scope = {
    path: fn.name,
    weight(name, shape, init) {
      const weight = t.weight(name, shape, init);
      weights.push(weight);
      return weight;
    },
    stream: () => 7,
  };
  const y = fn.build(scope, setting.args, undefined);
  if (y.shape.length === 0) return { loss: y, weights };
  const mix = t.column('data', 'mix', y.shape, 'f32');
  return {
    loss: t.sum(
      t.mul(y, mix),
      y.shape.map((_, axis) => axis),
      false,
    ),
    weights,
  };
}

/** Values of the leaves, as float32 so that the canonical graph sees the same. Positive where a logarithm or a root needs it. */
export function leavesOf(
  roots: readonly Tensor[],
  positive: boolean,
): { leaves: Map<Tensor, Float64Array>; masks: Map<number, Float64Array> } {
  const next = noise(12345);
  const leaves = new Map<Tensor, Float64Array>();
  const masks = new Map<number, Float64Array>();
  for (const tensor of topological(roots)) {
    if (tensor.op === 'column' && tensor.type === 'i32')
      leaves.set(
        tensor,
        Float64Array.from({ length: size(tensor.shape) }, (_, i) => (i * 2 + 1) % 4),
      );
    else if (tensor.op === 'column' || tensor.op === 'weight') {
      leaves.set(
        tensor,
        Float64Array.from({ length: size(tensor.shape) }, () =>
          Math.fround(positive ? 1.25 + next() : 1.5 * next()),
        ),
      );
    } else if (tensor.op === 'dropout') {
      masks.set(
        tensor.attributes['stream'] as number,
        Float64Array.from({ length: size(tensor.shape) }, () => (next() > 0 ? 2 : 0)),
      );
    }
  }
  return { leaves, masks };
}

export const POSITIVE: ReadonlySet<string> = new Set(['log', 'sqrt']);
export const METRICS: ReadonlySet<string> = new Set(['accuracy', 'one_hot']);

export function dataset(leaves: ReadonlyMap<Tensor, Float64Array>): PreparedDataset {
  const columns = [...leaves.keys()].flatMap((tensor) => {
    if (tensor.op !== 'column') return [];
    const data = leaves.get(tensor)!;
    const { tiny, quantum, lo, hi } = {
      ...range({ lo: Math.min(...data), hi: Math.max(...data), quantum: 2 ** -40 }),
    };
    const common = {
      name: tensor.attributes['column'] as string,
      shape: tensor.shape.slice(1),
      file: '',
      bytes: 0,
      dims: tensor.shape,
      start: 0,
      stride: 1,
      root: '',
      min: lo,
      max: hi,
      tiny,
      quantum,
      flushed: 0,
      divisor: 1,
      offset: 0,
    };
    return [
      tensor.type === 'i32'
        ? { ...common, type: 'class' as const, storage: 'i32' as const, classes: 4 }
        : { ...common, type: 'f32' as const, storage: 'f32' as const },
    ];
  });
  return { name: 'data', rows: 3, columns, root: '' };
}
