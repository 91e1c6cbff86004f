/** Names of a graph's values in its ONNX file. */
import { inputsOf, type Graph, type Output } from '../graph/graph.js';

/** Name of an output in the ONNX file: the next value of state `w` is `next.w`, so that it does not clash with the input. */
export function outputName(output: Pick<Output, 'name' | 'role'>): string {
  return output.role === 'state' ? `next.${output.name}` : output.name;
}

/** ONNX value name of every node: inputs and outputs under their own names, the rest `v<id>`. */
export function valueNames(graph: Graph): string[] {
  const taken = new Set<string>(graph.outputs.map(outputName));
  for (const { node } of inputsOf(graph)) taken.add(node.name!);
  const own = new Map<number, string>();
  // A value can stand under one name only; further outputs of it, and outputs that are inputs or constants, are copies.
  for (const output of graph.outputs) {
    const { op } = graph.nodes[output.node]!;
    if (op !== 'Input' && op !== 'Constant' && !own.has(output.node))
      own.set(output.node, outputName(output));
  }
  return graph.nodes.map((node, id) => {
    if (node.op === 'Input') return node.name!;
    let name = own.get(id) ?? `v${id}`;
    if (!own.has(id)) while (taken.has(name)) name += '_';
    return name;
  });
}
