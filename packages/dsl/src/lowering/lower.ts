/** Lowers the tensor program onto a step context, operands first, each node attributed to its expression in the job. */
import { GensynError, RuleError, type Value } from '@gensyn/ir';
import { topological } from '../autodiff/differentiate.js';
import type { Tensor } from '../tensor/tensor.js';
import { isFloat } from './arithmetic.js';
import { CANONICAL } from './canonical.js';
import { FLOAT } from './float/float.js';
import type { LoweringContext } from './context.js';

export type Lowered = Map<Tensor, Value>;

/**
 * Lowers `roots` and all they depend on; tensors already in `done` are reused.
 * @throws GensynError L0902 when the ranges of a value cannot be proved canonical
 */
export function lower(ctx: LoweringContext, roots: readonly Tensor[], done: Lowered = new Map()): Lowered {
  const table = isFloat(ctx) ? FLOAT : CANONICAL;
  for (const tensor of topological(roots)) {
    if (done.has(tensor)) continue;
    const rule = table[tensor.op];
    if (!rule)
      throw new GensynError(
        'L0903',
        `'${tensor.op}' has no canonical lowering`,
        tensor.span ? { span: tensor.span } : {},
      );
    ctx.builder.span = tensor.span;
    try {
      done.set(
        tensor,
        rule(
          ctx,
          tensor.inputs.map((input) => done.get(input)!),
          tensor,
        ),
      );
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      throw new GensynError('L0902', `this value cannot be proved canonical: ${error.message}`, {
        ...(tensor.span ? { span: tensor.span } : {}),
        help: 'scale the values down, clamp them, or normalise them before this operation',
        cause: error,
      });
    }
  }
  ctx.builder.span = undefined;
  return done;
}
