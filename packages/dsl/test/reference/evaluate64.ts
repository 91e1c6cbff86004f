/** Evaluates the tensor program in float64 by the textbook formulas: what gradients and lowerings are held against. */
import type { Tensor } from '../../src/tensor/tensor.js';
import { topological } from '../../src/autodiff/differentiate.js';
import { broadcastOffset, coordinates, each, offset, size, type Row } from './places.js';
import { SELECTION64 } from './selection64.js';
import { NETS } from './nets64.js';
import { WINDOWS } from './windows64.js';

export { broadcastOffset, coordinates, each, offset, size, type Row } from './places.js';

/** Abramowitz and Stegun 7.1.5, summed until it no longer changes; |x| < 6. */
export function erf64(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 300; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Of tanh in gelu_tanh. */
const inner = (x: number): number => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const cumulative = (x: number): number => 0.5 * (1 + erf64(x / Math.SQRT2));

const SCALAR: Readonly<Record<string, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  relu: (x) => Math.max(x, 0),
  tanh: Math.tanh,
  sigmoid,
  erf: erf64,
  gelu: (x) => x * cumulative(x),
  silu: (x) => x * sigmoid(x),
  softplus: (x) => Math.log1p(Math.exp(x)),
  positive: (x) => (x > 0 ? 1 : 0),
  sign: Math.sign,
  gelu_tanh: (x) => (x * (1 + Math.tanh(inner(x)))) / 2,
  gelu_tanh_gradient: (x) =>
    (1 + Math.tanh(inner(x))) / 2 +
    (x * (1 - Math.tanh(inner(x)) ** 2) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x)) / 2,
  gelu_gradient: (x) => cumulative(x) + x * density(x),
  silu_gradient: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
  erf_gradient: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
};

export function binary(f: (a: number, b: number) => number): Row {
  return ({ shape, inputs: [a, b] }, [x, y]) =>
    each(shape, (at) => f(x![broadcastOffset(at, a!.shape)]!, y![broadcastOffset(at, b!.shape)]!));
}

/** Applies f to each row of the last axis. */
export function rows(f: (row: Float64Array) => ArrayLike<number>): Row {
  return ({ inputs: [x] }, [data]) => {
    const width = x!.shape.at(-1)!;
    const out: number[] = [];
    for (let i = 0; i < data!.length; i += width) out.push(...Array.from(f(data!.subarray(i, i + width))));
    return Float64Array.from(out);
  };
}

export function logSoftmax(row: Float64Array): Float64Array {
  const max = Math.max(...row);
  const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x - max), 0));
  return row.map((x) => x - max - total);
}

export function moments(row: Float64Array, epsilon: number): { mean: number; inverse: number } {
  const mean = row.reduce((a, b) => a + b, 0) / row.length;
  const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
  return { mean, inverse: 1 / Math.sqrt(variance + epsilon) };
}

