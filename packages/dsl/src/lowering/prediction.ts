/** The canonical graph of one step of a prediction: the model for one batch, written to its place among those of all batches. */
import { elements, range, union, type Graph, type Shape } from '@gensyn/ir';
import type { PreparedDataset } from '../data/prepared.js';
import type { Prediction } from '../semantics/program.js';
import type { Init } from '../tensor/tensor.js';
import { unsignedZero } from './arithmetic.js';
import { reshaped, type LoweringContext } from './context.js';
import { lower } from './lower.js';
import { weightName } from './step.js';
import { stepContext } from './step-context.js';

/** The state tensor that collects what the model gives. */
export const PREDICTIONS = 'predictions';

/** A tensor has no more axes than this. */
const MAX_AXES = 8;

/** [steps, batch, ...]: the step is the first axis, what the model gives for its batch the others. */
export function predictionsShape({ output }: Prediction, steps: number): Shape {
  const [batch, ...row] = output.shape as readonly [number, ...number[]];
  return row.length + 2 <= MAX_AXES ? [steps, batch, ...row] : [steps, batch, elements(row)];
}

/**
 * State: the step counter and the predictions, zero until their step. Weights are constants: their own values give closer proofs than any
 * declared range, devices prepare them once, and checkpoints do not hold them. There is no loss, and nothing that could diverge.
 * Errors: L0902
 */
export function predictionStep(
  prediction: Prediction,
  steps: number,
  datasets: readonly PreparedDataset[],
): Graph {
  const { precision, weights, output, metrics } = prediction;
  const values = new Map(weights.map((weight) => [weightName(weight), weight]));
  const base = stepContext({ precision, training: false, steps, datasets });
  const { builder, step } = base;
  const ctx: LoweringContext = {
    ...base,
    state(name) {
      const { shape, attributes } = values.get(name)!;
      return builder.constant((attributes['init'] as Init & { kind: 'given' }).data, shape);
    },
  };
  const done = lower(ctx, [output, ...metrics.map(({ value }) => value)]);
  const shape = predictionsShape(prediction, steps);
  const row = unsignedZero(ctx, done.get(output)!);
  const { dtype } = row.type;
  const before = builder.input(PREDICTIONS, { dtype, shape }, union(row.range, range({ lo: 0, hi: 0 })), {
    kind: 'state',
    init: { kind: 'constant', value: 0 },
  });
  const places = builder.constant(
    Int32Array.from({ length: steps }, (_, i) => i),
    [steps, ...shape.slice(1).map(() => 1)],
  );
  const here = builder.add('Equal', [places, step]);
  const after = builder.add('Where', [here, reshaped(ctx, row, [1, ...shape.slice(1)]), before]);
  builder.output('step', builder.add('Add', [step, builder.constant(Int32Array.of(1), [])]), 'state');
  builder.output(PREDICTIONS, after, 'state');
  for (const { name, value } of metrics) builder.output(name, done.get(value)!, 'metric');
  return builder.build();
}
