/** Convolutions as ordinary ONNX: Conv forward, matrix products over columns backward, as training frameworks compute them. */
import { attributeInts, integerAttribute, type AttributeProto } from '@gensyn/ir';
import type { Tensor } from '../../tensor/tensor.js';
import { windowOf } from '../../tensor/windows.js';
import type { Lowering } from '../canonical.js';
import { columnsOf } from '../columns.js';
import { reshaped, transposed, type LoweringContext } from '../context.js';
import { FloatBuilder } from './float-builder.js';
import { fold } from './fold.js';

function builderOf(ctx: LoweringContext): FloatBuilder {
  return ctx.builder as FloatBuilder;
}

function windowAttributes(tensor: Tensor): AttributeProto[] {
  const { kernel, strides, pads, dilations, groups } = windowOf(tensor);
  return [
    attributeInts('kernel_shape', kernel),
    attributeInts('strides', strides),
    attributeInts('pads', pads),
    attributeInts('dilations', dilations),
    integerAttribute('group', groups),
  ];
}

export const CONVOLUTIONS: Readonly<Record<string, Lowering>> = {
  conv: (ctx, inputs, tensor) =>
    builderOf(ctx).emit('Conv', inputs, { dtype: 'f32', shape: tensor.shape }, windowAttributes(tensor)),
  conv_input_gradient(ctx, [g, w], tensor) {
    const { kernel, strides, pads, dilations } = windowOf(tensor);
    // What the strides leave over at the end.
    const rest = [0, 1].map(
      (d) =>
        tensor.shape[2 + d]! -
        ((g!.shape[2 + d]! - 1) * strides[d]! +
          dilations[d]! * (kernel[d]! - 1) +
          1 -
          pads[d]! -
          pads[d + 2]!),
    );
    return builderOf(ctx).emit('ConvTranspose', [g!, w!], { dtype: 'f32', shape: tensor.shape }, [
      ...windowAttributes(tensor),
      attributeInts('output_padding', rest),
    ]);
  },
  conv_weight_gradient(ctx, [x, g], tensor) {
    const window = windowOf(tensor);
    const { groups } = window;
    const [n, c] = x!.shape as readonly [number, number];
    const [, o, h, w] = g!.shape as readonly [number, number, number, number];
    const columns = reshaped(ctx, columnsOf(ctx, x!, window), [
      n,
      groups,
      (c / groups) * window.kernel[0] * window.kernel[1],
      h * w,
    ]);
    const rows = reshaped(ctx, g!, [n, groups, o / groups, h * w]);
    const images = builderOf(ctx).emit('MatMul', [rows, transposed(ctx, columns)], {
      dtype: 'f32',
      shape: [n, groups, o / groups, columns.shape[2]!],
    });
    return reshaped(ctx, fold(ctx, 'ReduceSum', images, [0]), tensor.shape);
  },
  channel_sum(ctx, [g], tensor) {
    const axes = g!.shape.flatMap((_, d) => (d === 1 ? [] : [d]));
    return reshaped(ctx, fold(ctx, 'ReduceSum', g!, axes), tensor.shape);
  },
};
