/** What lowering rules need: the graph being built, how many digits its products carry, and the job's own inputs. */
import { MAX_OPERANDS, type GraphBuilder, type Shape, type StateInit, type Value } from '@gensyn/ir';
import type { Tensor } from '../tensor/tensor.js';

/** Digits of 8 bits that a product keeps of each operand. */
export type Precision = 1 | 2 | 3;

/** All that arithmetic needs. */
export interface Numerics {
  readonly builder: GraphBuilder;
  readonly precision: Precision;
}

/** What the operators of a job need besides. */
export interface LoweringContext extends Numerics {
  /** Dropout is applied. */
  readonly training: boolean;
  /** The state tensor of this name as the step finds it. */
  state(name: string): Value;
  /** A state tensor that is no weight, as the step finds it: a running average, of values lo..hi on a grid. */
  running(
    name: string,
    shape: Shape,
    init: StateInit,
    declared: { lo: number; hi: number; quantum: number },
  ): Value;
  /** Sets the value of such a tensor after this step; it must keep what was declared. */
  follow(name: string, next: Value): void;
  /** One batch of a data column. */
  column(tensor: Tensor): Value;
  /** 1/keep with probability keep, else 0. */
  dropoutMask(stream: number, keep: number, shape: Shape): Value;
}

/** The value under another shape; the same value when it has that shape already. */
export function reshaped(ctx: Numerics, x: Value, shape: readonly number[]): Value {
  const same = x.shape.length === shape.length && x.shape.every((dim, axis) => dim === shape[axis]);
  return same ? x : ctx.builder.add('Reshape', [x], { shape: [...shape] });
}

/** The parts one after the other along an axis; many of them in groups, for a Concat takes only so many. */
export function joined(ctx: Numerics, parts: readonly Value[], axis: number): Value {
  if (parts.length === 1) return parts[0]!;
  if (parts.length <= MAX_OPERANDS) return ctx.builder.add('Concat', parts, { axis });
  const groups: Value[] = [];
  for (let at = 0; at < parts.length; at += MAX_OPERANDS)
    groups.push(joined(ctx, parts.slice(at, at + MAX_OPERANDS), axis));
  return joined(ctx, groups, axis);
}

/** Elements from..to of one axis, all of the others. */
export function slicedAxis(ctx: Numerics, x: Value, axis: number, from: number, to: number): Value {
  if (from === 0 && to === x.shape[axis]) return x;
  return ctx.builder.add('Slice', [x], {
    starts: x.shape.map((_, d) => (d === axis ? from : 0)),
    ends: x.shape.map((dim, d) => (d === axis ? to : dim)),
    steps: x.shape.map(() => 1),
  });
}

/** Swaps the last two axes. */
export function transposed(ctx: Numerics, x: Value): Value {
  const rank = x.shape.length;
  if (rank < 2) return x;
  const perm = x.shape.map((_, axis) => axis);
  perm[rank - 2] = rank - 1;
  perm[rank - 1] = rank - 2;
  return ctx.builder.add('Transpose', [x], { perm });
}
