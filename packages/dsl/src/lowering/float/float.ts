/** How each operator of the tensor program becomes ordinary ONNX: what a float framework would emit. */
import { attributeString, integerAttribute, type AttributeProto, type Value } from '@gensyn/ir';
import { CANONICAL, causal, type Lowering } from '../canonical.js';
import type { LoweringContext } from '../context.js';
import { transposed } from '../context.js';
import { CONVOLUTIONS } from './convolution.js';
import { FloatBuilder } from './float-builder.js';
import { CUBIC, LINEAR } from '../functions/gelu-tanh.js';
import { fold } from './fold.js';

const FLOAT_ATTRIBUTE = 1;
const SQRT_2_OVER_PI = 0.7978845608028654;

function builderOf(ctx: LoweringContext): FloatBuilder {
  return ctx.builder as FloatBuilder;
}

function plain(opType: string, attribute: readonly AttributeProto[] = []): Lowering {
  return (ctx, [x]) => builderOf(ctx).emit(opType, [x!], x!.type, attribute);
}

function number(name: string, value: number): AttributeProto {
  return { name, f: value, type: FLOAT_ATTRIBUTE };
}

const last = (x: Value): number[] => [x.shape.length - 1];
const all = (x: Value): number[] => x.shape.map((_, axis) => axis);
const scalarOf = (ctx: LoweringContext, x: Value): Value => ctx.builder.add('Reshape', [x], { shape: [] });
const axisAttribute = integerAttribute('axis', -1);

function oneHot(ctx: LoweringContext, labels: Value, classes: number): Value {
  const column = ctx.builder.add('Reshape', [labels], { shape: [...labels.shape, 1] });
  const range = ctx.builder.constant(
    Int32Array.from({ length: classes }, (_, i) => i),
    [classes],
  );
  return ctx.builder.add('Cast', [ctx.builder.add('Equal', [column, range])], { to: 'f32' });
}

function product(
  ctx: LoweringContext,
  a: Value,
  b: Value,
  transposeA: boolean,
  transposeB: boolean,
  shape: readonly number[],
): Value {
  const builder = builderOf(ctx);
  if (a.shape.length === 2 && b.shape.length === 2) {
    const flags = [
      integerAttribute('transA', transposeA ? 1 : 0),
      integerAttribute('transB', transposeB ? 1 : 0),
    ];
    return builder.emit('Gemm', [a, b], { dtype: 'f32', shape }, flags);
  }
  return builder.emit('MatMul', [transposeA ? transposed(ctx, a) : a, transposeB ? transposed(ctx, b) : b], {
    dtype: 'f32',
    shape,
  });
}

function mask(ctx: LoweringContext, a: Value, b: Value): Value {
  return ctx.builder.add('Cast', [ctx.builder.add('Less', [a, b])], { to: 'f32' });
}

function centred(ctx: LoweringContext, x: Value, epsilon: number): { difference: Value; inverse: Value } {
  const { builder } = ctx;
  const difference = builder.add('Sub', [x, fold(ctx, 'ReduceMean', x, last(x))]);
  const variance = fold(ctx, 'ReduceMean', builder.add('Mul', [difference, difference]), last(x));
  const root = builder.add('Sqrt', [builder.add('Add', [variance, builder.scalar(epsilon)])]);
  return { difference, inverse: builder.add('Div', [builder.scalar(1), root]) };
}

function normalDensity(ctx: LoweringContext, x: Value, factor: number, rate: number): Value {
  const { builder } = ctx;
  const exponent = builder.add('Mul', [builder.add('Mul', [x, x]), builder.scalar(rate)]);
  return builder.add('Mul', [builderOf(ctx).emit('Exp', [exponent], x.type), builder.scalar(factor)]);
}

