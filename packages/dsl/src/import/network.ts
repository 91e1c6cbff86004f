/** An ONNX file as a checked list of nodes: every name defined once and before its use, every operator one that can be imported. */
import {
  GensynError,
  decodeModel,
  elementCount,
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '@gensyn/ir';
import type { ElementType } from '../tensor/tensor.js';
import { importError, quoted } from './import-error.js';
import { FIRST_OPSET, LAST_OPSET, MAX_ITEMS, MAX_NODES, MAX_RANK } from './limits.js';
import type { ModelFile } from './model-files.js';
import { elementTypeOf, type External } from './read-tensor.js';

/** A length, or the name of one that the caller chooses (the batch, most often). */
export type Dimension = number | string;

export interface NetworkInput {
  readonly name: string;
  readonly type: ElementType;
  /** Undefined when the file leaves the shape open. */
  readonly shape: readonly Dimension[] | undefined;
}

export interface NetworkNode {
  /** Its name in the file, or one made of its place. */
  readonly name: string;
  readonly op: string;
  /** Empty for an operand that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
  /** Why it cannot be imported; no matter where nothing needs it. */
  readonly refused?: GensynError;
}

export interface Network {
  readonly opset: number;
  readonly inputs: readonly NetworkInput[];
  readonly outputs: readonly string[];
  readonly initializers: ReadonlyMap<string, TensorProto>;
  /** Operands before users. */
  readonly nodes: readonly NetworkNode[];
  readonly external: External;
}

const isOnnx = (domain: string | undefined): boolean =>
  domain === undefined || domain === '' || domain === 'ai.onnx';

/**
 * @param supported whether an operator can be imported; a node with another is only marked, see `checkSupported`
 * Errors: L0811 for a malformed file, L0813 for functions and opsets that cannot be imported, L0815, L0818, L0819.
 */
export function readNetwork(file: ModelFile, supported: (op: string) => boolean): Network {
  const model = decode(file.bytes);
  const graph = model.graph;
  if (!graph) throw importError('L0811', 'the file holds no graph');
  const opset = opsetOf(model);
  if (graph.sparseInitializer?.length) throw importError('L0818', 'the network holds sparse tensors');
  const initializers = new Map<string, TensorProto>();
  for (const tensor of graph.initializer ?? []) {
    const name = tensor.name ?? '';
    if (name === '' || initializers.has(name))
      throw importError('L0811', `the initialiser ${quoted(name)} is there twice or has no name`);
    checkTensor(tensor);
    initializers.set(name, tensor);
  }
  // Before IR version 4 initialisers are inputs too.
  const inputs = (graph.input ?? []).filter(({ name }) => !initializers.has(name ?? '')).map(inputOf);
  const names = new Set<string>();
  for (const name of [...initializers.keys(), ...inputs.map((input) => input.name)]) {
    if (names.has(name)) throw importError('L0811', `the value ${quoted(name)} is defined twice`);
    names.add(name);
  }
  const nodes = ordered(readNodes(graph, supported), names);
  const outputs = (graph.output ?? []).map(({ name }) => name ?? '');
  if (outputs.length === 0) throw importError('L0811', 'the network has no output');
  const missing = outputs.find((name) => !names.has(name));
  if (missing !== undefined)
    throw importError('L0811', `the output ${quoted(missing)} is computed by no node`);
  return { opset, inputs, outputs, initializers, nodes, external: (where) => file.external(where) };
}

function decode(bytes: Uint8Array): ModelProto {
  try {
    return decodeModel(bytes, { items: MAX_ITEMS });
  } catch (cause) {
    if (!(cause instanceof GensynError)) throw cause;
    throw importError('L0811', `the file is no valid ONNX model: ${cause.message}`, {
      help: 'export or copy it again',
      cause,
    });
  }
}

function opsetOf(model: ModelProto): number {
  if (model.functions?.length) {
    throw importError(
      'L0813',
      `the network defines functions of its own, ${quoted(model.functions[0]!.name ?? '')} first`,
      { help: 'inline them when exporting (onnx.inliner.inline_local_functions)' },
    );
  }
  const versions = (model.opsetImport ?? []).filter(({ domain }) => isOnnx(domain));
  const version = versions[0]?.version ?? 0;
  if (versions.length !== 1 || version < FIRST_OPSET || version > LAST_OPSET) {
    const found = versions.map((each) => each.version ?? 0).join(' and ') || 'none';
    throw importError(
      'L0813',
      `the network uses ONNX opset ${found}; known are ${FIRST_OPSET} to ${LAST_OPSET}`,
      {
        help: 'convert it (onnx.version_converter), or export it again with opset 17',
      },
    );
  }
  return version;
}

/** What a tensor claims of its size, before anything is read or reserved for it. */
function checkTensor(tensor: TensorProto): void {
  if ((tensor.dims ?? []).length > MAX_RANK)
    throw importError('L0815', `tensor ${quoted(tensor.name ?? '')} has more than ${MAX_RANK} axes`);
  try {
    elementCount(tensor);
  } catch (cause) {
    if (!(cause instanceof GensynError)) throw cause;
    throw importError('L0811', cause.message, { cause });
  }
}

function inputOf(info: ValueInfoProto): NetworkInput {
  const name = info.name ?? '';
  const tensor = info.type?.tensorType;
  if (name === '' || !tensor)
    throw importError('L0818', `the input ${quoted(name)} is no tensor`, {
      help: 'sequences, maps and optional inputs cannot be imported',
    });
  const type = elementTypeOf(tensor.elemType);
  if (type === undefined)
    throw importError('L0818', `the input ${quoted(name)} has ONNX element type ${tensor.elemType ?? 0}`);
  const dims = tensor.shape?.dim;
  if (dims && dims.length > MAX_RANK)
    throw importError('L0815', `the input ${quoted(name)} has more than ${MAX_RANK} axes`);
  const shape = dims?.map((dim, axis): Dimension => dim.dimValue ?? (dim.dimParam || `?${axis}`));
  return { name, type, shape };
}

function readNodes(graph: GraphProto, supported: (op: string) => boolean): NetworkNode[] {
  const protos = graph.node ?? [];
  if (protos.length > MAX_NODES)
    throw importError('L0819', `the network has ${protos.length} nodes; at most ${MAX_NODES} are imported`);
  return protos.map((proto, index) => nodeOf(proto, index, supported));
}

function nodeOf(proto: NodeProto, index: number, supported: (op: string) => boolean): NetworkNode {
  const op = proto.opType ?? '';
  const name = proto.name || `${op} number ${index + 1}`;
  const at = `node ${quoted(name)}`;
  const attributes = new Map<string, AttributeProto>();
  for (const attribute of proto.attribute ?? []) {
    const key = attribute.name ?? '';
    if (attributes.has(key)) throw importError('L0811', `${at} gives the attribute ${quoted(key)} twice`);
    attributes.set(key, attribute);
  }
  const refused = refusalOf(proto, op, at, supported);
  return {
    name,
    op,
    inputs: proto.input ?? [],
    outputs: proto.output ?? [],
    attributes,
    ...(refused ? { refused } : {}),
  };
}

function refusalOf(
  { domain, attribute }: NodeProto,
  op: string,
  at: string,
  supported: (op: string) => boolean,
): GensynError | undefined {
  if (attribute?.some(({ g, graphs }) => g !== undefined || (graphs?.length ?? 0) > 0)) {
    return importError(
      'L0813',
      `${at}: ${quoted(op)} runs a graph inside the graph, which cannot be imported`,
      {
        help: 'a job has a fixed cost: export the network with its loops unrolled and its branches decided',
      },
    );
  }
  if (!isOnnx(domain)) {
    return importError(
      'L0813',
      `${at}: the operator ${quoted(op)} is of the domain ${quoted(domain!)}, not ONNX's own`,
      { help: 'export the network without fused or custom operators' },
    );
  }
  if (supported(op)) return undefined;
  return importError('L0813', `${at}: the operator ${quoted(op)} cannot be imported`, {
    help: 'docs/onnx-import.md lists the operators; write the network in the job language, or export it with others',
  });
}

/** Values on the way to these outputs. */
export function neededBy(network: Network, outputs: readonly string[]): ReadonlySet<string> {
  const needed = new Set(outputs);
  for (const node of [...network.nodes].reverse()) {
    if (node.outputs.some((output) => needed.has(output))) for (const input of node.inputs) needed.add(input);
  }
  needed.delete('');
  return needed;
}

/** Errors: L0813 for the first node on the way to these outputs that cannot be imported. */
export function checkSupported(network: Network, outputs: readonly string[]): void {
  const needed = neededBy(network, outputs);
  const found = network.nodes.find(
    (node) => node.refused && node.outputs.some((output) => needed.has(output)),
  );
  if (found) throw found.refused!;
}

/** Sorts nodes so that operands come first; `names` are the values known before, and gains all others. */
function ordered(nodes: readonly NetworkNode[], names: Set<string>): NetworkNode[] {
  const maker = new Map<string, NetworkNode>();
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (names.has(output) || maker.has(output))
        throw importError('L0811', `the value ${quoted(output)} is defined twice`);
      maker.set(output, node);
    }
  }
  const sorted: NetworkNode[] = [];
  const state = new Map<NetworkNode, 'open' | 'done'>();
  for (const root of nodes) {
    const stack = [{ node: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      if (top.next === 0) {
        if (state.get(top.node) === 'done') {
          stack.pop();
          continue;
        }
        state.set(top.node, 'open');
      }
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        state.set(top.node, 'done');
        sorted.push(top.node);
        stack.pop();
        continue;
      }
      if (input === '' || names.has(input)) continue;
      const before = maker.get(input);
      if (!before) {
        throw importError(
          'L0811',
          `node ${quoted(top.node.name)} reads ${quoted(input)}, which nothing defines`,
          {
            help: 'the file lacks an initialiser or a node: export it again',
          },
        );
      }
      if (state.get(before) === 'open')
        throw importError(
          'L0811',
          `node ${quoted(before.name)} depends on its own result: the graph has a cycle`,
        );
      if (state.get(before) !== 'done') stack.push({ node: before, next: 0 });
    }
  }
  for (const output of maker.keys()) names.add(output);
  return sorted;
}
