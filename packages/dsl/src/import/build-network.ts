/** Builds the tensors of an imported network for given arguments: one call of it in a job. */
import { GensynError } from '@gensyn/ir';
import { ArgumentError } from '../library/function.js';
import type { Init, Shape, Tensor } from '../tensor/tensor.js';
import { weightValues, shapesDoNotFit, tensorOf, type Algebra } from './algebra.js';
import { importError, quoted } from './import-error.js';
import { MAX_RANK } from './limits.js';
import { checkSupported, neededBy, type Network, type NetworkInput, type NetworkNode } from './network.js';
import { refuse, type Operation } from './operation.js';
import { importedOperator } from './operators/index.js';
import { elementTypeOf, readFloats, readTensor } from './read-tensor.js';
import { count, type Initial, type Value } from './value.js';

/** What a network needs of the job that calls it. */
export interface NetworkScope {
  weight(name: string, shape: Shape, init: Init): Tensor;
  stream(name: string): number;
  /** Called for each node; may refuse to go on. */
  spend(): void;
}

const MAX_ELEMENTS = 2 ** 31 - 1;

/**
 * The named outputs of the network. Operators of constants are computed here; float initialisers become weights where they meet values of
 * the step.
 * Errors: L0813 for operators that cannot be imported, L0814 for a use of an operator that is not covered, L0815 for shapes that do not fit, L0816 for arguments that do not fit the
 * inputs, L0817 for weights and constants that are not finite, L0819 for constants that are too large; each names the node.
 */
export function buildNetwork(
  network: Network,
  args: readonly Value[],
  outputs: readonly string[],
  scope: NetworkScope,
): Tensor[] {
  const { inputs } = network;
  checkSupported(network, outputs);
  if (args.length !== inputs.length) {
    const list = inputs.map(describeInput).join(', ') || 'none';
    throw importError('L0816', `the network takes ${inputs.length} arguments, found ${args.length}`, {
      notes: [`its inputs are ${list}`],
    });
  }
  const symbols = new Map<string, { dim: number; input: string }>();
  inputs.forEach((input, i) => {
    checkInput(input, args[i]!, symbols);
  });
  const names = weightNames(network);
  const weights = new Map<string, Tensor>();
  const algebra: Algebra = {
    folding: { elements: 0 },
    weightOf({ name, shape, data }) {
      const known = weights.get(name);
      if (known) return known;
      const { data: start, root } = weightValues(name, data());
      const made = scope.weight(names.get(name)!, shape, { kind: 'given', data: start, root: root(shape) });
      weights.set(name, made);
      return made;
    },
  };
  const found = new Map<string, Value>(inputs.map(({ name }, i) => [name, args[i]!]));
  const valueOf = (name: string): Value | undefined => {
    const known = found.get(name);
    if (known) return known;
    const proto = network.initializers.get(name);
    if (!proto) return undefined;
    const value = initializer(network, name);
    found.set(name, value);
    return value;
  };
  const needed = neededBy(network, outputs);
  for (const node of network.nodes) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    scope.spend();
    const results = within(node, () => {
      const operator = importedOperator(node.op)!;
      const given = node.inputs.map((name) => (name === '' ? undefined : valueOf(name)));
      node.inputs.forEach((name, i) => {
        if (name !== '' && !given[i]) refuse(`it reads ${quoted(name)}, an output that is not available`);
      });
      const [fewest, most] = operator.operands;
      const last = given.findLastIndex((each) => each !== undefined);
      if (last + 1 < fewest || given.length > most)
        refuse(`it has ${given.length} operands, and takes from ${fewest} to ${most}`);
      for (const name of node.attributes.keys())
        if (!operator.attributes?.includes(name)) refuse(`its attribute ${quoted(name)} is not known`);
      const o: Operation = {
        node,
        opset: network.opset,
        algebra,
        inputs: given,
        used: node.outputs.map((output) => needed.has(output)),
        external: network.external,
        stream: () => scope.stream(node.outputs.find((output) => output !== '') ?? node.name),
      };
      const built = operator.build(o);
      const list = Array.isArray(built) ? (built as readonly Value[]) : [built as Value];
      list.forEach(checkSize);
      return list;
    });
    node.outputs.forEach((name, i) => {
      const value = results[i];
      if (name !== '' && value) found.set(name, value);
    });
  }
  return outputs.map((name) => {
    const value = valueOf(name);
    if (!value) throw importError('L0814', `the output ${quoted(name)} is one that is not available`);
    return tensorOf(algebra, value);
  });
}

