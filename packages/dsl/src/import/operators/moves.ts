/** ONNX's operators that only move elements; of constants they are computed at once. */
import * as t from '../../tensor/build.js';
import {
  concat,
  expand,
  manyPlaces,
  reserve,
  reshape,
  rows,
  slice,
  tensorOf,
  transpose,
} from '../algebra.js';
import {
  axesOf,
  axisOf,
  formatShape,
  given,
  integer,
  integers,
  list,
  operand,
  refuse,
  scalarOf,
  text,
  type Family,
  type Operation,
} from '../operation.js';
import { count, known, traced, type Value } from '../value.js';

function reshaped(o: Operation): Value {
  const x = operand(o, 0);
  const wanted = given(o, 1) ? integers(o, 1, 'shape') : (list(o, 'shape') ?? []);
  const keep = integer(o, 'allowzero', 0) === 0;
  const dims = wanted.map((dim, axis) =>
    dim === 0 && keep ? (x.shape[axis] ?? refuse('its shape keeps an axis that is not there')) : dim,
  );
  const open = dims.filter((dim) => dim === -1).length;
  const rest = count(dims.filter((dim) => dim !== -1));
  if (open > 1 || dims.some((dim) => dim < -1)) refuse(`${formatShape(wanted)} is no shape`);
  const shape = dims.map((dim) => (dim === -1 ? count(x.shape) / rest : dim));
  if (count(shape) !== count(x.shape) || !shape.every(Number.isInteger)) {
    refuse(
      `${formatShape(x.shape)} has ${count(x.shape)} elements and cannot become ${formatShape(wanted)}`,
      'a shape that is fixed for another batch must be exported with a free batch axis',
    );
  }
  return reshape(o.algebra, x, shape);
}

function sliced(o: Operation): Value {
  let x = operand(o, 0);
  const old = o.inputs.length === 1;
  const starts = old ? (list(o, 'starts') ?? []) : integers(o, 1, 'starts');
  const ends = old ? (list(o, 'ends') ?? []) : integers(o, 2, 'ends');
  const axes = (old ? list(o, 'axes') : given(o, 3) && integers(o, 3, 'axes')) ?? starts.map((_, d) => d);
  const steps = (given(o, 4) && integers(o, 4, 'steps')) ?? starts.map(() => 1);
  if (new Set([starts.length, ends.length, axes.length, steps.length]).size !== 1)
    refuse('its starts, ends, axes and steps differ in number');
  const rank = x.shape.length;
  axes.forEach((raw, i) => {
    const axis = axisOf(raw, rank);
    const dim = x.shape[axis]!;
    const step = steps[i]!;
    if (step === 0) refuse('a step is 0');
    const [low, high] = step > 0 ? [0, dim] : [-1, dim - 1];
    const within = (place: number): number => Math.min(Math.max(place < 0 ? place + dim : place, low), high);
    const start = step < 0 ? Math.max(within(starts[i]!), 0) : within(starts[i]!);
    const length = dim === 0 ? 0 : Math.max(0, Math.ceil((within(ends[i]!) - start) / step));
    x = slice(o.algebra, x, axis, start, length, step);
  });
  return x;
}

function split(o: Operation): Value[] {
  const x = operand(o, 0);
  const axis = axisOf(integer(o, 'axis', 0), x.shape.length);
  const dim = x.shape[axis]!;
  const parts = integer(o, 'num_outputs', o.node.outputs.length);
  const even = Math.ceil(dim / Math.max(1, parts));
  const lengths =
    (given(o, 1) ? integers(o, 1, 'lengths') : list(o, 'split')) ??
    Array.from({ length: Math.min(parts, 4096) }, (_, i) => Math.max(0, Math.min(even, dim - i * even)));
  if (lengths.some((n) => n < 0) || lengths.reduce((a, b) => a + b, 0) !== dim)
    refuse(`lengths ${formatShape(lengths)} do not add up to ${dim}`);
  let start = 0;
  return lengths.map((length, i) => {
    const from = start;
    start += length;
    // An output that nothing uses need not exist.
    return o.used[i] === true
      ? slice(o.algebra, x, axis, from, length)
      : known('f32', [0], new Float64Array(0));
  });
}

function gathered(o: Operation): Value {
  const [x, at] = [operand(o, 0), operand(o, 1)];
  const axis = axisOf(integer(o, 'axis', 0), x.shape.length);
  const dim = x.shape[axis]!;
  const places = at.kind === 'known' ? at : undefined;
  if (at.type !== 'i32') refuse('its indices are no integers');
  if (places) {
    const list = [...places.data].map((place) => (place < 0 ? place + dim : place));
    const beyond = list.find((place) => !(place >= 0 && place < dim));
    if (beyond !== undefined) refuse(`the index ${beyond} lies outside the ${dim} places of its axis`);
    const y = rows(o.algebra, x, axis, list);
    return reshape(o.algebra, y, [...x.shape.slice(0, axis), ...at.shape, ...x.shape.slice(axis + 1)]);
  }
  if (axis !== 0) refuse('its indices are computed in the step, and its axis is not the first');
  if (x.kind === 'known' && x.type !== 'f32')
    refuse('it picks constants that are not f32 by computed indices');
  return traced(t.gather(tensorOf(o.algebra, x), tensorOf(o.algebra, at)));
}

