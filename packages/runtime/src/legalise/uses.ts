/** How often each value of a graph is read. */
import type { Graph } from '@gensyn/ir';

const counted = new WeakMap<Graph, Int32Array>();

/** Readers of each node, outputs included. */
export function usesOf(graph: Graph): Int32Array {
  const known = counted.get(graph);
  if (known) return known;
  const counts = new Int32Array(graph.nodes.length);
  for (const node of graph.nodes) for (const input of node.inputs) counts[input]!++;
  for (const output of graph.outputs) counts[output.node]!++;
  counted.set(graph, counts);
  return counts;
}
