/** Proofs for GraphReferee: shapes of operators and entries of a state, opened under the graph's root. */
import { encodeGraph, graphDigests, type Graph } from '@gensyn/ir';
import { concat } from 'ethers';
import { nodeTree, type NodeTree } from './node-tree.js';

export interface GraphProofs {
  /** Nodes and one more: entries of the graph's list, and of a step's operators. */
  readonly entries: number;
  /** Over the graph's list: its root is what a submission calls the graph tree. */
  readonly tree: NodeTree;
  /** For `layoutOf` of an operator, or of the state (`entries - 1`). */
  layout(entry: number): string;
  /** For `rightValue` of state entry `index`, given the step's operators. */
  stateEntry(index: number, operators: NodeTree): string;
}

const known = new WeakMap<Graph, GraphProofs>();

/** Made once for each graph. */
export function graphProofs(graph: Graph): GraphProofs {
  let proofs = known.get(graph);
  if (!proofs) known.set(graph, (proofs = proofsOf(graph)));
  return proofs;
}

function proofsOf(graph: Graph): GraphProofs {
  const { header, nodes } = encodeGraph(graph);
  const tree = nodeTree(graphDigests(graph));
  const headerProof = (): Uint8Array[] => [header, ...tree.path(0)];
  const nodeProof = (id: number): Uint8Array[] => [nodes[id]!, ...tree.path(id + 1)];
  const states = graph.outputs.filter(({ role }) => role === 'state');
  return {
    entries: nodes.length + 1,
    tree,
    layout(entry) {
      return concat(entry === nodes.length ? headerProof() : nodeProof(entry));
    },
    stateEntry(index, operators) {
      const { node } = states[index]!;
      return concat([...headerProof(), ...nodeProof(node), operators.entry(node), ...operators.path(node)]);
    },
  };
}