function padded(o: Operation): Value {
  let x = operand(o, 0);
  const rank = x.shape.length;
  const mode = text(o, 'mode', 'constant');
  const amounts = given(o, 1) ? integers(o, 1, 'amounts') : (list(o, 'pads') ?? []);
  const axes = (given(o, 3) ? axesOf(o, 3, rank) : undefined) ?? x.shape.map((_, axis) => axis);
  const value = given(o, 2) ? scalarOf(o, 2, 'value') : (o.node.attributes.get('value')?.f ?? 0);
  if (amounts.length !== 2 * axes.length) refuse('its amounts do not fit the axes');
  axes.forEach((axis, i) => {
    let [before, after] = [amounts[i]!, amounts[i + axes.length]!];
    // A negative amount takes away.
    const dim = x.shape[axis]!;
    const [cut, keep] = [Math.max(0, -before), dim - Math.max(0, -before) - Math.max(0, -after)];
    if (keep < 1) refuse('its amounts leave nothing of an axis');
    x = slice(o.algebra, x, axis, cut, keep);
    [before, after] = [Math.max(0, before), Math.max(0, after)];
    if (before + after > 0) x = extended(o, x, axis, before, after, mode, value);
  });
  return x;
}

/** One axis with places before and after it. */
function extended(
  o: Operation,
  x: Value,
  axis: number,
  before: number,
  after: number,
  mode: string,
  value: number,
): Value {
  const dim = x.shape[axis]!;
  if (before + after + dim > 2 ** 31 - 1) refuse('its amounts are too large');
  if (mode === 'constant') {
    if (value === 0 && x.kind !== 'known') return traced(t.pad(tensorOf(o.algebra, x), axis, before, after));
    const strip = (n: number): Value[] =>
      n === 0 ? [] : [expand(o.algebra, known(x.type, [], Float64Array.of(value)), x.shape.with(axis, n))];
    return concat(o.algebra, [...strip(before), x, ...strip(after)], axis);
  }
  manyPlaces(before + dim + after);
  const places = Array.from({ length: before + dim + after }, (_, i) => {
    const at = i - before;
    if (mode === 'edge') return Math.min(Math.max(at, 0), dim - 1);
    if (mode === 'wrap') return ((at % dim) + dim) % dim;
    if (mode !== 'reflect') refuse(`its mode '${mode}' is not known`);
    const period = Math.max(1, 2 * (dim - 1));
    const folded = ((at % period) + period) % period;
    return folded < dim ? folded : period - folded;
  });
  return rows(o.algebra, x, axis, places);
}

function tiled(o: Operation): Value {
  const x = operand(o, 0);
  const repeats = integers(o, 1, 'repeats');
  if (repeats.length !== x.shape.length || repeats.some((n) => n < 1))
    refuse('its repeats do not fit the axes');
  const shape = x.shape.map((dim, axis) => dim * repeats[axis]!);
  const apart = reshape(
    o.algebra,
    x,
    x.shape.flatMap((dim, axis) => (repeats[axis] === 1 ? [dim] : [1, dim])),
  );
  const wide = x.shape.flatMap((dim, axis) => (repeats[axis] === 1 ? [dim] : [repeats[axis]!, dim]));
  return reshape(o.algebra, expand(o.algebra, apart, wide), shape);
}

