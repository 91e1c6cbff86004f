/** Moves and elementwise functions over imported values: computed at once for constants, built as tensors for all else. */
import { GensynError, broadcastMap, broadcastShape, bytesOf, stridesOf, tensorRoot } from '@gensyn/ir';
import * as t from '../tensor/build.js';
import { array } from '../tensor/selection.js';
import type { ElementType, Shape, Tensor } from '../tensor/tensor.js';
import { importError, quoted } from './import-error.js';
import { INFINITE, MAX_FOLDED, MAX_RANK, MAX_WEIGHT } from './limits.js';
import { count, known, traced, type Initial, type Known, type Value } from './value.js';

/** Makes the weight of an initialiser, once. */
export type WeightOf = (initial: Initial) => Tensor;

/** Counts the elements of constants, so that a small file cannot ask for much memory. */
export interface Folding {
  elements: number;
}

export interface Algebra {
  readonly weightOf: WeightOf;
  readonly folding: Folding;
}

/** Errors: L0815 for a shape that no tensor has, L0819 when constants grow too large. */
export function reserve(algebra: Algebra, shape: Shape): Float64Array {
  if (shape.length > MAX_RANK || !shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0))
    throw importError('L0815', `[${shape.join(', ')}] is no shape of a tensor`);
  algebra.folding.elements += count(shape);
  if (algebra.folding.elements > MAX_FOLDED)
    throw importError('L0819', `the constants of the network have more than ${MAX_FOLDED} elements together`);
  return new Float64Array(count(shape));
}

/** The grid of weights in a state, and what is not on it of itself. */
const GRID = 2 ** -104;
const FINE = 2 ** -80;

/** Values as they are committed: multiples of 2^-104 below 2^20 in magnitude, no -0. Errors: L0817. */
export function weightValues(
  name: string,
  data: Float32Array,
): { data: Float32Array; root: (shape: Shape) => string } {
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    const size = Math.abs(x);
    if (!(size < MAX_WEIGHT)) {
      throw importError(
        'L0817',
        `element ${i} of ${quoted(name)} is ${x}; weights lie within ±${MAX_WEIGHT}`,
        {
          help: 'scale the network, or store constants such as masks in nodes of type Constant',
        },
      );
    }
    out[i] = size < FINE ? Math.round(x / GRID) * GRID + 0 : x;
  }
  return { data: out, root: (shape) => Buffer.from(tensorRoot('f32', shape, bytesOf(out))).toString('hex') };
}

/** A constant as canonical graphs hold it. Errors: L0817 for NaN, and for integers beyond 32 bits. */
function literal(value: Known): Tensor {
  const { type, shape, data } = value;
  if (type === 'f32') {
    const floats = Float32Array.from(data, (x) => {
      if (Number.isNaN(x)) throw importError('L0817', 'a constant of the network is NaN');
      const within = Math.min(Math.max(x, -INFINITE), INFINITE);
      return Math.abs(within) < 2 ** -126 ? 0 : within + 0;
    });
    return uniform(floats, shape) ?? array(floats, shape);
  }
  if (type === 'bool') return array(Uint8Array.from(data), shape);
  const far = data.find((x) => Math.abs(x) > 2 ** 31 - 1);
  if (far !== undefined) throw importError('L0817', `the integer constant ${far} does not fit 32 bits`);
  return array(Int32Array.from(data), shape);
}

/** Many equal numbers are one scalar, repeated. */
function uniform(data: Float32Array, shape: Shape): Tensor | undefined {
  const first = data[0];
  if (first === undefined || !data.every((x) => x === first)) return undefined;
  return shape.length === 0 ? t.scalar(first) : t.expand(t.scalar(first), shape);
}

/** The value as a tensor of the step. Errors: L0815, L0817. */
export function tensorOf(algebra: Algebra, value: Value): Tensor {
  if (value.kind === 'traced') return value.tensor;
  if (value.kind === 'initial') return algebra.weightOf(value);
  if (count(value.shape) === 0)
    throw importError('L0815', `a constant of shape [${value.shape.join(', ')}] has no elements`);
  return literal(value);
}

