/** Compiles a checked program to the canonical graphs of one training step and of one evaluation step. */
import type { Graph, GraphBuilder, ModelProto, StateInit, Value } from '@gensyn/ir';
import { differentiate } from '../autodiff/differentiate.js';
import type { PreparedDataset } from '../data/prepared.js';
import type { Program } from '../semantics/program.js';
import type { Init, Tensor } from '../tensor/tensor.js';
import { accumulation } from './accumulate.js';
import { add, atLeast, div, mul, total } from './arithmetic.js';
import { averageOf, followWeight } from './average.js';
import { FloatBuilder } from './float/float-builder.js';
import { lower, type Lowered } from './lower.js';
import { countedSteps, shardClock } from './shard-clock.js';
import { OPTIMIZERS } from './optimizer.js';
import { finishState, stepContext, type StepContext } from './step-context.js';

/** Streams of the random source: weights count from 1, dropout masks from 2^16. */
export function weightInit(weight: Tensor, index: number): StateInit {
  const init = weight.attributes['init'] as Init;
  if (init.kind === 'given') return { kind: 'given', root: init.root };
  return init.kind === 'uniform'
    ? { kind: 'uniform', stream: index + 1, bound: Math.fround(init.bound) }
    : init;
}

export function weightName(weight: Tensor): string {
  return weight.attributes['name'] as string;
}

function begin(
  program: Program,
  datasets: readonly PreparedDataset[],
  training: boolean,
  builder?: GraphBuilder,
): StepContext {
  const ctx = stepContext(
    { precision: program.precision, training, steps: countedSteps(program), datasets },
    builder,
  );
  const averaged = !training && program.average !== undefined;
  const averages = new Map<string, Value>();
  program.weights.forEach((weight, index) => {
    const [name, init] = [weightName(weight), weightInit(weight, index)];
    if (averaged) averages.set(name, averageOf(ctx, name, weight.shape, init));
    else ctx.weight(name, weight.shape, init);
  });
  return averaged ? { ...ctx, state: (name) => averages.get(name) ?? ctx.state(name) } : ctx;
}

/** min(1, limit / norm): the factor that shortens a gradient to `limit`; the norm is over all weights. */
function clipFactor(ctx: StepContext, gradients: readonly Value[], limit: number): Value {
  const { builder } = ctx;
  const squares = gradients.map((g) => {
    const flat = builder.add('Reshape', [g], { shape: [g.shape.reduce((a, b) => a * b, 1)] });
    return total(ctx, mul(ctx, flat, flat), 0, false);
  });
  // The interval of a square knows nothing of its sign.
  const norm = builder.add('Sqrt', [
    atLeast(
      ctx,
      squares.reduce((a, b) => add(ctx, a, b)),
      0,
    ),
  ]);
  // Not atMost, which the float graph leaves out: this bound is meant, not one for the proof.
  return builder.add('Min', [
    div(ctx, builder.scalar(limit), add(ctx, norm, builder.scalar(1e-6))),
    builder.scalar(1),
  ]);
}

/** The training step: state and sources in; next state, loss, metrics and health out. */
export function trainingStep(program: Program, datasets: readonly PreparedDataset[]): Graph {
  const ctx = begin(program, datasets, true);
  buildStep(ctx, program);
  return ctx.builder.build();
}

/** The same training step as an ordinary float model, with the same inputs and outputs: for comparison only. */
export function floatStep(program: Program, datasets: readonly PreparedDataset[]): ModelProto {
  const builder = new FloatBuilder();
  buildStep(begin(program, datasets, true, builder), program);
  return builder.model(`${program.name} in plain f32`);
}

function buildStep(ctx: StepContext, program: Program): void {
  const done = lower(ctx, [program.loss]);
  const derivatives = differentiate(program.loss, program.weights);
  const used = program.weights.filter((weight) => derivatives.has(weight));
  lower(
    ctx,
    used.map((weight) => derivatives.get(weight)!),
    done,
  );
  let gradients = used.map((weight) => done.get(derivatives.get(weight)!)!);
  const clock = program.shards ? shardClock(ctx, program.shards.sync) : ctx;
  const accumulated = program.accumulate > 1 ? accumulation(clock, program.accumulate) : undefined;
  if (accumulated) gradients = gradients.map((g, i) => accumulated.gradient(weightName(used[i]!), g));
  if (program.clip !== undefined) {
    const factor = clipFactor(ctx, gradients, program.clip);
    gradients = gradients.map((g) => mul(ctx, g, factor));
  }
  const rule = OPTIMIZERS[program.optimizer.name]!;
  const updating = accumulated?.ctx ?? clock;
  used.forEach((weight, i) => {
    const name = weightName(weight);
    ctx.builder.span = weight.span;
    updating.store(
      name,
      rule(updating, { name, weight: ctx.state(name), gradient: gradients[i]! }, program.optimizer.fields),
    );
  });
  const { average } = program;
  if (average !== undefined)
    program.weights.forEach((weight, index) =>
      followWeight(ctx, weightName(weight), weightInit(weight, index), average),
    );
  ctx.builder.span = undefined;
  outputs(ctx, program, done);
  finishState(ctx);
}

/** The evaluation step: the loss and the metrics of one batch without dropout; the state is read only. */
export function evaluationStep(program: Program, datasets: readonly PreparedDataset[]): Graph {
  const ctx = begin(program, datasets, false);
  outputs(ctx, program, new Map());
  return ctx.builder.build();
}

function outputs(ctx: StepContext, program: Program, done: Lowered): void {
  lower(
    ctx,
    program.metrics.map((metric) => metric.value),
    done,
  );
  for (const { name, value } of program.metrics)
    ctx.builder.output(name, done.get(value)!, name === 'loss' ? 'loss' : 'metric');
}
