/** Reads an ONNX model as a canonical graph, noting every rule that it breaks; nothing in the file is believed but its declarations. */
import { GensynError, type Span } from '../error.js';
import { partOf, type Graph, type Node, type Output, type Source } from '../graph/graph.js';
import type { Range } from '../value/range.js';
import { elements, formatType, sameType, type TensorData, type TensorType } from '../value/type.js';
import { deduce, widest, type Known } from '../verify/deduce.js';
import { breaks, RuleError } from '../verify/rule.js';
import { checkConstant, checkInput } from '../verify/source.js';
import { Violations, type Violation } from '../verify/violation.js';
import { DataType } from './data-types.js';
import { INPUTS_KEY, OUTPUTS_KEY, readInputs, readOutputs, type InputDeclaration, type OutputDeclaration } from './declarations.js';
import { OPSET } from './emit.js';
import type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from './messages.js';
import { tensorData } from './model.js';
import { outputName } from './names.js';
import { DTYPE_OF, operatorOf, readSpelling } from './spelling.js';

export interface Imported {
  /** Missing when some part of the model has no canonical meaning. */
  readonly graph?: Graph;
  readonly violations: readonly Violation[];
}

/** An ONNX value: a node of the graph, a constant list of shape-like numbers, or neither when it breaks a rule. */
type Value = { readonly id: number } | { readonly integers: readonly number[] } | undefined;

interface Reader {
  readonly violations: Violations;
  readonly values: Map<string, Value>;
  readonly nodes: Node[];
  /** Beside `nodes`: what is deduced of each. */
  readonly known: Known[];
  complete: boolean;
}

/** All that is wrong with the nodes of a model, and its graph where it has one. State invariants are left to `verifyCanonical`. */
export function importOnnx(model: ModelProto): Imported {
  const reader: Reader = { violations: new Violations(), values: new Map(), nodes: [], known: [], complete: true };
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
  throw new RuleError(first?.rule ?? 'structure', `${first?.node ? `${first.node}: ` : ''}${first?.message ?? 'the model has no graph'}`, { node: first?.node, span: first?.span });
}

function checkModel(model: ModelProto, graph: GraphProto, violations: Violations): void {
  const version = model.opsetImport?.find(({ domain }) => isOnnx(domain))?.version;
  if (version !== OPSET) violations.add('operator', undefined, `the model uses ONNX opset ${version ?? 'none'}; operators are read as of opset ${OPSET}`);
  if (model.functions?.length) violations.add('operator', undefined, 'the model defines functions of its own');
  if (model.trainingInfo?.length) violations.add('structure', undefined, 'the model holds training graphs beside its graph');
  if (graph.sparseInitializer?.length) violations.add('dtype', undefined, 'the model holds sparse tensors');
}

function isOnnx(domain: string | undefined): boolean {
  return domain === undefined || domain === '' || domain === 'ai.onnx';
}

function metadata(model: ModelProto, violations: Violations): { inputs: InputDeclaration[]; outputs: OutputDeclaration[] } | undefined {
  const entries = (model.metadataProps ?? []).filter(({ key }) => key === INPUTS_KEY || key === OUTPUTS_KEY);
  const found = new Map(entries.map(({ key, value }) => [key!, value ?? '']));
  if (entries.length === 0) return undefined;
  try {
    if (entries.length !== 2 || found.size !== 2) breaks('structure', 'the metadata must hold the declarations of inputs and outputs once each');
    return { inputs: readInputs(found.get(INPUTS_KEY)!), outputs: readOutputs(found.get(OUTPUTS_KEY)!) };
  } catch (error) {
    if (!(error instanceof GensynError)) throw error;
    violations.add('structure', undefined, error.message);
    return undefined;
  }
}

function bind(reader: Reader, name: string, value: Value): void {
  if (name === '' || reader.values.has(name)) reader.violations.add('structure', name, name === '' ? 'a value has no name' : `two values are called '${name}'`);
  if (value === undefined) reader.complete = false;
  reader.values.set(name, value);
}

function push(reader: Reader, node: Node, known: Known): Value {
  reader.nodes.push(node);
  reader.known.push(known);
  return { id: reader.nodes.length - 1 };
}