function initializer(network: Network, name: string): Value {
  const proto = network.initializers.get(name)!;
  const shape = proto.dims ?? [];
  if (elementTypeOf(proto.dataType) !== 'f32' || shape.length === 0)
    return readTensor(proto, network.external);
  let data: Float32Array | undefined;
  const initial: Initial = {
    kind: 'initial',
    name,
    type: 'f32',
    shape,
    data: () => (data ??= readFloats(proto, network.external)),
  };
  return count(shape) === 0 ? readTensor(proto, network.external) : initial;
}

/**
 * Names of weights as states and files may have them: those of the file, with what has no place there replaced. Dots become slashes, for
 * an optimiser names its own state after a weight, a dot and a word.
 */
function weightNames(network: Network): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of network.initializers.keys()) {
    const plain =
      name
        .replaceAll('.', '/')
        .replaceAll(/[^A-Za-z0-9_/-]/g, '_')
        .slice(0, 120) || 'weight';
    let unique = plain;
    for (let n = 2; taken.has(unique); n++) unique = `${plain}/${n}`;
    taken.add(unique);
    names.set(name, unique);
  }
  return names;
}

function checkSize({ kind, shape }: Value): void {
  const most = kind === 'known' ? Infinity : MAX_ELEMENTS;
  const least = kind === 'known' ? 0 : 1;
  if (shape.length > MAX_RANK || shape.some((dim) => !(dim >= least)) || count(shape) > most)
    throw importError('L0815', `its result would be [${shape.join(', ')}], which is no tensor of a job`);
}

export function describeInput({ name, type, shape }: NetworkInput): string {
  return `${quoted(name)} ${type}[${shape ? shape.map((dim) => (typeof dim === 'string' && dim.startsWith('?') ? '?' : dim)).join(', ') : '...'}]`;
}

function checkInput(
  input: NetworkInput,
  arg: Value,
  symbols: Map<string, { dim: number; input: string }>,
): void {
  const found = `${arg.type}[${arg.shape.join(', ')}]`;
  if (arg.type !== input.type)
    throw importError('L0816', `the input ${describeInput(input)} of the network cannot take ${found}`);
  if (!input.shape) return;
  if (input.shape.length !== arg.shape.length) {
    throw importError('L0816', `the input ${describeInput(input)} of the network cannot take ${found}`, {
      help: `it has ${input.shape.length} axes: use reshape or flatten`,
    });
  }
  input.shape.forEach((dim, axis) => {
    const actual = arg.shape[axis]!;
    const before = typeof dim === 'string' ? symbols.get(dim) : undefined;
    if (typeof dim === 'string' && !dim.startsWith('?') && !before)
      symbols.set(dim, { dim: actual, input: input.name });
    const wanted = typeof dim === 'number' ? dim : before?.dim;
    if (wanted === undefined || wanted === actual) return;
    throw importError(
      'L0816',
      `axis ${axis + 1} of the input ${describeInput(input)} is ${wanted}, and the argument is ${found}`,
      axis === 0
        ? { help: `set batch = ${wanted}, or export the network with a free batch axis (dynamic_axes)` }
        : {},
    );
  });
}

/** Runs `build` for a node; whatever is refused names it. */
function within<T>(node: NetworkNode, build: () => T): T {
  const at = `node ${quoted(node.name)} (${node.op})`;
  try {
    return build();
  } catch (error) {
    const cause = error instanceof ArgumentError ? shapesDoNotFit(error) : error;
    if (!(cause instanceof GensynError)) throw error;
    throw new GensynError(cause.code, `${at}: ${cause.message}`, {
      notes: cause.notes,
      ...(cause.help === undefined ? {} : { help: cause.help }),
      cause,
    });
  }
}
