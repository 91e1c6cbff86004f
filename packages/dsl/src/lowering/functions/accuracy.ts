/** What is promised of each elementary function, and how it is measured: error in units in the last place of the exact value. */
import { evaluate, exponentOf, GraphBuilder, range, type Range, type Value } from '@gensyn/ir';
import { erf, erfDerivative } from './erf.js';
import { exp } from './exp.js';
import { gelu, geluDerivative } from './gelu.js';
import { log } from './log.js';
import { erfReference, logistic, normalDensity, normalDistribution, softplusReference } from './reference.js';
import { sigmoid } from './sigmoid.js';
import { silu, siluDerivative } from './silu.js';
import { softplus } from './softplus.js';
import { tanh } from './tanh.js';

export interface Accuracy {
  readonly name: string;
  /** Which lowering: for small tensors, for large ones, or the same for all. */
  readonly form: 'small' | 'large' | 'any';
  build(b: GraphBuilder, x: Value): Value;
  reference(x: number): number;
  /** Interval of the promise, and how far its points go down towards zero: |x| >= 2^depth. */
  readonly lo: number;
  readonly hi: number;
  readonly depth: number;
  /** Largest error in ulp, plus `quadratic` x^2 ulp. */
  readonly ulp: number;
  readonly quadratic: number;
  /** What happens beyond. */
  readonly outside: string;
}

type Draft = Pick<Accuracy, 'name' | 'reference' | 'lo' | 'hi' | 'depth' | 'ulp' | 'outside'> & {
  readonly quadratic?: number;
};

function any(draft: Draft, build: Accuracy['build']): Accuracy[] {
  return [{ quadratic: 0, ...draft, form: 'any', build }];
}

function both(
  draft: Draft,
  build: (b: GraphBuilder, x: Value, options: { form: 'table' | 'squaring' }) => Value,
): Accuracy[] {
  return [
    { quadratic: 0, ...draft, form: 'small', build: (b, x) => build(b, x, { form: 'table' }) },
    { quadratic: 0, ...draft, form: 'large', build: (b, x) => build(b, x, { form: 'squaring' }) },
  ];
}

const clamped = 'x is clamped';
const phi = normalDensity;
const Phi = normalDistribution;

export const ACCURACIES: readonly Accuracy[] = [
  ...both({ name: 'exp', reference: Math.exp, lo: -50, hi: 50, depth: -40, ulp: 2, outside: clamped }, exp),
  ...any(
    {
      name: 'log (counting)',
      reference: Math.log,
      lo: 2 ** -60,
      hi: 2 ** 60,
      depth: -60,
      ulp: 2,
      outside: clamped,
    },
    (b, x) => log(b, x, { form: 'count' }),
  ),
  ...any(
    {
      name: 'log (roots)',
      reference: Math.log,
      lo: 2 ** -60,
      hi: 2 ** 60,
      depth: -60,
      ulp: 2,
      outside: clamped,
    },
    (b, x) => log(b, x, { form: 'roots' }),
  ),
  ...any(
    {
      name: 'tanh',
      reference: Math.tanh,
      lo: -12,
      hi: 12,
      depth: -36,
      ulp: 4,
      outside: '-1 and 1; below 2^-36, x in steps of 2^-59',
    },
    tanh,
  ),
  ...both(
    { name: 'sigmoid', reference: logistic, lo: -50, hi: 50, depth: -40, ulp: 4, outside: clamped },
    sigmoid,
  ),
  ...any(
    {
      name: 'erf',
      reference: erfReference,
      lo: -5,
      hi: 5,
      depth: -36,
      ulp: 4,
      outside: '-1 and 1; below 2^-36, x in steps of 2^-59',
    },
    erf,
  ),
  ...both(
    {
      name: "erf'",
      reference: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
      lo: -7,
      hi: 7,
      depth: -36,
      ulp: 3,
      quadratic: 1,
      outside: clamped,
    },
    erfDerivative,
  ),
  ...both(
    {
      name: 'gelu, x >= -1',
      reference: (x) => x * Phi(x),
      lo: -1,
      hi: 50,
      depth: -24,
      ulp: 4,
      outside: 'x for large x; below 2^-24, x in steps of 2^-48',
    },
    gelu,
  ),
  ...both(
    {
      name: 'gelu, x < -1',
      reference: (x) => x * Phi(x),
      lo: -7.75,
      hi: -1,
      depth: 0,
      ulp: 4,
      quadratic: 1,
      outside: 'its value at -7.75, -3.6e-14',
    },
    gelu,
  ),
  ...both(
    {
      name: "gelu', x >= 0",
      reference: (x) => Phi(x) + x * phi(x),
      lo: 0,
      hi: 50,
      depth: -24,
      ulp: 4,
      outside: '1',
    },
    geluDerivative,
  ),
  ...both(
    {
      name: 'silu',
      reference: (x) => x * logistic(x),
      lo: -50,
      hi: 50,
      depth: -27,
      ulp: 4,
      outside: 'x for large x, x e^-50 below; below 2^-27, x in steps of 2^-51',
    },
    silu,
  ),
  ...both(
    {
      name: "silu', x >= -1",
      reference: (x) => logistic(x) * (1 + x * (1 - logistic(x))),
      lo: -1,
      hi: 50,
      depth: -27,
      ulp: 10,
      outside: '1',
    },
    siluDerivative,
  ),
  ...both(
    {
      name: 'softplus',
      reference: softplusReference,
      lo: -40,
      hi: 50,
      depth: -40,
      ulp: 4,
      outside: 'x for large x, e^-40 below',
    },
    softplus,
  ),
];