/** @throws RuleError dtype, staticShape */
function typeOf(info: ValueInfoProto): TensorType {
  const name = info.name ?? '';
  const tensor = info.type?.tensorType;
  const dtype = DTYPE_OF.get(tensor?.elemType ?? 0);
  if (!dtype) breaks('dtype', `'${name}' has ONNX element type ${tensor?.elemType ?? 'none'}; only f32, i32 and bool are canonical`);
  if (!tensor?.shape) breaks('staticShape', `'${name}' has no shape`);
  const shape = (tensor.shape.dim ?? []).map((dim, d) => {
    if (dim.dimValue === undefined) breaks('staticShape', `dimension ${d} of '${name}' is ${dim.dimParam ? `the symbol '${dim.dimParam}'` : 'not given'}, not a number`);
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
    bind(reader, name, push(reader, { op: 'Input', inputs: [], attributes: {}, type, range, span, name, source }, { type, range }));
  });
}

function readConstant(reader: Reader, name: string, tensor: TensorProto): void {
  const { violations } = reader;
  const value = violations.collect(name, (): Value => {
    const { dataType, dims, data } = content(tensor);
    if (dataType === DataType.int64) return { integers: Array.from(data as BigInt64Array, Number) };
    const dtype = DTYPE_OF.get(dataType);
    if (!dtype) breaks('dtype', `constant '${name}' has ONNX element type ${dataType}; only f32, i32 and bool are canonical`);
    const type = { dtype, shape: dims };
    const range = checkConstant(`constant '${name}'`, { type, data: data as TensorData });
    return push(reader, { op: 'Constant', inputs: [], attributes: {}, type, range, span: placeOf(tensor.docString), data: data as TensorData }, { type, range });
  });
  bind(reader, name, value);
}

function content(tensor: TensorProto) {
  try {
    return tensorData(tensor);
  } catch (error) {
    if (error instanceof GensynError) breaks('structure', error.message);
    throw error;
  }
}

/** Which products are Dot: a MatMul whose result is used once, by an Add of the scalar +0. */
interface DotZeros {
  /** Result of such a MatMul, to itself. */
  readonly products: ReadonlyMap<string, NodeProto>;
  /** Initialisers that serve only as that zero. */
  readonly initializers: ReadonlySet<string>;
}