/** Blocks of b x b places to channels, or back. */
function blocks(o: Operation, toDepth: boolean): Value {
  const x = operand(o, 0);
  const b = integer(o, 'blocksize', 0);
  const [n, c, h, w] = x.shape;
  if (x.shape.length !== 4 || b < 1) refuse('it needs [n, c, h, w] and a positive blocksize');
  if (toDepth) {
    if (h! % b !== 0 || w! % b !== 0) refuse(`blocks of ${b} do not fit into ${formatShape(x.shape)}`);
    const cut = reshape(o.algebra, x, [n!, c!, h! / b, b, w! / b, b]);
    return reshape(o.algebra, transpose(o.algebra, cut, [0, 3, 5, 1, 2, 4]), [
      n!,
      c! * b * b,
      h! / b,
      w! / b,
    ]);
  }
  if (c! % (b * b) !== 0) refuse(`${c} channels do not make blocks of ${b} by ${b}`);
  const deep = c! / (b * b);
  const columns = text(o, 'mode', 'DCR') === 'CRD';
  const cut = reshape(o.algebra, x, columns ? [n!, deep, b, b, h!, w!] : [n!, b, b, deep, h!, w!]);
  const turned = transpose(o.algebra, cut, columns ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
  return reshape(o.algebra, turned, [n!, deep, h! * b, w! * b]);
}

export const moves: Family = {
  Identity: { operands: [1, 1], build: (o) => operand(o, 0) },
  Reshape: { operands: [1, 2], attributes: ['allowzero', 'shape'], build: reshaped },
  Flatten: {
    operands: [1, 1],
    attributes: ['axis'],
    build(o) {
      const x = operand(o, 0);
      const axis = axisOf(integer(o, 'axis', 1), x.shape.length + 1);
      const negative = integer(o, 'axis', 1) < 0 ? axis - 1 : axis;
      return reshape(o.algebra, x, [count(x.shape.slice(0, negative)), count(x.shape.slice(negative))]);
    },
  },
  Transpose: {
    operands: [1, 1],
    attributes: ['perm'],
    build(o) {
      const x = operand(o, 0);
      const perm = list(o, 'perm') ?? x.shape.map((_, d) => x.shape.length - 1 - d);
      if (perm.length !== x.shape.length || [...perm].sort((a, b) => a - b).some((axis, d) => axis !== d))
        refuse(`${formatShape(perm)} is no order of ${x.shape.length} axes`);
      return transpose(o.algebra, x, perm);
    },
  },
  Squeeze: {
    operands: [1, 2],
    attributes: ['axes'],
    build(o) {
      const x = operand(o, 0);
      const axes = axesOf(o, 1, x.shape.length) ?? x.shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
      if (axes.some((axis) => x.shape[axis] !== 1)) refuse('an axis to be taken away is longer than 1');
      return reshape(
        o.algebra,
        x,
        x.shape.filter((_, axis) => !axes.includes(axis)),
      );
    },
  },
  Unsqueeze: {
    operands: [1, 2],
    attributes: ['axes'],
    build(o) {
      const x = operand(o, 0);
      const number = (given(o, 1) ? integers(o, 1, 'axes') : (list(o, 'axes') ?? [])).length;
      const axes = axesOf(o, 1, x.shape.length + number) ?? [];
      const rest = [...x.shape];
      const shape = Array.from({ length: x.shape.length + number }, (_, axis) =>
        axes.includes(axis) ? 1 : rest.shift()!,
      );
      return reshape(o.algebra, x, shape);
    },
  },
  Concat: {
    operands: [1, 4096],
    attributes: ['axis'],
    build(o) {
      const parts = o.inputs.map((_, i) => operand(o, i));
      return concat(o.algebra, parts, axisOf(integer(o, 'axis', 0), parts[0]!.shape.length));
    },
  },
  Split: { operands: [1, 2], attributes: ['axis', 'num_outputs', 'split'], build: split },
  Slice: {
    operands: [1, 5],
    attributes: ['axes', 'ends', 'starts'],
    limits: 'constant bounds',
    build: sliced,
  },
  Gather: {
    operands: [2, 2],
    attributes: ['axis'],
    limits: 'computed indices on the first axis only',
    build: gathered,
  },
  Expand: {
    operands: [2, 2],
    build: (o) => expand(o.algebra, operand(o, 0), integers(o, 1, 'shape')),
  },
  Tile: { operands: [2, 2], build: tiled },
  Pad: { operands: [1, 4], attributes: ['mode', 'pads', 'value'], limits: 'constant amounts', build: padded },
  DepthToSpace: { operands: [1, 1], attributes: ['blocksize', 'mode'], build: (o) => blocks(o, false) },
  SpaceToDepth: { operands: [1, 1], attributes: ['blocksize'], build: (o) => blocks(o, true) },
  Trilu: {
    operands: [1, 2],
    attributes: ['upper'],
    build(o) {
      const x = operand(o, 0);
      const k = given(o, 1) ? scalarOf(o, 1, 'diagonal') : 0;
      const upper = integer(o, 'upper', 1) === 1;
      const [h, w] = [x.shape.at(-2), x.shape.at(-1)];
      if (h === undefined || w === undefined) refuse('it needs a matrix');
      const kept = (i: number): boolean => {
        const [row, column] = [Math.floor(i / w) % h, i % w];
        return upper ? column >= row + k : column <= row + k;
      };
      if (x.kind === 'known')
        return known(
          x.type,
          x.shape,
          x.data.map((value, i) => (kept(i) ? value : 0)),
        );
      const mask = reserve(o.algebra, [h, w]).map((_, i) => Number(kept(i)));
      return traced(t.mul(tensorOf(o.algebra, x), tensorOf(o.algebra, known('f32', [h, w], mask))));
    },
  },
};
