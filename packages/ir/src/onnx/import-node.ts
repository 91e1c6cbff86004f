/** Reads one ONNX node into the graph, or notes why it has no canonical meaning. */
import type { Span } from '../error.js';
import type { Node } from '../graph/graph.js';
import type { OperatorName } from '../operators/index.js';
import { elements } from '../value/type.js';
import { deduce, widest, type Known } from '../verify/deduce.js';
import { breaks, type RuleName } from '../verify/rule.js';
import type { NodeProto } from './messages.js';
import type { DotZeros } from './products.js';
import { bind, isOnnx, placeOf, push, readConstant, type Reader, type Value } from './reader.js';
import { operatorOf, readSpelling, type Spelling } from './spelling.js';

/** Binds the results of a node that has no meaning, so that what uses them is not reported as well. */
function fail(reader: Reader, node: NodeProto): void {
  for (const output of node.output ?? []) if (output !== '') bind(reader, output, undefined);
}

export function readNode(reader: Reader, node: NodeProto, zeros: DotZeros): void {
  const outputs = node.output ?? [];
  const out = outputs[0] ?? '';
  // Such a product is read where its +0 is added.
  if (zeros.products.get(out) === node) return;
  const product = node.opType === 'Add' ? zeros.products.get(node.input?.[0] ?? '') : undefined;
  const source = product ?? node;
  const name = node.name || `${node.opType ?? ''} ${out}`.trim();
  const span = placeOf(node.docString);
  const refuse = (rule: RuleName, message: string): void => {
    reader.violations.add(rule, name, message, span);
    fail(reader, node);
  };
  if ((node.attribute ?? []).some(({ g, graphs }) => g || graphs?.length)) {
    return refuse('operator', `${node.opType} holds a graph of its own`);
  }
  const opType = isOnnx(node.domain) ? (source.opType ?? '') : '';
  if (opType === 'Constant') {
    const tensor = node.attribute?.length === 1 ? node.attribute[0]!.t : undefined;
    return tensor ? readConstant(reader, out, tensor) : refuse('constraint', 'Constant must hold one tensor');
  }
  const inputs = (source.input ?? []).map((input): Value => {
    if (input !== '' && !reader.values.has(input)) {
      reader.violations.add(
        'structure',
        name,
        `${name} uses '${input}', which nothing before it computes`,
        span,
      );
    }
    return reader.values.get(input);
  });
  if (opType === 'Identity' && inputs.length === 1 && outputs.length === 1)
    return bind(reader, out, inputs[0]);
  const op = operatorOf(opType);
  if (!op) {
    const domain = isOnnx(node.domain) ? '' : `${node.domain}.`;
    return refuse('operator', `${domain}${node.opType} is no canonical operator`);
  }
  if (outputs.length !== 1) return refuse('constraint', `${node.opType} has ${outputs.length} results`);
  if (op === 'Dot' && !product) {
    const message = 'MatMul may give zeros of either sign: add +0 to its result, and let nothing else use it';
    reader.violations.add('zeroSign', name, message, span);
  }
  const value = readOperator(reader, { op, source, inputs, name, span });
  if (value) bind(reader, out, value);
  else fail(reader, node);
}

interface OperatorNode {
  readonly op: OperatorName;
  readonly source: NodeProto;
  readonly inputs: readonly Value[];
  readonly name: string;
  readonly span: Span | undefined;
}

/** The node as an operator, or undefined when it breaks a rule or uses a value that does. */
function readOperator(reader: Reader, { op, source, inputs, name, span }: OperatorNode): Value {
  const known = (value: Value): Known | undefined =>
    value && 'id' in value ? reader.known[value.id] : undefined;
  if (op === 'Dot' && inputs.some((input) => !known(input)?.type)) {
    reader.violations.add('dotOperand', name, 'MatMul of values about which nothing is proved', span);
    return undefined;
  }
  // Nothing can be said of a node whose operand has no known type.
  if (inputs.some((input, n) => input === undefined && source.input![n] !== '')) return undefined;
  const check = (): { spelling: Spelling; ids: number[] } => {
    const shapes = inputs.map((input) => {
      if (!input || 'integers' in input) return input;
      return { shape: known(input)?.type?.shape, zero: isZero(reader.nodes[input.id]!) };
    });
    const spelling = readSpelling(source, op, shapes);
    const ids = inputs.slice(0, spelling.operands).map((operand) => {
      if (operand && 'id' in operand) return operand.id;
      return operand
        ? breaks('dtype', `${source.opType} works on int64 values: these may only be shapes and axes`)
        : breaks('constraint', `${source.opType} leaves an operand out`);
    });
    return { spelling, ids };
  };
  const read = reader.violations.collect(name, check, span);
  if (!read) return undefined;
  const { attributes } = read.spelling;
  const operands = read.ids.map((id) => reader.known[id]!);
  const found = deduce(op, operands, attributes, reader.violations, name, span);
  if (!found.type) return undefined;
  const range = found.range ?? widest(found.type.dtype);
  return push(reader, { op, inputs: read.ids, attributes, type: found.type, range, span }, found);
}

function isZero(node: Node): boolean {
  return node.op === 'Constant' && elements(node.type.shape) === 1 && Object.is(node.data![0], 0);
}
