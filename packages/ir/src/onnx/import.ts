/** Reads an ONNX model as a canonical graph, noting every rule that it breaks; nothing in the file is believed but its declarations. */
import { GensynError } from '../error.js';
import { partOf, type Graph, type Node, type Output, type Source } from '../graph/graph.js';
import type { Range } from '../value/range.js';
import { formatType, type TensorType } from '../value/type.js';
import { widest } from '../verify/deduce.js';
import { breaks, RuleError } from '../verify/rule.js';
import { checkInput } from '../verify/source.js';
import { Violations, type Violation } from '../verify/violation.js';
import {
  INPUTS_KEY,
  OUTPUTS_KEY,
  readInputs,
  readOutputs,
  type InputDeclaration,
  type OutputDeclaration,
} from './declarations.js';
import { OPSET } from './emit.js';
import { readNode } from './import-node.js';
import type { GraphProto, ModelProto, ValueInfoProto } from './messages.js';
import { outputName } from './names.js';
import { dotZeros } from './products.js';
import { bind, isOnnx, placeOf, push, readConstant, type Reader } from './reader.js';
import { DTYPE_OF } from './spelling.js';

export interface Imported {
  /** Missing when some part of the model has no canonical meaning. */
  readonly graph?: Graph;
  readonly violations: readonly Violation[];
}

/** All that is wrong with the nodes of a model, and its graph where it has one. State invariants are left to `verifyCanonical`. */
export function importOnnx(model: ModelProto): Imported {
  const reader: Reader = {
    violations: new Violations(),
    values: new Map(),
    nodes: [],
    known: [],
    complete: true,
  };
  const { violations } = reader;
  const proto = model.graph;
  if (!proto) {
    violations.add('structure', undefined, 'the model holds no graph');
    return { violations: violations.list };
  }
  checkModel(model, proto, violations);
  const declarations = metadata(model, violations);
  const zeros = dotZeros(proto);
  readInputValues(reader, proto, declarations?.inputs);
  for (const tensor of proto.initializer ?? []) {
    if (!zeros.initializers.has(tensor.name ?? '')) readConstant(reader, tensor.name ?? '', tensor);
  }
  for (const node of proto.node ?? []) readNode(reader, node, zeros);
  const outputs = readOutputValues(reader, proto, declarations?.outputs);
  if (!reader.complete || !outputs) return { violations: violations.list };
  return { graph: inParts(reader.nodes, outputs), violations: violations.list };
}

/**
 * The graph of a canonical model.
 * @throws RuleError for the first rule that the model breaks; `importOnnx` tells all of them
 */
export function fromOnnx(model: ModelProto): Graph {
  const { graph, violations } = importOnnx(model);
  const [first] = violations;
  if (graph && !first) return graph;
  throw new RuleError(
    first?.rule ?? 'structure',
    `${first?.node ? `${first.node}: ` : ''}${first?.message ?? 'the model has no graph'}`,
    { node: first?.node, span: first?.span },
  );
}

function checkModel(model: ModelProto, graph: GraphProto, violations: Violations): void {
  // Both '' and 'ai.onnx' are ONNX's own domain.
  const versions = (model.opsetImport ?? []).filter(({ domain }) => isOnnx(domain));
  if (versions.length !== 1 || versions[0]!.version !== OPSET)
    violations.add(
      'operator',
      undefined,
      `the model uses ONNX opset ${versions.map(({ version }) => version).join(' and ') || 'none'}; operators are read as of opset ${OPSET}`,
    );
  if (model.functions?.length)
    violations.add('operator', undefined, 'the model defines functions of its own');
  if (model.trainingInfo?.length)
    violations.add('structure', undefined, 'the model holds training graphs beside its graph');
  if (graph.sparseInitializer?.length) violations.add('dtype', undefined, 'the model holds sparse tensors');
}

function metadata(
  model: ModelProto,
  violations: Violations,
): { inputs: InputDeclaration[]; outputs: OutputDeclaration[] } | undefined {
  const entries = (model.metadataProps ?? []).filter(({ key }) => key === INPUTS_KEY || key === OUTPUTS_KEY);
  const found = new Map(entries.map(({ key, value }) => [key!, value ?? '']));
  if (entries.length === 0) return undefined;
  try {
    if (entries.length !== 2 || found.size !== 2)
      breaks('structure', 'the metadata must hold the declarations of inputs and outputs once each');
    return { inputs: readInputs(found.get(INPUTS_KEY)!), outputs: readOutputs(found.get(OUTPUTS_KEY)!) };
  } catch (error) {
    if (!(error instanceof GensynError)) throw error;
    violations.add('structure', undefined, error.message);
    return undefined;
  }
}

