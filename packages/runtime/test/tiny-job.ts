/** A job small enough to check by hand: linear regression with momentum and dropout, by exact digits, on a made-up data set. */
import fs from 'node:fs';
import path from 'node:path';
import {
  GraphBuilder,
  initialState,
  integerRange,
  columnFacts,
  columnsRoot,
  range,
  rootsOf,
  tensorRoot,
  uniformBits,
  type ColumnManifest,
  type Graph,
  type Manifest,
  type Value,
} from '@gensyn/ir';
import { columnKey, openColumn, type Job } from '@gensyn/runtime';

export const ROWS = 40;
export const BATCH = 8;
export const BOUND = 127 / 16;

function round(b: GraphBuilder, x: Value, unit: number): Value {
  const c = b.scalar(1.5 * 2 ** 23 * unit);
  return b.add('Sub', [b.add('Add', [x, c]), c]);
}

function clamp(b: GraphBuilder, x: Value, bound: number): Value {
  return b.add('Max', [b.add('Min', [x, b.scalar(bound)]), b.scalar(-bound)]);
}

/** `rate`: a power of two. At 2^-12 the job converges; at 2^-3 it leaves every bound at once. */
export function tinyGraph(
  kind: 'step' | 'evaluation',
  options: { rate?: number; clamped?: boolean } = {},
): Graph {
  const { rate = 2 ** -13, clamped = true } = options;
  const b = new GraphBuilder();
  // Initial weights lie on a finer grid than those that a step leaves. Digits of the bound are bytes: 127 / 16.
  const weight = range({ lo: -BOUND, hi: BOUND, quantum: 2 ** -26 });
  const velocityRange = range({ lo: -BOUND, hi: BOUND, quantum: 2 ** -19 });
  const zero = { kind: 'constant', value: 0 } as const;
  const step = b.input('step', { dtype: 'i32', shape: [] }, integerRange(0, 2 ** 24 - 1), {
    kind: 'state',
    init: zero,
  });
  const w = b.input('w', { dtype: 'f32', shape: [4, 1] }, weight, {
    kind: 'state',
    init: { kind: 'uniform', stream: 1, bound: 2 ** -3 },
  });
  const m = b.input('m', { dtype: 'f32', shape: [4, 1] }, velocityRange, { kind: 'state', init: zero });
  const x = b.input('x', { dtype: 'f32', shape: [BATCH, 4] }, integerRange(0, 15), {
    kind: 'batch',
    dataset: 'points',
    column: 'x',
  });
  const y = b.input(
    'y',
    { dtype: 'f32', shape: [BATCH, 1] },
    range({ lo: -512, hi: 512, quantum: 2 ** -4 }),
    { kind: 'batch', dataset: 'points', column: 'y' },
  );
  const keep = b.input('keep', { dtype: 'f32', shape: [BATCH, 4] }, range({ lo: 0, hi: 2, quantum: 1 }), {
    kind: 'dropout',
    stream: 7,
    keep: 0.5,
  });
  const inputs = kind === 'step' ? b.add('Mul', [x, keep]) : x;
  const hi = round(b, w, 2 ** -4);
  const lo = round(b, b.add('Sub', [w, hi]), 2 ** -12);
  const guess = b.add('Add', [
    b.add('Dot', [inputs, hi]),
    b.add('Dot', [inputs, clamp(b, b.add('Add', [lo, b.scalar(0)]), 127 * 2 ** -12)]),
  ]);
  const miss = b.add('Sub', [guess, y]);
  let sum = b.add('Mul', [miss, miss]);
  for (let half = BATCH / 2; half >= 1; half /= 2) {
    const part = (from: number): Value =>
      b.add('Slice', [sum], { starts: [from, 0], ends: [from + half, 1], steps: [1, 1] });
    sum = b.add('Add', [part(0), part(half)]);
  }
  b.output('loss', b.add('Reshape', [b.add('Mul', [sum, b.scalar(1 / BATCH)])], { shape: [] }), 'loss');
  const worst = b.add('ReduceMax', [b.add('Abs', [miss])], reduceAll(2));
  b.output('worst', b.add('Reshape', [worst], { shape: [] }), 'metric');
  if (kind === 'evaluation') return b.build();
  const digit = round(b, clamp(b, b.add('Add', [miss, b.scalar(0)]), 63), 2 ** -1);
  const gradient = b.add('Dot', [b.add('Transpose', [inputs], { perm: [1, 0] }), digit]);
  const scaled = b.add('Mul', [gradient, b.scalar(rate)]);
  const bound = (v: Value): Value =>
    round(b, clamped ? clamp(b, b.add('Add', [v, b.scalar(0)]), 7.5) : v, 2 ** -19);
  const velocity = bound(b.add('Add', [b.add('Mul', [m, b.scalar(0.5)]), scaled]));
  const next = bound(b.add('Sub', [w, velocity]));
  b.output('step', b.add('Add', [step, b.constant(Int32Array.of(1), [])]), 'state');
  b.output('w', next, 'state');
  b.output('m', velocity, 'state');
  b.output(
    'health',
    b.add('Reshape', [b.add('ReduceMax', [b.add('Abs', [next])], reduceAll(2))], { shape: [] }),
    'health',
  );
  return b.build();
}

