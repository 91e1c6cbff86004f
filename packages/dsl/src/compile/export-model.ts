/** The trained network as an ordinary float ONNX model for inference anywhere. */
import { GensynError, range, type ModelProto, type Shape, type TensorValue, type Value } from '@gensyn/ir';
import type { LoweringContext } from '../lowering/context.js';
import { FloatBuilder } from '../lowering/float/float-builder.js';
import { averageName } from '../lowering/average.js';
import { lower } from '../lowering/lower.js';
import { columnInputs } from '../lowering/source.js';
import type { PreparedDataset } from '../data/prepared.js';
import type { Program } from '../semantics/program.js';
import { weightName } from '../lowering/step.js';

/** Declared of nothing that is proved here. */
const ANY = range({ lo: -1, hi: 1 });

/**
 * A model of opset 21 with one input per data column that the network reads (stored values, [batch, ...]; the job's offset and divisor are
 * part of the graph) and one output `output`.
 * @param state trained tensors by name
 * @throws GensynError L0905 when a weight is missing from the state
 */
export function exportModel(
  program: Program,
  datasets: readonly PreparedDataset[],
  state: ReadonlyMap<string, TensorValue>,
): ModelProto {
  const builder = new FloatBuilder();
  const trained = (name: string, shape: Shape): Value => {
    const value = state.get(name);
    if (!value)
      throw new GensynError('L0905', `the state has no weight '${name}'`, {
        help: 'export the run of this very job',
      });
    return builder.stored(name, { dtype: 'f32', shape }, value.data);
  };
  const stored = new Map(
    program.weights.map((weight) => {
      const name = weightName(weight);
      const held = program.average === undefined ? name : averageName(name);
      return [name, trained(held, weight.shape)];
    }),
  );
  const ctx: LoweringContext = {
    builder,
    precision: program.precision,
    training: false,
    state: (name) => stored.get(name)!,
    running: (name, shape) => trained(name, shape),
    follow: () => undefined,
    column: (tensor) => column(tensor),
    dropoutMask: (_stream, _keep, shape) =>
      builder.input('dropout', { dtype: 'f32', shape }, ANY, { kind: 'free' }),
  };
  const column = columnInputs(ctx, datasets);
  const output = lower(ctx, [program.output]).get(program.output)!;
  builder.output('output', output, 'output');
  return builder.model(program.name);
}
