/** One step of training as the referee sees it: the graph, the value of every node, and the trees that commit to them. */
import {
  bytesOf,
  columnsRoot,
  encodeGraph,
  GensynError,
  graphDigests,
  inputsOf,
  listBytes,
  listRoot,
  rootsOf,
  stateEntryDigest,
  tensorRoot,
  type ColumnFacts,
  type Graph,
  type State,
  type TensorValue,
} from '@gensyn/ir';
import { chunkTree, type ChunkTree } from './chunk-tree.js';

/** What of a job a step depends on besides its graph. */
export interface StepJob {
  readonly graph: Graph;
  readonly seed: number;
  readonly batch: number;
  readonly columns: readonly ColumnFacts[];
  /** Bytes of a column's file. */
  readonly columnBytes: (column: ColumnFacts) => Uint8Array;
}

/** The values of a step, not committed to. */
export interface StepView {
  readonly job: Pick<StepJob, 'graph'>;
  /** Of every node, in node order. */
  readonly values: readonly TensorValue[];
}

export interface CommittedStep extends StepView {
  readonly job: StepJob;
  /** Counted from 0. */
  readonly number: number;
  readonly nodes: readonly Uint8Array[];
  /** Of the graph's list: entry i + 1 is node i. */
  readonly graphTree: ChunkTree;
  /** Of the operator tree: entry i is the tensor root of node i, the last one the root of the state after the step. */
  readonly operatorTree: ChunkTree;
  readonly roots: {
    readonly graph: Uint8Array;
    readonly operators: Uint8Array;
    /** Of the state before the step. */
    readonly state: Uint8Array;
    readonly columns: Uint8Array;
  };
  /** Tree over the output of a node. */
  readonly tensorTree: (node: number) => ChunkTree;
  /** Tree over the state before the step. */
  readonly stateTree: ChunkTree;
  readonly columnTree: (column: ColumnFacts) => ChunkTree;
}

/** A function of one argument that is computed once for each. */
function once<K, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = compute(key)));
    return value;
  };
}

/** Inputs that are state, by name, in the order of the state tree. */
export function stateInputs(graph: Graph): { readonly name: string; readonly node: number }[] {
  return inputsOf(graph).flatMap(({ node, index }) =>
    node.source?.kind === 'state' ? [{ name: node.name!, node: index }] : [],
  );
}

/** Outputs that are the next state, in the order of the inputs. Errors: V0402 for a graph that does not return one of them. */
function stateOutputs(graph: Graph): { readonly name: string; readonly node: number }[] {
  return stateInputs(graph).map(({ name }) => {
    const output = graph.outputs.find((each) => each.role === 'state' && each.name === name);
    if (!output) throw new GensynError('V0402', `the graph takes the state '${name}' and does not return it`);
    return { name, node: output.node };
  });
}

/** The state that a step leaves, in the order of the inputs. Errors: V0402. */
export function stateAfter(graph: Graph, values: readonly TensorValue[]): State {
  return new Map(stateOutputs(graph).map(({ name, node }) => [name, values[node]!]));
}

/** Constants are the same in every step. */
const constantRoots = new WeakMap<Graph, ReadonlyMap<number, Uint8Array>>();

function rootsOfConstants(graph: Graph): ReadonlyMap<number, Uint8Array> {
  let roots = constantRoots.get(graph);
  if (!roots) {
    roots = new Map(
      graph.nodes.flatMap(({ op, type, data }, id) =>
        op === 'Constant' ? [[id, tensorRoot(type.dtype, type.shape, bytesOf(data!))] as const] : [],
      ),
    );
    constantRoots.set(graph, roots);
  }
  return roots;
}

/** Digests of the entries of a state. */
export function stateDigests(state: State): Uint8Array[] {
  const { tensors } = rootsOf(state);
  return [...state].map(([name, { dtype, shape }]) =>
    stateEntryDigest({ name, dtype, shape, root: tensors.get(name)! }),
  );
}

/** Entries of the operator tree. Errors: V0402. */
export function operatorDigests(graph: Graph, values: readonly TensorValue[]): Uint8Array[] {
  const constants = rootsOfConstants(graph);
  const digests = values.map(({ dtype, shape, data }, id) => {
    // Somebody may claim another constant: the bytes that count are those claimed.
    const known = data === graph.nodes[id]!.data ? constants.get(id) : undefined;
    return known ?? tensorRoot(dtype, shape, bytesOf(data));
  });
  const entries = stateOutputs(graph).map(({ name, node }) => {
    const { dtype, shape } = values[node]!;
    return stateEntryDigest({ name, dtype, shape, root: digests[node]! });
  });
  return [...digests, listRoot(entries)];
}

/** What of a graph every step opens. */
interface CommittedGraph {
  readonly nodes: readonly Uint8Array[];
  readonly tree: ChunkTree;
  readonly root: Uint8Array;
}

const committedGraphs = new WeakMap<Graph, CommittedGraph>();

function committedGraph(graph: Graph): CommittedGraph {
  let known = committedGraphs.get(graph);
  if (!known) {
    const digests = graphDigests(graph);
    known = {
      nodes: encodeGraph(graph).nodes,
      tree: chunkTree(listBytes(digests)),
      root: listRoot(digests),
    };
    committedGraphs.set(graph, known);
  }
  return known;
}

/**
 * @param number of the step, counted from 0
 * @param values of all nodes: `evaluate`, or what somebody claims
 * @param operators their `operatorDigests`, where these are known
 */
export function commitStep(
  job: StepJob,
  number: number,
  values: readonly TensorValue[],
  operators: readonly Uint8Array[] = operatorDigests(job.graph, values),
): CommittedStep {
  const { graph } = job;
  const { nodes, tree, root } = committedGraph(graph);
  const before: State = new Map(stateInputs(graph).map(({ name, node }) => [name, values[node]!]));
  const entries = stateDigests(before);
  return {
    job,
    number,
    values,
    nodes,
    graphTree: tree,
    operatorTree: chunkTree(listBytes(operators)),
    roots: {
      graph: root,
      operators: listRoot(operators),
      state: listRoot(entries),
      columns: columnsRoot(job.columns),
    },
    tensorTree: once((node) => chunkTree(bytesOf(values[node]!.data))),
    stateTree: chunkTree(listBytes(entries)),
    columnTree: once((column) => chunkTree(job.columnBytes(column))),
  };
}