/** @throws RuleError dtype, staticShape */
function typeOf(info: ValueInfoProto): TensorType {
  const name = info.name ?? '';
  const tensor = info.type?.tensorType;
  const dtype = DTYPE_OF.get(tensor?.elemType ?? 0);
  if (!dtype)
    breaks(
      'dtype',
      `'${name}' has ONNX element type ${tensor?.elemType ?? 'none'}; only f32, i32 and bool are canonical`,
    );
  if (!tensor?.shape) breaks('staticShape', `'${name}' has no shape`);
  const shape = (tensor.shape.dim ?? []).map((dim, d) => {
    if (dim.dimValue === undefined)
      breaks(
        'staticShape',
        `dimension ${d} of '${name}' is ${dim.dimParam ? `the symbol '${dim.dimParam}'` : 'not given'}, not a number`,
      );
    return dim.dimValue;
  });
  return { dtype, shape };
}

function readInputValues(reader: Reader, graph: GraphProto, declared: InputDeclaration[] | undefined): void {
  const inputs = graph.input ?? [];
  const names = inputs.map(({ name }) => name ?? '');
  if (declared && (declared.length !== names.length || declared.some(({ name }, n) => name !== names[n]))) {
    reader.violations.add('structure', undefined, 'the declared inputs are not those of the graph');
    declared = undefined;
  }
  inputs.forEach((info, n) => {
    const name = names[n]!;
    const type = reader.violations.collect(name, () => typeOf(info));
    if (!type) return bind(reader, name, undefined);
    const range: Range = declared?.[n]?.range ?? widest(type.dtype);
    const source: Source = declared?.[n]?.source ?? { kind: 'free' };
    const span = placeOf(info.docString);
    reader.violations.collect(name, () => checkInput(`input '${name}'`, type, range), span);
    bind(
      reader,
      name,
      push(
        reader,
        { op: 'Input', inputs: [], attributes: {}, type, range, span, name, source },
        { type, range },
      ),
    );
  });
}

/** Whether the type that an output is declared to have, as far as it is, is this one. */
function claims(info: ValueInfoProto, { dtype, shape }: TensorType): boolean {
  const tensor = info.type?.tensorType;
  if (!tensor) return info.type === undefined;
  const dims = tensor.shape?.dim;
  if (tensor.elemType && DTYPE_OF.get(tensor.elemType) !== dtype) return false;
  return (
    !dims ||
    (dims.length === shape.length &&
      dims.every(({ dimValue }, d) => dimValue === undefined || dimValue === shape[d]))
  );
}

function readOutputValues(
  reader: Reader,
  graph: GraphProto,
  declared: OutputDeclaration[] | undefined,
): Output[] | undefined {
  const { violations } = reader;
  const infos = graph.output ?? [];
  if (
    declared &&
    (declared.length !== infos.length || declared.some((output, n) => outputName(output) !== infos[n]!.name))
  ) {
    violations.add('structure', undefined, 'the declared outputs are not those of the graph');
    declared = undefined;
  }
  const outputs: Output[] = [];
  infos.forEach((info, n) => {
    const name = info.name ?? '';
    const value = reader.values.get(name);
    if (!reader.values.has(name))
      violations.add('structure', name, `output '${name}' is computed by no node`);
    else if (value && 'integers' in value) violations.add('dtype', name, `output '${name}' is int64`);
    if (!value || 'integers' in value) return;
    const { type } = reader.known[value.id]!;
    if (type && !claims(info, type)) {
      violations.add(
        'constraint',
        name,
        `output '${name}' is declared as another type than ${formatType(type)}, which is computed`,
      );
    }
    const { role, name: given } = declared?.[n] ?? { role: 'output' as const, name };
    outputs.push({ name: given, node: value.id, role });
  });
  return outputs.length === infos.length ? outputs : undefined;
}

/** Inputs, then constants, then operators, which is where ONNX files keep them anyway unless they have Constant nodes. */
function inParts(nodes: readonly Node[], outputs: readonly Output[]): Graph {
  const order = nodes.map((_, id) => id).sort((a, b) => partOf(nodes[a]!) - partOf(nodes[b]!) || a - b);
  const place = new Map(order.map((id, n) => [id, n]));
  return {
    nodes: order.map((id) => ({
      ...nodes[id]!,
      inputs: nodes[id]!.inputs.map((input) => place.get(input)!),
    })),
    outputs: outputs.map((output) => ({ ...output, node: place.get(output.node)! })),
  };
}
