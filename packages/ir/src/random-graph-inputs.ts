/** Random tensors that keep a declared range, its edges above all. */
import type { Graph } from './graph/graph.js';
import { inputsOf } from './graph/graph.js';
import { allows } from './value/conform.js';
import type { Range } from './value/range.js';
import { allocate, elements, type DType, type Shape, type TensorValue } from './value/type.js';

export interface Draw {
  below(limit: number): number;
  unit(): number;
  pick<T>(list: readonly T[]): T;
}

/** mulberry32: a few lines, good enough to pick test cases. */
export function generator(seed: number): Draw {
  let state = seed >>> 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(unit() * limit);
  return { unit, below, pick: (list) => list[below(list.length)]! };
}

/** Data of this type and range, edges included. */
export function fill(draw: Draw, dtype: DType, shape: Shape, r: Range): TensorValue['data'] {
  const data = allocate(dtype, elements(shape));
  for (let i = 0; i < data.length; i++) data[i] = sample(draw, r);
  return data;
}

/** An allowed value; one in three is an edge of the range. */
function sample(draw: Draw, r: Range): number {
  for (let tries = 0; tries < 50; tries++) {
    const edge = draw.below(3) === 0;
    const size = Math.max(Math.abs(r.lo), Math.abs(r.hi));
    let x: number;
    if (edge) x = draw.pick([r.lo, r.hi, 0, -0, r.tiny, -r.tiny, 1, -1]);
    else if (draw.below(2) === 0) x = r.lo + draw.unit() * (r.hi - r.lo);
    else x = (draw.below(2) ? 1 : -1) * size * 2 ** (-40 * draw.unit() ** 2);
    if (r.powerOfTwo && x > 0) x = 2 ** Math.round(Math.log2(x));
    if (!edge) x = Math.round(x / r.quantum) * r.quantum;
    if (!edge && x === 0 && !r.negativeZero) x = 0;
    x = r.quantum >= 1 && size > 2 ** 24 ? x : Math.fround(x);
    if (allows(r, x)) return x;
  }
  return r.hi;
}

/** One value for every input of a graph, within its declared range; the same for the same seed. */
export function randomInputs(graph: Graph, seed: number): Record<string, TensorValue> {
  const draw = generator(seed);
  const inputs: Record<string, TensorValue> = {};
  for (const { node } of inputsOf(graph)) {
    inputs[node.name!] = { ...node.type, data: fill(draw, node.type.dtype, node.type.shape, node.range) };
  }
  return inputs;
}
