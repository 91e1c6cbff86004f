/** The canonical step that averages the replicas of a job: every shard's tensors in, their means out, to all shards alike. */
import {
  GraphBuilder,
  inputsOf,
  range,
  shardEntry,
  within,
  type Graph,
  type Node,
  type Range,
  type StateInit,
  type Value,
} from '@gensyn/ir';
import { add, atLeast, atMost, mul, onGrid } from './arithmetic.js';
import type { Numerics } from './context.js';

/** Merges start from states that exist, never from these; what is drawn or given at the start of training would only take room. */
function mergeInit(init: StateInit): StateInit {
  return init.kind === 'constant' ? init : { kind: 'constant', value: 0 };
}

/** ((x0 + x1) + x2 + ...) * (1 / S), back on the grid and within the bounds that the step declares of the tensor. */
function meanOf(ctx: Numerics, values: readonly Value[], declared: Range): Value {
  const sum = values.reduce((a, b) => add(ctx, a, b));
  const mean = mul(ctx, sum, ctx.builder.scalar(1 / values.length));
  const kept = within({ ...mean.range, lo: declared.lo, hi: declared.hi }, declared)
    ? mean
    : onGrid(ctx, mean, Math.log2(declared.quantum));
  return atMost(ctx, atLeast(ctx, kept, declared.lo), declared.hi);
}

/**
 * The merge of `count` replicas of a training step. Its state is the step counter and, shard by shard, every other tensor of the step's
 * state under `shardEntry`. Means are of f32 tensors; others stay each shard's own. There is nothing to minimise: the loss is 0.
 */
export function mergeStep(step: Graph, count: number): Graph {
  const builder = new GraphBuilder();
  const ctx: Numerics = { builder, precision: 2 };
  const states = inputsOf(step).flatMap(({ node }) => (node.source?.kind === 'state' ? [node] : []));
  const [clock, ...tensors] = states;
  const declare = (name: string, { type, range: declared, source }: Node): Value => {
    const { init } = source as { init: StateInit };
    return builder.input(name, type, range(declared), { kind: 'state', init: mergeInit(init) });
  };
  const counter = declare('step', clock!);
  const inputs = Array.from({ length: count }, (_, shard) =>
    tensors.map((node) => declare(shardEntry(shard, node.name!), node)),
  );
  const means = tensors.map((node, i) =>
    node.type.dtype === 'f32'
      ? meanOf(
          ctx,
          inputs.map((shard) => shard[i]!),
          node.range,
        )
      : undefined,
  );
  builder.output('step', builder.add('Add', [counter, builder.constant(Int32Array.of(1), [])]), 'state');
  inputs.forEach((shard, s) =>
    tensors.forEach((node, i) => builder.output(shardEntry(s, node.name!), means[i] ?? shard[i]!, 'state')),
  );
  builder.output('loss', builder.scalar(0), 'loss');
  return builder.build();
}

/** What a compiled job needs besides: the evaluation of a merge, which says nothing. */
export function mergeEvaluation(): Graph {
  const builder = new GraphBuilder();
  builder.output('loss', builder.scalar(0), 'loss');
  return builder.build();
}
