/** Many small graphs as one, so that a device whose sessions are slow to make compares hundreds of them. */
import type { Graph, Node, Output, TensorValue } from '@gensyn/ir';

export interface Joined {
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, TensorValue>>;
}

/** Names get the number of their graph in front; nodes keep the order of their parts: inputs, constants, operators. */
export function joinGraphs(graphs: readonly Joined[]): Joined {
  const parts = graphs.map(({ graph }, g) => graph.nodes.map((node, id) => ({ node, id, g })));
  const order = [0, 1, 2].flatMap((part) => parts.flat().filter(({ node }) => partOf(node) === part));
  const place = new Map(order.map(({ g, id }, at) => [`${g}/${id}`, at]));
  const nodes = order.map(({ node, g }): Node => ({
    ...node,
    inputs: node.inputs.map((id) => place.get(`${g}/${id}`)!),
    ...(node.name === undefined ? {} : { name: `g${g}_${node.name}` }),
  }));
  const outputs = graphs.flatMap(({ graph }, g) =>
    graph.outputs.map((output): Output => ({
      ...output,
      name: `g${g}_${output.name}`,
      node: place.get(`${g}/${output.node}`)!,
    })),
  );
  const inputs = Object.fromEntries(
    graphs.flatMap(({ inputs: of }, g) =>
      Object.entries(of).map(([name, value]): [string, TensorValue] => [`g${g}_${name}`, value]),
    ),
  );
  return { graph: { nodes, outputs }, inputs };
}

function partOf({ op }: Node): number {
  return op === 'Input' ? 0 : op === 'Constant' ? 1 : 2;
}