const ROWS: Readonly<Record<string, Row>> = {
  ...WINDOWS,
  ...NETS,
  ...SELECTION64,
  constant: ({ attributes }) => Float64Array.of(attributes['value'] as number),
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  leaky_relu: ({ attributes }, [x]) => x!.map((v) => (v > 0 ? v : v * (attributes['slope'] as number))),
  matmul({ shape, attributes, inputs: [a, b] }, [x, y]) {
    const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
    const terms = a!.shape.at(transposeA ? -2 : -1)!;
    const pick = (lead: number[], i: number, j: number, flipped: boolean, t: Tensor) =>
      broadcastOffset(lead, t.shape.slice(0, -2)) * t.shape.at(-2)! * t.shape.at(-1)! +
      (flipped ? j * t.shape.at(-1)! + i : i * t.shape.at(-1)! + j);
    return each(shape, (at) => {
      const lead = at.slice(0, -2);
      let sum = 0;
      for (let k = 0; k < terms; k++)
        sum +=
          x![pick(lead, at.at(-2)!, k, transposeA, a!)]! * y![pick(lead, k, at.at(-1)!, transposeB, b!)]!;
      return sum;
    });
  },
  sum({ shape, inputs: [x] }, [data]) {
    const out = new Float64Array(size(shape));
    data!.forEach((v, i) => (out[broadcastOffset(coordinates(i, x!.shape), shape)]! += v));
    return out;
  },
  softmax: rows((row) => logSoftmax(row).map(Math.exp)),
  log_softmax: rows(logSoftmax),
  normalize: (tensor, inputs) =>
    rows((row) => {
      const { mean, inverse } = moments(row, tensor.attributes['epsilon'] as number);
      return row.map((x) => (x - mean) * inverse);
    })(tensor, inputs),
  inverse_deviation: (tensor, inputs) =>
    rows((row) => [moments(row, tensor.attributes['epsilon'] as number).inverse])(tensor, inputs),
  cross_entropy({ inputs: [logits] }, [x, labels]) {
    const width = logits!.shape.at(-1)!;
    let sum = 0;
    labels!.forEach((label, i) => (sum -= logSoftmax(x!.subarray(i * width, (i + 1) * width))[label]!));
    return Float64Array.of(sum / labels!.length);
  },
  accuracy({ inputs: [logits] }, [x, labels]) {
    const width = logits!.shape.at(-1)!;
    const hits = labels!.filter(
      (label, i) => x![i * width + label]! === Math.max(...x!.subarray(i * width, (i + 1) * width)),
    );
    return Float64Array.of(hits.length / labels!.length);
  },
  one_hot: ({ shape }, [labels]) =>
    each(shape, (at) => (labels![offset(at.slice(0, -1), shape.slice(0, -1))] === at.at(-1) ? 1 : 0)),
  reshape: (_t, [x]) => x!,
  transpose({ shape, attributes, inputs: [x] }, [data]) {
    const perm = attributes['perm'] as readonly number[];
    return each(shape, (at) => {
      const from = new Array<number>(perm.length);
      perm.forEach((axis, i) => (from[axis] = at[i]!));
      return data![offset(from, x!.shape)]!;
    });
  },
  slice: ({ shape, attributes, inputs: [x] }, [data]) =>
    each(
      shape,
      (at) =>
        data![
          offset(
            at.map((c, d) => (d === attributes['axis'] ? c + (attributes['start'] as number) : c)),
            x!.shape,
          )
        ]!,
    ),
  pad: ({ shape, attributes, inputs: [x] }, [data]) =>
    each(shape, (at) => {
      const from = at.map((c, d) => (d === attributes['axis'] ? c - (attributes['before'] as number) : c));
      return from.every((c, d) => c >= 0 && c < x!.shape[d]!) ? data![offset(from, x!.shape)]! : 0;
    }),
  concat({ shape, attributes, inputs }, data) {
    const axis = attributes['axis'] as number;
    return each(shape, (at) => {
      let c = at[axis]!;
      let part = 0;
      while (c >= inputs[part]!.shape[axis]!) c -= inputs[part++]!.shape[axis]!;
      return data[part]![offset(at.with(axis, c), inputs[part]!.shape)]!;
    });
  },
  expand: ({ shape, inputs: [x] }, [data]) => each(shape, (at) => data![broadcastOffset(at, x!.shape)]!),
  gather({ inputs: [table] }, [data, indices]) {
    const width = size(table!.shape.slice(1));
    return Float64Array.from([...indices!].flatMap((i) => [...data!.subarray(i * width, (i + 1) * width)]));
  },
  scatter_add({ shape, inputs: [, indices] }, [updates, at]) {
    const out = new Float64Array(size(shape));
    const width = size(shape.slice(1));
    for (let i = 0; i < size(indices!.shape); i++)
      for (let j = 0; j < width; j++) out[at![i]! * width + j]! += updates![i * width + j]!;
    return out;
  },
};

/** Values of `roots`; `leaves` gives the columns and weights (by object) and, for dropout, the mask under its tensor. */
export function evaluate64(
  roots: readonly Tensor[],
  leaves: ReadonlyMap<Tensor, Float64Array>,
  masks: ReadonlyMap<number, Float64Array> = new Map(),
): Float64Array[] {
  const values = new Map<Tensor, Float64Array>(leaves);
  for (const tensor of topological(roots)) {
    if (values.has(tensor)) continue;
    const inputs = tensor.inputs.map((input) => values.get(input)!);
    const scalar = SCALAR[tensor.op];
    if (scalar) values.set(tensor, inputs[0]!.map(scalar));
    else if (tensor.op === 'dropout')
      values.set(
        tensor,
        inputs[0]!.map((x, i) => x * masks.get(tensor.attributes['stream'] as number)![i]!),
      );
    else values.set(tensor, ROWS[tensor.op]!(tensor, inputs));
  }
  return roots.map((root) => values.get(root)!);
}