/** Reads a value that must be constant; undefined if it is computed in the step. */
export function constantOf(algebra: Algebra, value: Value): Known | undefined {
  if (value.kind === 'known') return value;
  if (value.kind === 'traced') return undefined;
  const data = reserve(algebra, value.shape);
  data.set(value.data());
  return known('f32', value.shape, data);
}

const rounded = (type: ElementType, x: number): number =>
  type === 'f32' ? Math.fround(x) : type === 'bool' ? Number(x !== 0) : Math.trunc(x);

/** Applies a function to constants, element by element after broadcasting. Errors: L0815, L0819. */
export function fold(
  algebra: Algebra,
  operands: readonly Known[],
  type: ElementType,
  f: (...values: number[]) => number,
): Known {
  const shape = broadcastShape(operands.map((each) => each.shape));
  if (!shape) {
    const shapes = operands.map((each) => `[${each.shape.join(', ')}]`).join(' and ');
    throw importError('L0815', `constants of shapes ${shapes} do not fit together`);
  }
  const out = reserve(algebra, shape);
  const maps = operands.map((each) => broadcastMap(each.shape, shape).strides);
  each(shape, maps, (i, at) => {
    out[i] = rounded(type, f(...at.map((place, n) => operands[n]!.data[place]!)));
  });
  return known(type, shape, out);
}

/** Visits the places of `shape` in order, with the offset that each list of strides gives. */
function each(
  shape: Shape,
  strides: readonly (readonly number[])[],
  visit: (index: number, at: readonly number[]) => void,
): void {
  const total = count(shape);
  const place = shape.map(() => 0);
  const at = strides.map(() => 0);
  for (let i = 0; i < total; i++) {
    visit(i, at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis]!++;
      strides.forEach((list, n) => (at[n]! += list[axis]!));
      if (place[axis]! < shape[axis]!) break;
      strides.forEach((list, n) => (at[n]! -= list[axis]! * shape[axis]!));
      place[axis] = 0;
    }
  }
}

/** The elements of a constant at `start + strides . place`. */
function picked(algebra: Algebra, x: Known, shape: Shape, start: number, strides: readonly number[]): Known {
  const out = reserve(algebra, shape);
  each(shape, [strides], (i, [at]) => (out[i] = x.data[start + at!]!));
  return known(x.type, shape, out);
}

export function reshape(algebra: Algebra, x: Value, shape: Shape): Value {
  if (x.kind === 'known' && count(shape) === count(x.shape)) return known(x.type, shape, x.data);
  if (x.shape.length === shape.length && shape.every((dim, axis) => dim === x.shape[axis])) return x;
  if (x.kind === 'known') {
    throw importError('L0815', `[${x.shape.join(', ')}] cannot become [${shape.join(', ')}]`);
  }
  return traced(t.reshape(tensorOf(algebra, x), shape));
}

export function transpose(algebra: Algebra, x: Value, perm: readonly number[]): Value {
  if (perm.every((axis, d) => axis === d)) return x;
  if (x.kind !== 'known') return traced(t.transpose(tensorOf(algebra, x), perm));
  const strides = stridesOf(x.shape);
  const shape = perm.map((axis) => x.shape[axis]!);
  return picked(
    algebra,
    x,
    shape,
    0,
    perm.map((axis) => strides[axis]!),
  );
}

/** Errors: L0819 for more places than constants may have, before any list of them is made. */
export function manyPlaces(length: number): void {
  if (length > MAX_FOLDED)
    throw importError(
      'L0819',
      `${length} places of an axis are picked one by one; at most ${MAX_FOLDED} can be`,
    );
}

/** `length` elements of an axis from `start` on, every `step`-th (which may be negative). */
export function slice(
  algebra: Algebra,
  x: Value,
  axis: number,
  start: number,
  length: number,
  step = 1,
): Value {
  if (step === 1 && start === 0 && length === x.shape[axis]) return x;
  const shape = x.shape.with(axis, length);
  if (x.kind === 'known') {
    const strides = stridesOf(x.shape);
    return picked(algebra, x, shape, start * strides[axis]!, strides.with(axis, strides[axis]! * step));
  }
  // Nothing at all needs no step; joined with something it vanishes.
  if (length === 0) return known(x.type, shape, new Float64Array(0));
  const tensor = tensorOf(algebra, x);
  if (step === 1 || length === 1) return traced(t.slice(tensor, axis, start, start + length));
  manyPlaces(length);
  return rows(
    algebra,
    x,
    axis,
    Array.from({ length }, (_, i) => start + i * step),
  );
}

