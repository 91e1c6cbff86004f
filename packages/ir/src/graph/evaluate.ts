/** Runs a graph by the normative definitions: slow, exact, the same on every machine. */
import { OPERATORS } from '../operators/index.js';
import { GensynError } from '../error.js';
import { formatType, sameShape, type TensorValue } from '../value/type.js';
import type { Graph } from './graph.js';

/**
 * Value of every node, in node order, given the inputs by name.
 * @throws GensynError G0104 when an input is missing or of another type
 */
export function evaluate(graph: Graph, inputs: Readonly<Record<string, TensorValue>>): TensorValue[] {
  const values: TensorValue[] = [];
  for (const node of graph.nodes) {
    if (node.op === 'Constant') values.push({ ...node.type, data: node.data! });
    else if (node.op === 'Input') {
      const given = inputs[node.name!];
      if (!given || given.dtype !== node.type.dtype || !sameShape(given.shape, node.type.shape)) {
        throw new GensynError(
          'G0104',
          `input '${node.name}' must be ${formatType(node.type)}${given ? `, not ${formatType(given)}` : ''}`,
        );
      }
      values.push(given);
    } else {
      const operands = node.inputs.map((id) => values[id]!);
      values.push({ ...node.type, data: OPERATORS[node.op].evaluate(operands, node.attributes, node.type) });
    }
  }
  return values;
}
