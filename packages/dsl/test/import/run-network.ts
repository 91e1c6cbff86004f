/** Runs imported networks through the canonical graph and its normative evaluation, and in float64. */
import * as ort from 'onnxruntime-node';
import { encodeModel, evaluate, range, type TensorValue } from '@gensyn/ir';
import { FloatBuilder } from '../../src/lowering/float/float-builder.js';
import { buildNetwork } from '../../src/import/build-network.js';
import type { Network } from '../../src/import/network.js';
import { traced, type Known, type Value } from '../../src/import/value.js';
import type { LoweringContext } from '../../src/lowering/context.js';
import { lower } from '../../src/lowering/lower.js';
import { stepContext } from '../../src/lowering/step-context.js';
import * as t from '../../src/tensor/build.js';
import type { Init, Tensor } from '../../src/tensor/tensor.js';

export interface Built {
  readonly outputs: readonly Tensor[];
  /** Columns and weights with their values. */
  readonly leaves: ReadonlyMap<Tensor, Float64Array>;
  readonly weights: readonly Tensor[];
}

/** Builds the network: arguments that `isConstant` picks are constants, the others columns of data. */
export function build(
  network: Network,
  args: readonly Known[],
  isConstant: (arg: Known) => boolean,
  outputs: readonly string[] = network.outputs,
): Built {
  const leaves = new Map<Tensor, Float64Array>();
  const weights: Tensor[] = [];
  const values = args.map((arg, i): Value => {
    if (isConstant(arg)) return arg;
    const column = t.column('data', `input${i}`, arg.shape, arg.type);
    leaves.set(column, arg.data);
    return traced(column);
  });
  const built = buildNetwork(network, values, outputs, {
    weight(name, shape, init) {
      const weight = t.weight(name, shape, init);
      weights.push(weight);
      leaves.set(weight, Float64Array.from((init as Init & { kind: 'given' }).data));
      return weight;
    },
    stream: () => 7,
    spend: () => undefined,
  });
  return { outputs: built, leaves, weights };
}

function rangeOf(data: Float64Array) {
  const sizes = data.map(Math.abs).filter((x) => x > 0);
  return range({
    lo: data.reduce((a, b) => Math.min(a, b), 0),
    hi: data.reduce((a, b) => Math.max(a, b), 0),
    tiny: Math.max(
      2 ** -126,
      sizes.reduce((a, b) => Math.min(a, b), Infinity),
    ),
    negativeZero: data.some((x) => Object.is(x, -0)),
  });
}

/** Values of `roots` by an ordinary float graph on onnxruntime. */
export async function inFloat(
  roots: readonly Tensor[],
  leaves: ReadonlyMap<Tensor, Float64Array>,
): Promise<Float32Array[]> {
  const builder = new FloatBuilder();
  const feeds: Record<string, ort.Tensor> = {};
  const values = new Map<string, ReturnType<LoweringContext['column']>>();
  const leaf = (name: string): ReturnType<LoweringContext['column']> => {
    const known = values.get(name);
    if (known) return known;
    const [tensor, data] = [...leaves].find(([each]) => nameOf(each) === name)!;
    const dtype = tensor.type === 'i32' ? ('i32' as const) : ('f32' as const);
    const value = builder.input(name, { dtype, shape: tensor.shape }, range({ lo: 0, hi: 1 }), {
      kind: 'free',
    });
    feeds[name] =
      dtype === 'i32'
        ? new ort.Tensor('int32', Int32Array.from(data), [...tensor.shape])
        : new ort.Tensor('float32', Float32Array.from(data), [...tensor.shape]);
    values.set(name, value);
    return value;
  };
  const unused = (): never => {
    throw new Error('nothing asks for this');
  };
  const ctx: LoweringContext = {
    builder,
    precision: 2,
    training: true,
    column: (tensor) => leaf(nameOf(tensor)),
    state: leaf,
    running: unused,
    follow: unused,
    dropoutMask: unused,
  };
  const done = lower(ctx, roots);
  roots.forEach((root, i) => builder.output(`out${i}`, done.get(root)!, 'output'));
  const session = await ort.InferenceSession.create(encodeModel(builder.model('float')), {
    logSeverityLevel: 3,
  });
  const results = await session.run(feeds);
  await session.release();
  return roots.map((_, i) => results[`out${i}`]!.data as Float32Array);
}

const nameOf = ({ attributes }: Tensor): string => (attributes['name'] ?? attributes['column']) as string;

/** Values of `roots` by the canonical graph. */
export function canonical(
  roots: readonly Tensor[],
  leaves: ReadonlyMap<Tensor, Float64Array>,
  precision: 1 | 2 | 3 = 3,
): TensorValue[] {
  const steps = stepContext({ precision, training: true, steps: 1, datasets: [] });
  const given: Record<string, TensorValue> = { step: { dtype: 'i32', shape: [], data: new Int32Array(1) } };
  const known = new Map<string, ReturnType<LoweringContext['column']>>();
  const input = (name: string, { type, shape }: Tensor, data: Float64Array) => {
    const before = known.get(name);
    if (before) return before;
    const dtype = type;
    given[name] = {
      dtype,
      shape,
      data:
        dtype === 'f32'
          ? Float32Array.from(data)
          : dtype === 'i32'
            ? Int32Array.from(data)
            : Uint8Array.from(data),
    };
    const declared =
      dtype === 'f32' ? rangeOf(data) : range({ ...rangeOf(data), quantum: 1, negativeZero: false });
    const value = steps.builder.input(name, { dtype, shape }, declared, { kind: 'free' });
    known.set(name, value);
    return value;
  };
  const weights = new Map([...leaves.keys()].map((tensor) => [tensor.attributes['name'] as string, tensor]));
  const ctx: LoweringContext = {
    ...steps,
    column: (tensor) => input(tensor.attributes['column'] as string, tensor, leaves.get(tensor)!),
    state(name) {
      const weight = weights.get(name)!;
      return input(name, weight, leaves.get(weight)!);
    },
  };
  const done = lower(ctx, roots);
  roots.forEach((root, i) => ctx.builder.output(`out${i}`, done.get(root)!, 'output'));
  const graph = ctx.builder.build();
  const results = evaluate(graph, given);
  return graph.outputs.map((output) => results[output.node]!);
}