/** Every f32 that is normal or zero, of either sign: what a function must cope with. */
export const ANY: Range = range({ lo: -(2 ** 100), hi: 2 ** 100, tiny: 2 ** -126, negativeZero: true });

/** One ulp of binary32 at a value that need not be one. */
function ulpAt(exact: number): number {
  return 2 ** (Math.max(exponentOf(Math.abs(exact)), -126) - 23);
}

/** The same pseudo-random numbers in [0, 1) on every machine. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    let x = Math.imul(state ^ (state >>> 16), 0x45d9f3b);
    x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** Points of the promise's interval: the ends, powers of two and their neighbours, half uniform, half of uniform exponent. */
export function points(promised: Accuracy, count: number, seed = 1): Float32Array {
  const { lo, hi, depth } = promised;
  const next = numbers(seed);
  const out: number[] = [lo, hi];
  const inside = (x: number) => x >= lo && x <= hi;
  const top = exponentOf(Math.max(Math.abs(lo), hi));
  for (let e = depth; e <= top; e++) {
    for (const x of [2 ** e, 2 ** e * (1 + 2 ** -23), 2 ** e * (1 - 2 ** -24), 2 ** e * Math.SQRT2]) {
      for (const signed of [x, -x]) if (inside(signed) && x >= 2 ** depth) out.push(signed);
    }
  }
  while (out.length < count) {
    const uniform = out.length % 2 === 0;
    const x = uniform
      ? lo + (hi - lo) * next()
      : 2 ** (depth + (top + 1 - depth) * next()) * (next() < 0.5 ? -1 : 1);
    if (inside(Math.fround(x)) && Math.abs(x) >= 2 ** depth) out.push(Math.fround(x));
    else if (!uniform) out.push(Math.fround(lo + (hi - lo) * next()));
  }
  return Float32Array.from(out);
}

/** The function alone as a graph: one input `x`, one output. */
export function graphOf(build: Accuracy['build'], count: number, declared: Range = ANY) {
  const b = new GraphBuilder();
  const y = build(b, b.input('x', { dtype: 'f32', shape: [count] }, declared, { kind: 'free' }));
  b.output('y', y, 'output');
  return { graph: b.build(), range: y.range };
}

export interface Measurement {
  /** Largest error in ulp, and where. */
  readonly ulp: number;
  readonly at: number;
  /** Largest error over what is allowed there. */
  readonly share: number;
  /** Operators in the graph. */
  readonly nodes: number;
}

export function measure(promised: Accuracy, count: number): Measurement {
  const x = points(promised, count);
  const { graph } = graphOf(promised.build, x.length);
  const y = evaluate(graph, { x: { dtype: 'f32', shape: [x.length], data: x } }).at(-1)!.data;
  let worst = { ulp: 0, at: 0, share: 0 };
  for (let i = 0; i < x.length; i++) {
    const exact = promised.reference(x[i]!);
    if (exact === 0) continue;
    const ulp = Math.abs(y[i]! - exact) / ulpAt(exact);
    const share = ulp / (promised.ulp + promised.quadratic * x[i]! ** 2);
    if (!(share <= worst.share)) worst = { ulp, at: x[i]!, share };
  }
  return { ...worst, nodes: graph.nodes.filter(({ op }) => op !== 'Input' && op !== 'Constant').length };
}
