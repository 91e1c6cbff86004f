/** For every operator a step of a graph with that operator, over tensors of many chunks, so that places can be mistaken. */
import {
  evaluate,
  GraphBuilder,
  rangeOf,
  type Attributes,
  type DType,
  type OperatorName,
  type Shape,
  type TensorValue,
} from '@gensyn/ir';
import { commitStep, type CommittedStep } from '../../src/referee/step.js';

type Operand = readonly [DType, Shape];
const f = (...shape: number[]): Operand => ['f32', shape];
const i = (...shape: number[]): Operand => ['i32', shape];
const b = (...shape: number[]): Operand => ['bool', shape];
const row = [f(6, 16), f(16)];

interface Wide {
  readonly operands: readonly Operand[];
  readonly attributes?: Attributes;
}

const binary: Wide = { operands: row };
const unary: Wide = { operands: [f(6, 16)] };

export const WIDE: Readonly<Partial<Record<OperatorName, Wide>>> = {
  Add: binary,
  Sub: binary,
  Mul: { operands: [i(6, 16), i(16)] },
  Div: binary,
  Sqrt: unary,
  Neg: unary,
  Abs: unary,
  Min: binary,
  Max: binary,
  Less: binary,
  LessOrEqual: { operands: [i(6, 16), i(6, 1)] },
  Equal: binary,
  And: { operands: [b(6, 64), b(64)] },
  Or: { operands: [b(6, 64), b(64)] },
  Not: { operands: [b(6, 64)] },
  Where: { operands: [b(6, 16), f(16), f(6, 1)] },
  Cast: { operands: [f(6, 16)], attributes: { to: 'i32' } },
  Reshape: { operands: [f(6, 16)], attributes: { shape: [16, 6] } },
  Transpose: { operands: [f(3, 4, 8)], attributes: { perm: [2, 0, 1] } },
  Slice: { operands: [f(6, 16)], attributes: { starts: [1, 0], ends: [6, 16], steps: [2, 3] } },
  Pad: { operands: [f(6, 16)], attributes: { before: [1, 2], after: [0, 3] } },
  Expand: { operands: [f(1, 16)], attributes: { shape: [5, 16] } },
  Concat: { operands: [f(6, 5), f(6, 16), f(6, 3)], attributes: { axis: 1 } },
  Gather: { operands: [f(9, 16), i(17)] },
  Dot: { operands: [f(2, 3, 16), f(16, 9)] },
  ReduceMax: { operands: [f(6, 16, 3)], attributes: { axes: [1] } },
};

/** Small positive integers, all different for a while: any operator takes them. */
function fill(dtype: DType, shape: Shape, shift: number, turn: number): TensorValue {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const value = (k: number): number =>
    dtype === 'bool'
      ? ((k * 5 + shift + turn) % 3) & 1
      : dtype === 'i32'
        ? (k * 7 + shift + turn) % 9
        : ((k * 37 + 11 * shift + turn) % 251) / 2 + 1;
  const values = Array.from({ length: size }, (_, k) => value(k));
  const data =
    dtype === 'f32'
      ? Float32Array.from(values)
      : dtype === 'i32'
        ? Int32Array.from(values)
        : Uint8Array.from(values);
  return { dtype, shape, data };
}

/** The last node is the operator's. `turn` gives another step of the same graph: other inputs. */
export function wideStep(op: OperatorName, turn = 0, before = 0): CommittedStep {
  const { operands, attributes } = WIDE[op]!;
  const whole = op === 'Cast' || op === 'Dot';
  const builder = new GraphBuilder();
  const given: Record<string, TensorValue> = {};
  // Inputs that nothing uses shift the numbers of the nodes: another graph.
  for (let n = 0; n < before; n++)
    builder.output(
      `z${n}`,
      builder.input(`z${n}`, { dtype: 'bool', shape: [] }, rangeOf(Uint8Array.of(0, 1)), { kind: 'free' }),
      'output',
    );
  for (let n = 0; n < before; n++) given[`z${n}`] = { dtype: 'bool', shape: [], data: Uint8Array.of(1) };
  const ids = operands.map(([dtype, shape], n) => {
    const value = fill(dtype, shape, n, turn);
    if (whole && dtype === 'f32') value.data.forEach((x, k) => void (value.data[k] = Math.floor(x) % 32));
    const name = `x${n}`;
    given[name] = value;
    const declared = rangeOf(
      dtype === 'bool'
        ? Uint8Array.of(0, 1)
        : dtype === 'i32'
          ? Int32Array.of(0, 8)
          : whole
            ? Float32Array.from({ length: 32 }, (_, k) => k)
            : Float32Array.from({ length: 300 }, (_, k) => k / 2 + 1),
    );
    return builder.input(name, { dtype, shape }, declared, { kind: 'free' });
  });
  builder.output('y', builder.add(op, ids, attributes), 'output');
  const graph = builder.build();
  return commitStep(
    { graph, seed: 1, batch: 1, columns: [], columnBytes: () => new Uint8Array() },
    1,
    evaluate(graph, given),
  );
}
