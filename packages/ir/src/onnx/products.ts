/** Finds the matrix products of a model that are Dot: MatMul, then +0. */
import { DataType } from './data-types.js';
import type { GraphProto, NodeProto, TensorProto } from './messages.js';
import { tensorData } from './model.js';
import { isOnnx } from './reader.js';

/** Which products are Dot: a MatMul whose result is used once, by an Add of the scalar +0. */
export interface DotZeros {
  /** Result of such a MatMul, to itself. */
  readonly products: ReadonlyMap<string, NodeProto>;
  /** Initialisers that serve only as that zero. */
  readonly initializers: ReadonlySet<string>;
}

export function dotZeros(graph: GraphProto): DotZeros {
  const zeros = new Set<string>();
  for (const tensor of graph.initializer ?? []) {
    if (
      tensor.dataType === DataType.float &&
      (tensor.dims ?? []).length === 0 &&
      (tensor.dataLocation ?? 0) === 0 &&
      isPositiveZero(tensor)
    )
      zeros.add(tensor.name ?? '');
  }
  // A name that stands for something else as well is no zero to rely on; where values are bound, it is reported.
  const given = new Set<string>();
  for (const name of [
    ...(graph.initializer ?? []).map(({ name }) => name ?? ''),
    ...(graph.input ?? []).map(({ name }) => name ?? ''),
    ...(graph.node ?? []).flatMap(({ output }) => output ?? []),
  ]) {
    if (given.has(name)) zeros.delete(name);
    given.add(name);
  }
  const uses = new Map<string, number>();
  for (const name of [
    ...(graph.node ?? []).flatMap(({ input }) => input ?? []),
    ...(graph.output ?? []).map(({ name }) => name ?? ''),
  ]) {
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
    const [product = '', zero = '', ...more] = node.input ?? [];
    // An Add that ONNX does not allow is read, and refused, as what it is.
    if (more.length > 0 || (node.attribute ?? []).length > 0 || (node.output ?? []).length !== 1) continue;
    if (node.opType !== 'Add' || !isOnnx(node.domain) || !matmuls.has(product) || !zeros.has(zero)) continue;
    products.set(product, matmuls.get(product)!);
    left.set(zero, left.get(zero)! - 1);
  }
  return {
    products,
    initializers: new Set(
      [...left].filter(([name, rest]) => rest === 0 && uses.has(name)).map(([name]) => name),
    ),
  };
}

function isPositiveZero(tensor: TensorProto): boolean {
  try {
    return Object.is(tensorData(tensor).data[0], 0);
  } catch {
    // Unreadable tensors are reported where constants are read.
    return false;
  }
}