const own: Readonly<Record<string, Lowering>> = {
  relu: plain('Relu'),
  exp: plain('Exp'),
  log: plain('Log'),
  sqrt: plain('Sqrt'),
  tanh: plain('Tanh'),
  sigmoid: plain('Sigmoid'),
  erf: plain('Erf'),
  gelu: plain('Gelu'),
  gelu_tanh: plain('Gelu', [attributeString('approximate', 'tanh')]),
  softplus: plain('Softplus'),
  sign: plain('Sign'),
  softmax: plain('Softmax', [axisAttribute]),
  causal_softmax: (ctx, [x]) => builderOf(ctx).emit('Softmax', [causal(ctx, x!)], x!.type, [axisAttribute]),
  surprise(ctx, [logits, labels], tensor) {
    const { builder } = ctx;
    const logs = builderOf(ctx).emit('LogSoftmax', [logits!], logits!.type, [axisAttribute]);
    const chosen = builder.add('Mul', [oneHot(ctx, labels!, logits!.shape.at(-1)!), logs]);
    const sum = fold(ctx, 'ReduceSum', chosen, last(chosen));
    return builder.add('Reshape', [builder.add('Neg', [sum])], { shape: tensor.shape });
  },
  log_softmax: plain('LogSoftmax', [axisAttribute]),
  leaky_relu: (ctx, [x], tensor) =>
    builderOf(ctx).emit('LeakyRelu', [x!], x!.type, [number('alpha', tensor.attributes['slope'] as number)]),
  positive: (ctx, [x]) => mask(ctx, ctx.builder.scalar(0), x!),
  div: (ctx, [a, b]) => ctx.builder.add('Div', [a!, b!]),
  silu: (ctx, [x]) => ctx.builder.add('Mul', [x!, builderOf(ctx).emit('Sigmoid', [x!], x!.type)]),
  silu_gradient(ctx, [x]) {
    const { builder } = ctx;
    const s = builderOf(ctx).emit('Sigmoid', [x!], x!.type);
    const inner = builder.add('Add', [
      builder.scalar(1),
      builder.add('Mul', [x!, builder.add('Sub', [builder.scalar(1), s])]),
    ]);
    return builder.add('Mul', [s, inner]);
  },
  erf_gradient: (ctx, [x]) => normalDensity(ctx, x!, 2 / Math.sqrt(Math.PI), -1),
  gelu_gradient(ctx, [x]) {
    const { builder } = ctx;
    const half = builder.scalar(0.5);
    const erf = builderOf(ctx).emit('Erf', [builder.add('Mul', [x!, builder.scalar(Math.SQRT1_2)])], x!.type);
    const cumulative = builder.add('Add', [half, builder.add('Mul', [half, erf])]);
    return builder.add('Add', [
      cumulative,
      builder.add('Mul', [x!, normalDensity(ctx, x!, SQRT_2_OVER_PI / 2, -0.5)]),
    ]);
  },
  gelu_tanh_gradient(ctx, [x]) {
    const { builder } = ctx;
    const of = (op: 'Mul' | 'Add', a: Value, b: Value | number): Value =>
      builder.add(op, [a, typeof b === 'number' ? builder.scalar(b) : b]);
    const square = of('Mul', x!, x!);
    const z = of('Mul', x!, of('Add', of('Mul', square, CUBIC), LINEAR));
    const t = builderOf(ctx).emit('Tanh', [z], x!.type);
    const rest = builder.add('Sub', [builder.scalar(1), of('Mul', t, t)]);
    const bell = of('Mul', of('Mul', x!, rest), of('Add', of('Mul', square, 1.5 * CUBIC), LINEAR / 2));
    return of('Add', bell, of('Add', of('Mul', t, 0.5), 0.5));
  },
  one_hot: (ctx, [labels], tensor) => oneHot(ctx, labels!, tensor.attributes['classes'] as number),
  matmul: (ctx, [a, b], tensor) =>
    product(
      ctx,
      a!,
      b!,
      tensor.attributes['transposeA'] as boolean,
      tensor.attributes['transposeB'] as boolean,
      tensor.shape,
    ),
  sum: (ctx, [x], tensor) => fold(ctx, 'ReduceSum', x!, tensor.attributes['axes'] as readonly number[]),
  cross_entropy(ctx, [logits, labels]) {
    const { builder } = ctx;
    const logs = builderOf(ctx).emit('LogSoftmax', [logits!], logits!.type, [axisAttribute]);
    const chosen = builder.add('Mul', [oneHot(ctx, labels!, logits!.shape.at(-1)!), logs]);
    const rows = labels!.shape.reduce((a, b) => a * b, 1);
    return builder.add('Mul', [
      scalarOf(ctx, fold(ctx, 'ReduceSum', chosen, all(chosen))),
      builder.scalar(-1 / rows),
    ]);
  },
  accuracy(ctx, [logits, labels]) {
    const { builder } = ctx;
    const best = fold(ctx, 'ReduceMax', logits!, last(logits!));
    const chosen = fold(
      ctx,
      'ReduceSum',
      builder.add('Mul', [oneHot(ctx, labels!, logits!.shape.at(-1)!), logits!]),
      last(logits!),
    );
    const hit = builder.add('Cast', [builder.add('LessOrEqual', [best, chosen])], { to: 'f32' });
    return scalarOf(ctx, fold(ctx, 'ReduceMean', hit, all(hit)));
  },
  normalize(ctx, [x], tensor) {
    const { difference, inverse } = centred(ctx, x!, tensor.attributes['epsilon'] as number);
    return ctx.builder.add('Mul', [difference, inverse]);
  },
  inverse_deviation: (ctx, [x], tensor) => centred(ctx, x!, tensor.attributes['epsilon'] as number).inverse,
  scatter_add(ctx, [updates, indices], tensor) {
    const { builder } = ctx;
    const count = indices!.shape.reduce((a, b) => a * b, 1);
    const width = tensor.shape.slice(1).reduce((a, b) => a * b, 1);
    const rows = tensor.attributes['rows'] as number;
    const flat = builder.add('Reshape', [indices!], { shape: [count] });
    const values = builder.add('Reshape', [updates!], { shape: [count, width] });
    return builder.add(
      'Reshape',
      [product(ctx, oneHot(ctx, flat, rows), values, true, false, [rows, width])],
      { shape: tensor.shape },
    );
  },
};

/** The canonical rows serve where they are plain arithmetic or moves. */
export const FLOAT: Readonly<Record<string, Lowering>> = { ...CANONICAL, ...own, ...CONVOLUTIONS };
