/** Values of a step in which some are replaced, and what follows from them. */
import { bytesOf, OPERATORS, type Graph, type TensorValue } from '@gensyn/ir';

/** All values, where those of some nodes are given and everything that depends on them is computed anew, by the definitions. */
export function recomputed(
  graph: Graph,
  values: readonly TensorValue[],
  changed: ReadonlyMap<number, TensorValue>,
): TensorValue[] {
  const out = [...values];
  const dirty = new Set<number>();
  graph.nodes.forEach((node, id) => {
    const given = changed.get(id);
    if (given) out[id] = given;
    else if (node.inputs.some((input) => dirty.has(input))) {
      const operands = node.inputs.map((input) => out[input]!);
      const data = OPERATORS[node.op].evaluate(operands, node.attributes, node.type);
      out[id] = { ...node.type, data };
    } else return;
    if (firstDifference(out[id]!, values[id]!) >= 0) dirty.add(id);
  });
  return out;
}

/** The first element whose bits differ, or -1. */
export function firstDifference(a: TensorValue, b: TensorValue): number {
  if (a.data === b.data) return -1;
  const [left, right] = [bytesOf(a.data), bytesOf(b.data)];
  const byte = left.findIndex((value, i) => value !== right[i]);
  return byte < 0 ? -1 : Math.floor(byte / a.data.BYTES_PER_ELEMENT);
}

/** A copy with one element replaced. */
export function withElement(value: TensorValue, element: number, replacement: number): TensorValue {
  const data = value.data.slice();
  data[element] = replacement;
  return { ...value, data };
}

/** The rows (along the first axis) one place on. */
export function rolled(value: TensorValue): TensorValue {
  const { shape, data } = value;
  const width = shape.length === 0 ? data.length : data.length / shape[0]!;
  const out = data.slice();
  out.set(data.subarray(width), 0);
  out.set(data.subarray(0, width), data.length - width);
  return { ...value, data: out };
}
