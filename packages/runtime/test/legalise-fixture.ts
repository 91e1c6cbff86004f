/** Digits, products and a small training step spelled as the compiler spells them, for tests of their legalisation. */
import {
  GraphBuilder,
  integerRange,
  magnitude,
  range,
  type Graph,
  type Range,
  type TensorValue,
  type Value,
} from '@gensyn/ir';

export const STATE = range({ lo: -100, hi: 100, quantum: 2 ** -113 });

export interface Digits {
  readonly parts: readonly Value[];
  readonly unit: Value | undefined;
}

/** All the spellings at hand on one builder. */
export function spelling(b: GraphBuilder) {
  const c = (value: number): Value => b.scalar(value);
  const op = (name: Parameters<GraphBuilder['add']>[0], ...inputs: Value[]): Value => b.add(name, inputs);
  const flat = (x: Value): Value => b.add('Reshape', [x], { shape: [] });

  function largest(x: Value): Value {
    const positive = x.range.lo >= 0 && !x.range.negativeZero ? x : op('Abs', x);
    return flat(b.add('ReduceMax', [positive], { axes: x.shape.map((_, axis) => axis) }));
  }

  function digits(x: Value, count: number): Digits {
    const units = Array.from({ length: 40 }, (_, i) => 2 ** (i - 34));
    const passed = op(
      'Less',
      b.constant(
        Float32Array.from(units, (u) => 127.5 * u),
        [40],
      ),
      largest(x),
    );
    const unit = flat(
      b.add(
        'ReduceMax',
        [
          op(
            'Where',
            passed,
            b.constant(
              Float32Array.from(units, (u) => 2 * u),
              [40],
            ),
            c(units[0]!),
          ),
        ],
        { axes: [0] },
      ),
    );
    const inverse = op('Div', c(1), unit);
    const round = c(1.5 * 2 ** 23);
    const parts: Value[] = [];
    let rest = op('Mul', x, inverse);
    for (;;) {
      const digit = op('Sub', op('Add', op('Min', op('Max', rest, c(-128)), c(127)), round), round);
      parts.push(digit);
      if (parts.length === count) return { parts, unit };
      rest = op('Mul', op('Sub', rest, digit), c(256));
    }
  }

  function transposed({ parts, unit }: Digits): Digits {
    const swap = (x: Value): Value => {
      const perm = x.shape.map((_, axis) => axis);
      [perm[perm.length - 2], perm[perm.length - 1]] = [perm.length - 1, perm.length - 2];
      return b.add('Transpose', [x], { perm });
    };
    return { parts: parts.map(swap), unit };
  }

  function cut(x: Value, axis: number, from: number, to: number): Value {
    if (from === 0 && to === x.shape[axis]) return x;
    const starts = x.shape.map((_, d) => (d === axis ? from : 0));
    const ends = x.shape.map((dim, d) => (d === axis ? to : dim));
    return b.add('Slice', [x], { starts, ends, steps: x.shape.map(() => 1) });
  }

  /** `block`: longest stretch of K in one Dot. */
  function product(x: Digits, y: Digits, block: number, factor?: Value): Value {
    const levels: Value[] = [];
    const depth = Math.max(x.parts.length, y.parts.length);
    for (let level = 0; level < depth; level++) {
      let leaves: Value[] = [];
      for (let i = 0; i <= level; i++) {
        const left = x.parts[i];
        const right = y.parts[level - i];
        if (!left || !right) continue;
        const k = left.shape.at(-1)!;
        for (let from = 0; from < k; from += block) {
          const to = Math.min(from + block, k);
          leaves.push(
            op(
              'Dot',
              cut(left, left.shape.length - 1, from, to),
              cut(right, right.shape.length - 2, from, to),
            ),
          );
        }
      }
      while (leaves.length > 1) {
        const next: Value[] = [];
        for (let i = 0; i < leaves.length; i += 2)
          next.push(i + 1 < leaves.length ? op('Add', leaves[i]!, leaves[i + 1]!) : leaves[i]!);
        leaves = next;
      }
      if (leaves[0]) levels.push(leaves[0]);
    }
    const unit = x.unit && y.unit ? op('Mul', x.unit, y.unit) : (x.unit ?? y.unit);
    const scale = unit && factor ? op('Mul', unit, factor) : (unit ?? factor);
    const scaled = levels.map((sum, level) => {
      if (level === 0) return scale ? op('Mul', sum, scale) : sum;
      return op('Mul', sum, scale ? op('Mul', scale, c(256 ** -level)) : c(256 ** -level));
    });
    return scaled.reduceRight((sum, level) => op('Add', level, sum));
  }

  return { c, op, digits, transposed, product, largest };
}

