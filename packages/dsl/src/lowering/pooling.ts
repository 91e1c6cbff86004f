/** Largest and sum of windows along one axis, and their gradients, by whole slices. */
import type { Value } from '@gensyn/ir';
import type { Tensor } from '../tensor/tensor.js';
import { placesAlong, runOf, type Run } from '../tensor/windows.js';
import { add, mask, mul, sub, unsignedZero } from './arithmetic.js';
import { boxed, padded } from './columns.js';
import { joined, reshaped, type LoweringContext } from './context.js';

/** What lies beyond the ends of an axis: less than any value that matters, and not zero. */
const BELOW = -(2 ** 100);

/** The elements that stand at place k of every window of an axis with its ends added: one slice for each k. */
function cut(ctx: LoweringContext, x: Value, { axis, kernel, stride }: Run): Value[] {
  const places = placesAlong(x.shape[axis]!, kernel, stride, 0, 0);
  return Array.from({ length: kernel }, (_, k) => {
    const axes = x.shape.map((_dim, d) => d === axis);
    return boxed(
      ctx,
      x,
      axes.map((own) => (own ? k : 0)),
      x.shape.map((dim, d) => (d === axis ? places : dim)),
      axes.map((own) => (own ? stride : 1)),
    );
  });
}

/** The axis with `fill` before and after its ends. */
function beyond(ctx: LoweringContext, x: Value, { axis, before, after }: Run, fill: number): Value {
  if (fill === 0) {
    const amounts = (n: number): number[] => x.shape.map((_, d) => (d === axis ? n : 0));
    return padded(ctx, x, amounts(before), amounts(after));
  }
  const strip = (n: number): Value[] =>
    n === 0 ? [] : [ctx.builder.add('Expand', [ctx.builder.scalar(fill)], { shape: x.shape.with(axis, n) })];
  const parts = [...strip(before), x, ...strip(after)];
  return joined(ctx, parts, axis);
}

type Tree =
  | { readonly value: Value; readonly leaf: number }
  | { readonly value: Value; readonly a: Tree; readonly b: Tree };

/** The maximum of the slices as a tree of pairs; of equals the first wins. */
function largest(ctx: LoweringContext, parts: readonly Value[]): Tree {
  let level: Tree[] = parts.map((value, leaf) => ({ value, leaf }));
  while (level.length > 1) {
    const next: Tree[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) {
      const [a, b] = [level[i]!, level[i + 1]!];
      next.push({ value: ctx.builder.add('Max', [a.value, b.value]), a, b });
    }
    if (level.length % 2 === 1) next.push(level.at(-1)!);
    level = next;
  }
  return level[0]!;
}

function treeOf(ctx: LoweringContext, x: Value, run: Run): Tree {
  return largest(ctx, cut(ctx, beyond(ctx, unsignedZero(ctx, x), run, BELOW), run));
}

export function windowMax(ctx: LoweringContext, [x]: readonly Value[], tensor: Tensor): Value {
  return treeOf(ctx, x!, runOf(tensor)).value;
}

export function windowMaxGradient(ctx: LoweringContext, [x, g]: readonly Value[], tensor: Tensor): Value {
  const run = runOf(tensor);
  const shares: Value[] = [];
  const walk = (tree: Tree, share: Value): void => {
    if ('leaf' in tree) {
      shares[tree.leaf] = share;
      return;
    }
    const second = mask(ctx, ctx.builder.add('Less', [tree.a.value, tree.b.value]));
    const lost = mul(ctx, share, second);
    walk(tree.b, lost);
    // Either all of the share or nothing.
    walk(tree.a, sub(ctx, share, lost));
  };
  walk(treeOf(ctx, x!, run), g!);
  return scattered(ctx, shares, x!.shape, run);
}

export function windowSum(ctx: LoweringContext, [x]: readonly Value[], tensor: Tensor): Value {
  const run = runOf(tensor);
  return cut(ctx, beyond(ctx, x!, run, 0), run).reduce((a, b) => add(ctx, a, b));
}

export function windowSumGradient(ctx: LoweringContext, [g]: readonly Value[], tensor: Tensor): Value {
  const run = runOf(tensor);
  return scattered(
    ctx,
    Array.from({ length: run.kernel }, () => g!),
    tensor.shape,
    run,
  );
}

/** The reverse of `cut`: each slice back at its place of the windows, added where windows overlap. */
function scattered(ctx: LoweringContext, parts: readonly Value[], shape: readonly number[], run: Run): Value {
  const { axis, kernel, stride, before } = run;
  const length = shape[axis]!;
  const places = parts[0]!.shape[axis]!;
  const back = (y: Value): Value => {
    // Padded to the end of the axis or cut there, and what lay before its start cut off.
    const long = padded(
      ctx,
      y,
      shape.map(() => 0),
      shape.map((_, d) => (d === axis ? Math.max(0, before + length - y.shape[axis]!) : 0)),
    );
    return boxed(
      ctx,
      long,
      shape.map((_, d) => (d === axis ? before : 0)),
      shape,
    );
  };
  if (kernel <= stride) return back(interleaved(ctx, parts, axis, stride));
  return parts
    .map((part, k) => {
      const spaced = interleaved(ctx, [part], axis, stride);
      const used = boxed(
        ctx,
        spaced,
        shape.map(() => 0),
        spaced.shape.with(axis, (places - 1) * stride + 1),
      );
      const moved = padded(
        ctx,
        used,
        shape.map((_, d) => (d === axis ? k : 0)),
        shape.map((_, d) => (d === axis ? kernel - 1 - k : 0)),
      );
      return back(moved);
    })
    .reduce((a, b) => add(ctx, a, b));
}

/** Slices taken in turn along an axis, zeros for those that a stride has more than parts. */
function interleaved(ctx: LoweringContext, parts: readonly Value[], axis: number, stride: number): Value {
  const { shape } = parts[0]!;
  const cells = parts.map((part) =>
    reshaped(ctx, part, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]),
  );
  const all = joined(ctx, cells, axis + 1);
  const filled = padded(
    ctx,
    all,
    all.shape.map(() => 0),
    all.shape.map((dim, d) => (d === axis + 1 ? stride - dim : 0)),
  );
  return reshaped(ctx, filled, shape.with(axis, shape[axis]! * stride));
}
