/** Constructors for constant tensors, bounds and choices between two tensors. */
import { broadcastShape } from '@gensyn/ir';
import { ArgumentError } from '../library/function.js';
import { formatShape, make } from './build.js';
import type { ElementType, Shape, Tensor } from './tensor.js';

/** A constant with these elements, row-major; bool as 0 and 1. */
export function array(data: Float32Array | Int32Array | Uint8Array, shape: Shape): Tensor {
  const type: ElementType =
    data instanceof Float32Array ? 'f32' : data instanceof Int32Array ? 'i32' : 'bool';
  return make('array', [], shape, { data }, type);
}

/** min(max(x, lo), hi); nothing flows back where x lies beyond. Either bound may be infinite. */
export function clip(x: Tensor, lo: number, hi: number): Tensor {
  if (x.type !== 'f32') throw new ArgumentError(`expected f32 values, found ${x.type}`, 'x');
  return make('clip', [x], x.shape, { lo, hi });
}

/** 1 where lo < x < hi, else 0: the derivative of `clip`. */
export function inside(x: Tensor, lo: number, hi: number): Tensor {
  return make('inside', [x], x.shape, { lo, hi });
}

function fits(shapes: readonly Shape[]): Shape {
  const shape = broadcastShape(shapes);
  if (!shape) throw new ArgumentError(`shapes ${shapes.map(formatShape).join(' and ')} do not fit together`);
  return shape;
}

/** a where the mask (bool) holds, else b. */
export function select(mask: Tensor, a: Tensor, b: Tensor): Tensor {
  if (mask.type !== 'bool' || a.type !== 'f32' || b.type !== 'f32')
    throw new ArgumentError(
      `a choice needs a bool mask and f32 values, found ${mask.type}, ${a.type} and ${b.type}`,
    );
  return make('select', [mask, a, b], fits([mask.shape, a.shape, b.shape]));
}

/** The larger of two; of equals b, to which the gradient goes then. */
export const maximum = (a: Tensor, b: Tensor): Tensor => make('maximum', [a, b], fits([a.shape, b.shape]));
/** The smaller of two; of equals b. */
export const minimum = (a: Tensor, b: Tensor): Tensor => make('minimum', [a, b], fits([a.shape, b.shape]));
