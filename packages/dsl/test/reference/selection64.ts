/** Constants, bounds and choices in float64. */
import type { Tensor } from '../../src/tensor/tensor.js';
import { broadcastOffset, each, type Row } from './places.js';

function broadcast(f: (...values: number[]) => number): Row {
  return ({ shape, inputs }: Tensor, data) =>
    each(shape, (at) => f(...inputs.map((input, n) => data[n]![broadcastOffset(at, input.shape)]!)));
}

function bounds(tensor: Tensor): { lo: number; hi: number } {
  return tensor.attributes as unknown as { lo: number; hi: number };
}

export const SELECTION64: Readonly<Record<string, Row>> = {
  array: ({ attributes }) => Float64Array.from(attributes['data'] as Float32Array),
  clip: (tensor, [x]) => x!.map((v) => Math.min(Math.max(v, bounds(tensor).lo), bounds(tensor).hi)),
  inside: (tensor, [x]) => x!.map((v) => Number(v > bounds(tensor).lo && v < bounds(tensor).hi)),
  select: broadcast((mask, a, b) => (mask !== 0 ? a! : b!)),
  maximum: broadcast((a, b) => Math.max(a!, b!)),
  minimum: broadcast((a, b) => Math.min(a!, b!)),
};