function reduceAll(rank: number): Record<string, number[]> {
  return { axes: Array.from({ length: rank }, (_, i) => i) };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Writes the data files below `folder` and returns the job over them. */
export function tinyJob(
  folder: string,
  options: {
    steps?: number;
    checkpointEvery?: number;
    rate?: number;
    clamped?: boolean;
    holdoutRows?: number;
  } = {},
): Job {
  fs.mkdirSync(path.join(folder, 'data'), { recursive: true });
  const cells = Uint8Array.from({ length: ROWS * 4 }, (_, i) => uniformBits(3, 0, 0, i) & 15);
  const truth = [1.5, -2, 0.5, 3];
  const targets = Float32Array.from({ length: ROWS }, (_, r) =>
    truth.reduce((sum, t, c) => sum + t * cells[r * 4 + c]!, 0),
  );
  const columns: ColumnManifest[] = [
    {
      name: 'x',
      storage: 'u8',
      shape: [4],
      dtype: 'f32',
      dims: [ROWS, 4],
      start: 0,
      stride: 4,
      divisor: 1,
      offset: 0,
      min: 0,
      max: 15,
      file: 'data/x.bin',
      bytes: cells.byteLength,
      root: hex(tensorRoot('u8', [ROWS, 4], cells)),
    },
    {
      name: 'y',
      storage: 'f32',
      shape: [1],
      dtype: 'f32',
      dims: [ROWS, 1],
      start: 0,
      stride: 1,
      divisor: 1,
      offset: 0,
      min: -512,
      max: 512,
      file: 'data/y.bin',
      bytes: targets.byteLength,
      root: hex(tensorRoot('f32', [ROWS, 1], new Uint8Array(targets.buffer))),
    },
  ];
  fs.writeFileSync(path.join(folder, 'data/x.bin'), cells);
  fs.writeFileSync(path.join(folder, 'data/y.bin'), new Uint8Array(targets.buffer));
  const step = tinyGraph('step', options);
  const draft: Manifest = {
    format: 'gensyn-job/1',
    name: 'tiny',
    compiler: 'test',
    graphRoot: '11'.repeat(32),
    evalRoot: '22'.repeat(32),
    dataRoot: '00'.repeat(32),
    initRoot: '00'.repeat(32),
    seed: 5,
    batch: BATCH,
    steps: options.steps ?? 60,
    checkpointEvery: options.checkpointEvery ?? 10,
    sample: 0.5,
    holdoutRows: options.holdoutRows ?? 16,
    precision: 2,
    datasets: [{ name: 'points', rows: ROWS, columns }],
    state: [
      { name: 'step', dtype: 'i32', shape: [], init: { kind: 'constant', value: 0 } },
      { name: 'w', dtype: 'f32', shape: [4, 1], init: { kind: 'uniform', stream: 1, bound: 2 ** -3 } },
      { name: 'm', dtype: 'f32', shape: [4, 1], init: { kind: 'constant', value: 0 } },
    ],
    metrics: ['worst'],
    healthBound: BOUND,
    size: { parameters: 4, stateBytes: 36, nodes: step.nodes.length, workPerStep: 1000 },
    parameters: {},
    defaults: {},
  };
  const manifest: Manifest = {
    ...draft,
    dataRoot: hex(columnsRoot(columnFacts(draft))),
    initRoot: rootsOf(initialState(draft)).root,
  };
  return {
    manifest,
    step,
    evaluation: tinyGraph('evaluation', options),
    columns: new Map(
      columns.map((column) => [
        columnKey('points', column.name),
        openColumn(path.join(folder, column.file), column),
      ]),
    ),
  };
}
