/** Compiles a checked program to the canonical graphs of one training step and of one evaluation step. */
import { type Graph, type Value } from '@gensyn/ir';
import { differentiate } from '../autodiff/differentiate.js';
import type { PreparedDataset } from '../data/prepared.js';
import type { Program } from '../semantics/program.js';
import type { Tensor } from '../tensor/tensor.js';
import { add, atMost, div, mul } from './arithmetic.js';
import { lower, type Lowered } from './lower.js';
import { OPTIMIZERS } from './optimizer.js';
import { finishState, stepContext, type StepContext, type StepOptions } from './step-context.js';
import { sumOver } from './sum.js';
import type { StateInit } from '@gensyn/ir';

/** Streams of the random source: weights count from 1, dropout masks from 2^16. */
export function weightInit(weight: Tensor, index: number): StateInit {
  const init = weight.attributes['init'] as { kind: 'uniform'; bound: number } | { kind: 'constant'; value: number };
  return init.kind === 'uniform' ? { kind: 'uniform', stream: index + 1, bound: Math.fround(init.bound) } : init;
}

export function weightName(weight: Tensor): string {
  return weight.attributes['name'] as string;
}

function options(program: Program, datasets: readonly PreparedDataset[], training: boolean): StepOptions {
  return { precision: program.precision, training, steps: program.steps, batch: program.batch, datasets };
}

function begin(program: Program, datasets: readonly PreparedDataset[], training: boolean): StepContext {
  const ctx = stepContext(options(program, datasets, training));
  program.weights.forEach((weight, index) => ctx.weight(weightName(weight), weight.shape, weightInit(weight, index)));
  return ctx;
}

/** min(1, limit / norm): the factor that shortens a gradient to `limit`; the norm is over all weights. */
function clipFactor(ctx: StepContext, gradients: readonly Value[], limit: number): Value {
  const { builder } = ctx;
  const squares = gradients.map((g) => {
    const flat = builder.add('Reshape', [g], { shape: [g.shape.reduce((a, b) => a * b, 1)] });
    return sumOver(ctx, mul(ctx, flat, flat), 0, false);
  });
  const norm = builder.add('Sqrt', [squares.reduce((a, b) => add(ctx, a, b))]);
  return atMost(ctx, div(ctx, builder.scalar(limit), add(ctx, norm, builder.scalar(1e-6))), 1);
}

/** The training step: state and sources in; next state, loss, metrics and health out. */
export function trainingStep(program: Program, datasets: readonly PreparedDataset[]): Graph {
  const ctx = begin(program, datasets, true);
  const done = lower(ctx, [program.loss]);
  const derivatives = differentiate(program.loss, program.weights);
  const used = program.weights.filter((weight) => derivatives.has(weight));
  lower(ctx, used.map((weight) => derivatives.get(weight)!), done);
  let gradients = used.map((weight) => done.get(derivatives.get(weight)!)!);
  if (program.clip !== undefined) {
    const factor = clipFactor(ctx, gradients, program.clip);
    gradients = gradients.map((g) => mul(ctx, g, factor));
  }
  const rule = OPTIMIZERS[program.optimizer.name]!;
  used.forEach((weight, i) => {
    const name = weightName(weight);
    ctx.builder.span = weight.span;
    ctx.store(name, rule(ctx, { name, weight: ctx.state(name), gradient: gradients[i]! }, program.optimizer.fields));
  });
  ctx.builder.span = undefined;
  outputs(ctx, program, done);
  finishState(ctx);
  return ctx.builder.build();
}

/** The evaluation step: the loss and the metrics of one batch without dropout; the state is read only. */
export function evaluationStep(program: Program, datasets: readonly PreparedDataset[]): Graph {
  const ctx = begin(program, datasets, false);
  outputs(ctx, program, new Map());
  return ctx.builder.build();
}

function outputs(ctx: StepContext, program: Program, done: Lowered): void {
  lower(ctx, program.metrics.map((metric) => metric.value), done);
  for (const { name, value } of program.metrics) ctx.builder.output(name, done.get(value)!, name === 'loss' ? 'loss' : 'metric');
}