/** Slices that are moved whole before it is better to pick place by place. */
const RUNS = 16;

/** Places of an axis by number, in any order. Errors: L0819 for too many. */
export function rows(algebra: Algebra, x: Value, axis: number, places: readonly number[]): Value {
  if (x.kind === 'known') return pickedRows(algebra, x, axis, places);
  const runs: { from: number; to: number }[] = [];
  for (let from = 0; from < places.length && runs.length <= RUNS;) {
    let to = from + 1;
    while (to < places.length && places[to] === places[to - 1]! + 1) to++;
    runs.push({ from, to });
    from = to;
  }
  if (runs.length <= RUNS) {
    const parts = runs.map(({ from, to }) => slice(algebra, x, axis, places[from]!, to - from));
    return parts.length === 0 ? slice(algebra, x, axis, 0, 0) : concat(algebra, parts, axis);
  }
  reserve(algebra, [places.length]);
  const perm = x.shape.map((_, d) => d);
  const front = [axis, ...perm.filter((d) => d !== axis)];
  const table = transpose(algebra, x, front);
  const indices = array(Int32Array.from(places), [places.length]);
  const gathered = traced(t.gather(tensorOf(algebra, table), indices));
  return transpose(
    algebra,
    gathered,
    perm.map((d) => front.indexOf(d)),
  );
}

function pickedRows(algebra: Algebra, x: Known, axis: number, places: readonly number[]): Known {
  const shape = x.shape.with(axis, places.length);
  const out = reserve(algebra, shape);
  const inner = count(shape.slice(axis + 1));
  const [from, to] = [x.shape[axis]! * inner, places.length * inner];
  for (let outer = 0; outer * to < out.length; outer++) {
    places.forEach((place, n) => {
      const start = outer * from + place * inner;
      out.set(x.data.subarray(start, start + inner), outer * to + n * inner);
    });
  }
  return known(x.type, shape, out);
}

export function concat(algebra: Algebra, parts: readonly Value[], axis: number): Value {
  const [first] = parts;
  if (parts.length === 1) return first!;
  if (!parts.every((part): part is Known => part.kind === 'known')) {
    // What an empty constant adds is nothing.
    const filled = parts.filter((part) => part.shape[axis] !== 0);
    return traced(
      t.concat(
        filled.map((part) => tensorOf(algebra, part)),
        axis,
      ),
    );
  }
  const shape = first!.shape.with(
    axis,
    parts.reduce((sum, part) => sum + (part.shape[axis] ?? 0), 0),
  );
  const fits = parts.every(
    (part) =>
      part.shape.length === shape.length && part.shape.every((dim, d) => d === axis || dim === shape[d]),
  );
  if (!fits) throw importError('L0815', 'constants of different shapes are joined');
  const out = reserve(algebra, shape);
  const inner = count(shape.slice(axis + 1));
  const row = shape[axis]! * inner;
  let start = 0;
  for (const part of parts) {
    const width = part.shape[axis]! * inner;
    for (let i = 0; i * width < part.data.length; i++)
      out.set(part.data.subarray(i * width, (i + 1) * width), i * row + start);
    start += width;
  }
  return known(parts[0]!.type, shape, out);
}

/** Repeats axes of length 1 and adds leading ones, as far as `shape` asks for it. */
export function expand(algebra: Algebra, x: Value, wanted: Shape): Value {
  const shape = broadcastShape([x.shape, wanted]);
  if (!shape)
    throw importError('L0815', `[${x.shape.join(', ')}] cannot be expanded to [${wanted.join(', ')}]`);
  if (shape.length === x.shape.length && shape.every((dim, axis) => dim === x.shape[axis])) return x;
  if (x.kind === 'known') return picked(algebra, x, shape, 0, broadcastMap(x.shape, shape).strides);
  return traced(t.expand(tensorOf(algebra, x), shape));
}

/** The error of a builder of tensors as one of the importer. */
export function shapesDoNotFit(cause: Error & { help?: string | undefined }): GensynError {
  return importError('L0815', cause.message, { help: cause.help, cause });
}