export interface StepShape {
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  /** Bytes over 255 instead of floats. */
  readonly bytes: boolean;
  readonly digits: number;
  readonly block: number;
}

/** A two-layer network with relu and squared error, one step of gradient descent. */
export function trainingStep(shape: StepShape): Graph {
  const b = new GraphBuilder();
  const { c, op, digits, transposed, product, largest } = spelling(b);
  const { batch, inputs, hidden, outputs, bytes, digits: count, block } = shape;
  const state = (name: string, dims: number[]): Value =>
    b.input(name, { dtype: 'f32', shape: dims }, STATE, {
      kind: 'state',
      init: { kind: 'constant', value: 0 },
    });
  const free = (name: string, dims: number[], bounds: Range): Value =>
    b.input(name, { dtype: 'f32', shape: dims }, bounds, { kind: 'free' });
  const x = free(
    'x',
    [batch, inputs],
    bytes ? integerRange(0, 255) : range({ lo: -16, hi: 16, quantum: 2 ** -60 }),
  );
  const y = free('y', [batch, outputs], range({ lo: -16, hi: 16, quantum: 2 ** -60 }));
  const [w0, b0, w1, b1] = [
    state('w0', [inputs, hidden]),
    state('b0', [1, hidden]),
    state('w1', [hidden, outputs]),
    state('b1', [1, outputs]),
  ];
  const rate = c(0.037);
  const data: Digits = bytes ? { parts: [x], unit: undefined } : digits(x, count);
  const pixel = bytes ? c(1 / 255) : undefined;
  const z0 = op('Add', product(data, digits(w0, count), block, pixel), b0);
  const h = op('Max', z0, c(0));
  const grid = c(1.5 * 2 ** -30);
  const onGrid = (v: Value): Value => op('Sub', op('Add', v, grid), grid);
  const z1 = op('Add', product(digits(onGrid(h), count), digits(w1, count), block), b1);
  const gap = onGrid(op('Sub', z1, y));
  const delta = op('Mul', gap, c(2 / (batch * outputs)));
  const ones: Digits = { parts: [b.constant(new Float32Array(batch).fill(1), [1, batch])], unit: undefined };
  const d1 = digits(delta, count);
  const step = (w: Value, gradient: Value): Value => op('Sub', w, gradient);
  b.output('w1', step(w1, product(transposed(digits(onGrid(h), count)), d1, block, rate)), 'state');
  b.output('b1', step(b1, product(ones, d1, block, rate)), 'state');
  const mask = b.add('Cast', [op('Less', c(0), h)], { to: 'f32' });
  const d0 = digits(op('Mul', product(d1, transposed(digits(w1, count)), block), mask), count);
  b.output(
    'w0',
    step(w0, product(transposed(data), d0, block, pixel ? op('Mul', pixel, rate) : rate)),
    'state',
  );
  b.output('b0', step(b0, product(ones, d0, block, rate)), 'state');
  b.output(
    'loss',
    b.add('Reshape', [b.add('ReduceMax', [op('Abs', gap)], { axes: [0, 1] })], { shape: [] }),
    'loss',
  );
  b.output(
    'health',
    [w0, b0, w1, b1].map(largest).reduce((p, q) => op('Max', p, q)),
    'health',
  );
  return b.build();
}

/** Values that keep the declared range, edges included, drawn by `draw` from [0, 1). */
export function inputsFor(
  graph: Graph,
  draw: () => number,
  kind: 'random' | 'zeros' | 'extreme',
): Record<string, TensorValue> {
  const inputs: Record<string, TensorValue> = {};
  for (const node of graph.nodes) {
    if (node.op !== 'Input') continue;
    const { range: r, type } = node;
    const size = type.shape.reduce((a, n) => a * n, 1);
    const data = new Float32Array(size);
    const spread = Math.min(magnitude(r), node.source?.kind === 'state' ? 0.5 : 255);
    for (let i = 0; i < size; i++) {
      if (kind === 'zeros') data[i] = 0;
      else if (kind === 'extreme') data[i] = draw() < 0.5 ? r.lo : r.hi;
      else
        data[i] =
          r.quantum >= 1
            ? Math.floor(draw() * (r.hi + 1))
            : (draw() * 2 - 1) * spread * 2 ** -Math.floor(draw() * 12);
    }
    const grid = Math.max(r.quantum, 2 ** -40);
    for (let i = 0; i < size; i++)
      data[i] = Math.min(Math.max(Math.round(data[i]! / grid) * grid, r.lo), r.hi);
    inputs[node.name!] = { ...type, data };
  }
  return inputs;
}

export function xorshift(seed: number): () => number {
  let x = seed | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}
