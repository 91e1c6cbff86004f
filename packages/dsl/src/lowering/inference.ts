/** The canonical graph of a network's forward pass: weights are constants, inputs are free or rows of a data set. */
import {
  GensynError,
  GraphBuilder,
  range,
  type Graph,
  type Range,
  type Source,
  type Value,
} from '@gensyn/ir';
import { topological } from '../autodiff/differentiate.js';
import { buildNetwork, describeInput } from '../import/build-network.js';
import { importError } from '../import/import-error.js';
import type { Network, NetworkInput } from '../import/network.js';
import { traced } from '../import/value.js';
import * as t from '../tensor/build.js';
import type { Init, Shape, Tensor } from '../tensor/tensor.js';
import type { LoweringContext, Precision } from './context.js';
import { lower } from './lower.js';

export interface InferenceSettings {
  /** Lengths of the free axes of inputs, by name; 1 for any that is not named. */
  readonly axes?: Readonly<Record<string, number>>;
  /** Digits of 8 bits that products keep; 2 when not given. */
  readonly precision?: Precision;
  /** Largest magnitude of float inputs, for the proofs; 2^16 when not given. */
  readonly inputBound?: number;
  /** A data set whose columns feed the inputs: then anyone can recompute them. Without one they are free. */
  readonly dataset?: string;
}

export interface InferenceGraph {
  readonly graph: Graph;
  readonly inputs: readonly { readonly name: string; readonly type: 'f32' | 'i32'; readonly shape: Shape }[];
  readonly outputs: readonly { readonly name: string; readonly shape: Shape }[];
  readonly parameters: number;
}

const INPUT_BOUND = 2 ** 16;
/** Float inputs are multiples of this: nothing above 2^-41 in magnitude is changed by it. */
const INPUT_GRID = 2 ** -64;
/** Indices that pick from nothing are integers that f32 can hold. */
const INDEX_BOUND = 2 ** 24;

function shapeOf(input: NetworkInput, axes: Readonly<Record<string, number>>): number[] {
  if (!input.shape) {
    throw importError('L0816', `the input ${describeInput(input)} of the network says nothing of its shape`, {
      help: 'export the network with the shapes of its inputs',
    });
  }
  return input.shape.map((dim) => {
    const length = typeof dim === 'number' ? dim : Object.hasOwn(axes, dim) ? axes[dim]! : 1;
    if (!Number.isSafeInteger(length) || length < 1 || length >= 2 ** 31)
      throw importError('L0816', `axis '${dim}' of the input ${describeInput(input)} cannot be ${length}`);
    return length;
  });
}

const MOVING = new Set(['reshape', 'transpose', 'slice', 'expand', 'concat']);

/** Rows of the smallest table that an input of indices picks from, if it picks from any. */
function smallestTable(outputs: readonly Tensor[], column: Tensor): number {
  const order = topological(outputs);
  const same = new Set([column]);
  let rows = INDEX_BOUND + 1;
  for (const tensor of order) {
    if (MOVING.has(tensor.op) && tensor.inputs.some((input) => same.has(input))) same.add(tensor);
    const [table, indices] = tensor.inputs;
    if (tensor.op === 'gather' && same.has(indices!)) rows = Math.min(rows, table!.shape[0]!);
    if (tensor.op === 'one_hot' && same.has(table!)) rows = Math.min(rows, tensor.shape.at(-1)!);
  }
  return rows;
}

function never(what: string): never {
  throw new GensynError('L0903', `an imported network has no ${what}`);
}

/** Errors: L0814 to L0819 for the network, L0902 where no canonical form can be proved. */
export function inferenceGraph(network: Network, settings: InferenceSettings = {}): InferenceGraph {
  const { axes = {}, precision = 2, inputBound = INPUT_BOUND, dataset } = settings;
  const columns = network.inputs.map((input) => {
    if (input.type === 'bool')
      throw importError('L0816', `the input ${describeInput(input)} of the network cannot be fed`);
    return t.column(dataset ?? '', input.name, shapeOf(input, axes), input.type);
  });
  const weights = new Map<string, Float32Array>();
  let parameters = 0;
  const outputs = buildNetwork(network, columns.map(traced), network.outputs, {
    weight(name, shape, init) {
      const { data } = init as Init & { kind: 'given' };
      weights.set(name, data);
      parameters += data.length;
      return t.weight(name, shape, init);
    },
    stream: () => 0,
    spend: () => undefined,
  });
  const builder = new GraphBuilder();
  const sourceOf = (name: string): Source =>
    dataset === undefined ? { kind: 'free' } : { kind: 'batch', dataset, column: name };
  const declared = (column: Tensor): Range =>
    column.type === 'f32'
      ? range({ lo: -inputBound, hi: inputBound, quantum: INPUT_GRID })
      : range({ lo: 0, hi: smallestTable(outputs, column) - 1, quantum: 1 });
  // Declared in the network's own order, used or not.
  const inputs = new Map<Tensor, Value>(
    columns.map((column, i) => {
      const { name } = network.inputs[i]!;
      const type = { dtype: column.type as 'f32' | 'i32', shape: column.shape };
      return [column, builder.input(name, type, declared(column), sourceOf(name))];
    }),
  );
  const shapes = new Map(
    topological(outputs).flatMap((each) =>
      each.op === 'weight' ? [[each.attributes['name'] as string, each.shape] as const] : [],
    ),
  );
  const ctx: LoweringContext = {
    builder,
    precision,
    training: false,
    column: (tensor) => inputs.get(tensor)!,
    state: (name) => builder.constant(weights.get(name)!, shapes.get(name)!),
    running: () => never('running averages'),
    follow: () => never('running averages'),
    dropoutMask: () => never('masks in inference'),
  };
  const done = lower(ctx, outputs);
  network.outputs.forEach((name, i) => builder.output(name, done.get(outputs[i]!)!, 'output'));
  return {
    graph: builder.build(),
    inputs: columns.map((column, i) => ({
      name: network.inputs[i]!.name,
      type: column.type as 'f32' | 'i32',
      shape: column.shape,
    })),
    outputs: network.outputs.map((name, i) => ({ name, shape: outputs[i]!.shape })),
    parameters,
  };
}
