/** What holds for inputs and constants, whose types and ranges are given instead of deduced. */
import type { Node } from '../graph/graph.js';
import { allows } from '../value/conform.js';
import { F32_MAX, F32_TINY, I32_MAX, I32_MIN, rangeOf, type Range } from '../value/range.js';
import { allocate, elements, formatType, MAX_ELEMENTS, MAX_RANK, type TensorType } from '../value/type.js';
import { breaks } from './rule.js';

/** Every dimension is a positive number, and the whole tensor can be indexed and opened on chain. @throws RuleError staticShape */
export function checkShape(name: string, type: TensorType): void {
  if (!type.shape.every((dim) => Number.isInteger(dim) && dim >= 1) || elements(type.shape) > MAX_ELEMENTS) {
    breaks(
      'staticShape',
      `${name} has the shape ${formatType(type)}: every dimension must be a positive number, and all together below 2^31`,
    );
  }
  if (type.shape.length > MAX_RANK)
    breaks('staticShape', `${name} has ${type.shape.length} dimensions, more than ${MAX_RANK}`);
}

/** @throws RuleError staticShape, finite, underflow, constraint */
export function checkInput(name: string, type: TensorType, range: Range): void {
  checkShape(name, type);
  const { lo, hi } = range;
  const [least, most] =
    type.dtype === 'f32' ? [-F32_MAX, F32_MAX] : type.dtype === 'i32' ? [I32_MIN, I32_MAX] : [0, 1];
  if (!(lo <= hi && lo >= least && hi <= most))
    breaks('finite', `${name} is declared to span ${lo} .. ${hi}, which ${type.dtype} cannot hold`);
  if (type.dtype !== 'f32' && range.quantum < 1)
    breaks('constraint', `${name} is ${type.dtype} but declared to hold fractions`);
  if (type.dtype === 'f32' && range.tiny < F32_TINY)
    breaks('underflow', `${name} may hold subnormal numbers: its declared range does not keep them out`);
}

/** A dropout mask holds what `fillDropout` writes, and is declared to. @throws RuleError constraint */
export function checkMask(
  name: string,
  { type, range, source }: Pick<Node, 'type' | 'range' | 'source'>,
): void {
  if (source?.kind !== 'dropout') return;
  const kept = Math.fround(1 / source.keep);
  if (
    !(source.keep > 0 && source.keep <= 1) ||
    type.dtype !== 'f32' ||
    !allows(range, 0) ||
    !allows(range, kept)
  )
    breaks('constraint', `${name} is a mask of 0 and ${kept}, which is not what it is declared to hold`);
}

/** The exact range of a constant. @throws RuleError staticShape, constraint, finite, underflow */
export function checkConstant(name: string, node: Pick<Node, 'type' | 'data'>): Range {
  const { type, data } = node;
  checkShape(name, type);
  if (
    !data ||
    data.constructor !== allocate(type.dtype, 0).constructor ||
    data.length !== elements(type.shape)
  ) {
    breaks('constraint', `${name} does not hold the elements of ${formatType(type)}`);
  }
  const range = rangeOf(data);
  if (type.dtype === 'bool' && range.hi > 1)
    breaks('constraint', `${name} holds a bool that is neither 0 nor 1`);
  if (type.dtype !== 'f32') return range;
  if (!(range.lo >= -F32_MAX && range.hi <= F32_MAX)) breaks('finite', `${name} holds infinity or NaN`);
  if (range.tiny < F32_TINY) breaks('underflow', `${name} holds a subnormal number`);
  return range;
}
