/**
 * `node scripts/minimax.mjs`: prints the coefficients of packages/dsl/src/lowering/functions. Each is a rational P / Q (or a polynomial) that
 * makes the largest weighted error small: Lawson's reweighted least squares, the residual linearised by the last Q, solved by Householder's QR.
 */
import { erfcReference, erfReference } from '../packages/dsl/dist/src/lowering/functions/reference.js';

/** Least squares by Householder reflections: x with A x ~ b. Rows are overwritten. */
function solve(rows, right) {
  const columns = rows[0].length;
  for (let c = 0; c < columns; c++) {
    let norm = 0;
    for (let r = c; r < rows.length; r++) norm = Math.hypot(norm, rows[r][c]);
    if (rows[c][c] > 0) norm = -norm;
    const v = rows.map((row, r) => (r < c ? 0 : row[c]));
    v[c] -= norm;
    const square = v.reduce((s, x) => s + x * x, 0);
    const reflect = (get, set) => {
      let dot = 0;
      for (let r = c; r < rows.length; r++) dot += v[r] * get(r);
      for (let r = c; r < rows.length; r++) set(r, get(r) - (2 * dot * v[r]) / square);
    };
    for (let k = c; k < columns; k++)
      reflect(
        (r) => rows[r][k],
        (r, x) => (rows[r][k] = x),
      );
    reflect(
      (r) => right[r],
      (r, x) => (right[r] = x),
    );
  }
  const x = new Array(columns).fill(0);
  for (let c = columns - 1; c >= 0; c--) {
    let sum = right[c];
    for (let k = c + 1; k < columns; k++) sum -= rows[c][k] * x[k];
    x[c] = sum / rows[c][c];
  }
  return x;
}

/** P / Q near f on [lo, hi]; `weight(t, f(t))` times the error is what counts. `first` fixes P(0). */
function fit({ f, lo, hi, p, q = 0, weight = (_, v) => 1 / v, first, rounds = 60 }) {
  const count = 8 * (p + q + 2);
  const t = Array.from(
    { length: count },
    (_, i) => (lo + hi) / 2 + ((hi - lo) / 2) * Math.cos((Math.PI * (2 * i + 1)) / (2 * count)),
  );
  const size = Math.max(Math.abs(lo), Math.abs(hi));
  const value = t.map(f);
  const w = t.map((x, i) => weight(x, value[i]));
  let share = t.map(() => 1 / count);
  let denominator = t.map(() => 1);
  let best;
  const from = first === undefined ? 0 : 1;
  for (let round = 0; round < rounds; round++) {
    const scale = t.map((_, i) => (w[i] / denominator[i]) * Math.sqrt(share[i]));
    const powers = (i, a, b, factor) =>
      Array.from({ length: b - a + 1 }, (_, j) => factor * (t[i] / size) ** (a + j));
    const rows = t.map((_, i) => [...powers(i, from, p, scale[i]), ...powers(i, 1, q, -scale[i] * value[i])]);
    const x = solve(
      rows,
      t.map((_, i) => scale[i] * (value[i] - (first ?? 0))),
    );
    const P = [...(from ? [first] : []), ...x.slice(0, p + 1 - from)];
    const Q = [1, ...x.slice(p + 1 - from)];
    const at = (c, i) => c.reduceRight((s, k) => s * (t[i] / size) + k, 0);
    denominator = t.map((_, i) => at(Q, i));
    const error = t.map((_, i) => Math.abs((at(P, i) / denominator[i] - value[i]) * w[i]));
    const largest = Math.max(...error);
    if (!best || largest < best.error)
      best = { error: largest, P: P.map((c, j) => c / size ** j), Q: Q.map((c, j) => c / size ** j) };
    const total = share.reduce((s, l, i) => s + l * error[i], 0);
    share = share.map((l, i) => (l * error[i]) / total + 1e-12);
  }
  return best;
}

/** The shortest decimal that is this binary32. */
function literal(x) {
  const single = Math.fround(x);
  for (let digits = 6; digits < 17; digits++)
    if (Math.fround(Number(single.toPrecision(digits))) === single) return Number(single.toPrecision(digits));
  return single;
}

/** `scale` multiplies P and Q alike: it puts their values where binary32 is fine, found by trying 120 of them on 30,000 points. */
function show(name, { error, P, Q }, { scale = 1, half = 1 } = {}) {
  const print = (c, factor) =>
    `[${c.map((k, j) => literal(k * scale * factor * half ** (2 * j))).join(', ')}]`;
  console.log(`${name}: error 2^${Math.log2(error).toFixed(2)}`);
  console.log(`  P = ${print(P, half)}`);
  if (Q.length > 1) console.log(`  Q = ${print(Q, 1)}`);
}

const tail = (z) =>
  z > 1e-3
    ? ((2 * Math.atanh(Math.sqrt(z))) / Math.sqrt(z) - 2) / z
    : 2 / 3 + (2 / 5) * z + (2 / 7) * z * z + (2 / 9) * z ** 3;
/** How much of a relative error of t is left in 2 t / (1 + t^2). */
const left = (t) => (1 - t * t) / (1 + t * t);

const half = Math.LN2 / 2;
show(
  'exp, after 1: (e^r - 1) / r',
  fit({
    f: (r) => (r === 0 ? 1 : Math.expm1(r) / r),
    lo: -half,
    hi: half,
    p: 5,
    first: 1,
    weight: (r) => Math.abs(r) / Math.exp(r),
  }),
);
show('log, atanh tail', fit({ f: tail, lo: 0, hi: 0.0475, p: 2, weight: (z) => z }));
const q = 0.573;
show(
  'log, log2 w / q',
  fit({
    f: (z) => ((2 / Math.LN2) * Math.atanh(Math.sqrt(z))) / Math.sqrt(z),
    lo: 1e-9,
    hi: q * q,
    p: 1,
    weight: (z) => Math.sqrt(z),
  }),
);
show('softplus, atanh tail', fit({ f: tail, lo: 0, hi: 1 / 9, p: 3, weight: (z) => z }));
const tanhOver = (z) => Math.tanh(Math.sqrt(z)) / Math.sqrt(z);
show(
  'tanh',
  fit({
    f: tanhOver,
    lo: 0,
    hi: 4.51 ** 2,
    p: 2,
    q: 3,
    weight: (z, v) => (left(Math.tanh(Math.sqrt(z))) + 2 ** -12) / v,
  }),
  { scale: 1.86692, half: 0.5 },
);
const erfHalf = (z) => {
  const x = Math.sqrt(z);
  const e = erfReference(x);
  return e / (1 + Math.sqrt(erfcReference(x) * (1 + e))) / x;
};
show(
  'erf',
  fit({
    f: erfHalf,
    lo: 0,
    hi: 3.93 ** 2,
    p: 3,
    q: 4,
    weight: (z, v) => (left(v * Math.sqrt(z)) + 2 ** -12) / v,
  }),
  { scale: 1.76357 },
);
const mills = (a) => (erfcReference(a / Math.SQRT2) / 2) * Math.exp((a * a) / 2);
show('gelu', fit({ f: mills, lo: 0, hi: 7.75, p: 4, q: 4, weight: (a, v) => 1 / v / (1 + (a * a) / 2) }), {
  scale: 1.93698,
});
show(
  'sin r / r',
  fit({
    f: (z) => (z === 0 ? 1 : Math.sin(Math.sqrt(z)) / Math.sqrt(z)),
    lo: 0,
    hi: 1.575 ** 2,
    p: 4,
    first: 1,
  }),
);