function dotZeros(graph: GraphProto): DotZeros {
  const zeros = new Set<string>();
  for (const tensor of graph.initializer ?? []) {
    if (tensor.dataType === DataType.float && (tensor.dims ?? []).length === 0 && (tensor.dataLocation ?? 0) === 0 && isPositiveZero(tensor)) zeros.add(tensor.name ?? '');
  }
  const uses = new Map<string, number>();
  for (const name of [...(graph.node ?? []).flatMap(({ input }) => input ?? []), ...(graph.output ?? []).map(({ name }) => name ?? '')]) {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  const matmuls = new Map<string, NodeProto>();
  for (const node of graph.node ?? []) {
    const out = node.output?.[0] ?? '';
    if (node.opType === 'MatMul' && isOnnx(node.domain) && uses.get(out) === 1) matmuls.set(out, node);
  }
  const products = new Map<string, NodeProto>();
  const left = new Map([...zeros].map((name) => [name, uses.get(name) ?? 0]));
  for (const node of graph.node ?? []) {
    const [product = '', zero = ''] = node.input ?? [];
    if (node.opType !== 'Add' || !isOnnx(node.domain) || !matmuls.has(product) || !zeros.has(zero)) continue;
    products.set(product, matmuls.get(product)!);
    left.set(zero, left.get(zero)! - 1);
  }
  return { products, initializers: new Set([...left].filter(([name, rest]) => rest === 0 && uses.has(name)).map(([name]) => name)) };
}

function isPositiveZero(tensor: TensorProto): boolean {
  try {
    return Object.is(tensorData(tensor).data[0], 0);
  } catch {
    // Unreadable tensors are reported where constants are read.
    return false;
  }
}

function readNode(reader: Reader, node: NodeProto, zeros: DotZeros): void {
  const { violations, values } = reader;
  const name = node.name || `${node.opType ?? ''} ${node.output?.[0] ?? ''}`.trim();
  const span = placeOf(node.docString);
  const outputs = node.output ?? [];
  const out = outputs[0] ?? '';
  if (node.opType === 'MatMul' && zeros.products.get(out) === node) return;
  const product = node.opType === 'Add' ? zeros.products.get(node.input?.[0] ?? '') : undefined;
  const source = product ?? node;
  const op = isOnnx(node.domain) ? operatorOf(source.opType ?? '') : undefined;
  const fail = (): void => outputs.filter((output) => output !== '').forEach((output) => bind(reader, output, undefined));
  if ((node.attribute ?? []).some(({ g, graphs }) => g || graphs?.length)) {
    violations.add('operator', name, `${node.opType} holds a graph of its own`, span);
    return fail();
  }
  if (node.opType === 'Constant' && isOnnx(node.domain)) {
    const tensor = node.attribute?.length === 1 ? node.attribute[0]!.t : undefined;
    if (tensor) return readConstant(reader, out, tensor);
    violations.add('constraint', name, 'Constant must hold one tensor', span);
    return fail();
  }
  const inputs = (source.input ?? []).map((input) => {
    if (input !== '' && !values.has(input)) violations.add('structure', name, `${name} uses '${input}', which nothing before it computes`, span);
    return values.get(input);
  });
  if (node.opType === 'Identity' && isOnnx(node.domain) && inputs.length === 1 && outputs.length === 1) return bind(reader, out, inputs[0]);
  if (!op) {
    const domain = isOnnx(node.domain) ? '' : `${node.domain}.`;
    violations.add('operator', name, `${domain}${node.opType} is no canonical operator`, span);
    return fail();
  }
  if (outputs.length !== 1) {
    violations.add('constraint', name, `${node.opType} has ${outputs.length} results`, span);
    return fail();
  }
  if (source.opType === 'MatMul' && !product) {
    violations.add('zeroSign', name, 'MatMul may give zeros of either sign: add +0 to its result, and let nothing else use it', span);
  }
  const known = (value: Value): Known | undefined => (value && 'id' in value ? reader.known[value.id] : undefined);
  if (op === 'Dot' && inputs.some((input) => !known(input)?.type)) {
    violations.add('dotOperand', name, 'MatMul of values about which nothing is proved', span);
    return fail();
  }
  const spelling = violations.collect(
    name,
    () => {
      const shapes = inputs.map((input) => {
        if (!input) return undefined;
        return 'integers' in input ? input : { shape: known(input)?.type?.shape, zero: isZero(reader.nodes[input.id]!) };
      });
      // Nothing can be said of a node whose operand has no known type.
      if (inputs.some((input, n) => input === undefined && source.input![n] !== '')) return undefined;
      return readSpelling(source, op, shapes);
    },
    span,
  );
  if (!spelling) return fail();
  const operands = inputs.slice(0, spelling.operands);
  if (operands.some((operand) => !operand || 'integers' in operand)) {
    violations.add('dtype', name, `${node.opType} works on int64 values: these may only be shapes and axes`, span);
    return fail();
  }
  const ids = operands.map((operand) => (operand as { id: number }).id);
  const found = deduce(op, ids.map((id) => reader.known[id]!), spelling.attributes, violations, name, span);
  if (!found.type) return fail();
  bind(
    reader,
    out,
    push(reader, { op, inputs: ids, attributes: spelling.attributes, type: found.type, range: found.range ?? widest(found.type.dtype), span }, found),
  );
}

function isZero(node: Node): boolean {
  return node.op === 'Constant' && elements(node.type.shape) === 1 && Object.is(node.data![0], 0);
}

/** The place that `formatPlace` writes. */
function placeOf(text: string | undefined): Span | undefined {
  const match = /^(.+):(\d{1,9}):(\d{1,9})$/.exec(text ?? '');
  return match ? { file: match[1]!, line: Number(match[2]), column: Number(match[3]), offset: 0, length: 0 } : undefined;
}

function readOutputValues(reader: Reader, graph: GraphProto, declared: OutputDeclaration[] | undefined): Output[] | undefined {
  const { violations } = reader;
  const infos = graph.output ?? [];
  if (declared && (declared.length !== infos.length || declared.some((output, n) => outputName(output) !== infos[n]!.name))) {
    violations.add('structure', undefined, 'the declared outputs are not those of the graph');
    declared = undefined;
  }
  const outputs: Output[] = [];
  infos.forEach((info, n) => {
    const name = info.name ?? '';
    const value = reader.values.get(name);
    if (!reader.values.has(name)) violations.add('structure', name, `output '${name}' is computed by no node`);
    else if (value && 'integers' in value) violations.add('dtype', name, `output '${name}' is int64`);
    if (!value || 'integers' in value) return;
    const own = violations.collect(name, () => typeOf(info));
    const { type } = reader.known[value.id]!;
    if (own && type && !sameType(own, type)) violations.add('constraint', name, `output '${name}' is declared ${formatType(own)} but computed as ${formatType(type)}`);
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
    nodes: order.map((id) => ({ ...nodes[id]!, inputs: nodes[id]!.inputs.map((input) => place.get(input)!) })),
    outputs: outputs.map((output) => ({ ...output, node: place.get(output.node)! })),
  };
}
