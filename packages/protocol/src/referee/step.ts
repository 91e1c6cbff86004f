/** One step of training as the referee sees it: the graph, the value of every node, and the trees that commit to them. */
import {
  bytesOf,
  columnsRoot,
  encodeGraph,
  GensynError,
  graphDigests,
  graphRoot,
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

export interface CommittedStep {
  readonly job: StepJob;
  /** Counted from 0. */
  readonly number: number;
  /** Of every node, in node order. */
  readonly values: readonly TensorValue[];
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

/** The state that a step leaves, in the order of the inputs. Errors: V0402 for a graph that does not return one of them. */
export function stateAfter(graph: Graph, values: readonly TensorValue[]): State {
  return new Map(
    stateInputs(graph).map(({ name }) => {
      const output = graph.outputs.find((each) => each.role === 'state' && each.name === name);
      if (!output)
        throw new GensynError('V0402', `the graph takes the state '${name}' and does not return it`);
      return [name, values[output.node]!];
    }),
  );
}

/** Entries of the operator tree. */
export function operatorDigests(graph: Graph, values: readonly TensorValue[]): Uint8Array[] {
  const after = Buffer.from(rootsOf(stateAfter(graph, values)).root, 'hex');
  return [
    ...values.map(({ dtype, shape, data }) => tensorRoot(dtype, shape, bytesOf(data))),
    new Uint8Array(after),
  ];
}

/**
 * @param number of the step, counted from 0
 * @param values of all nodes: `evaluate`, or what somebody claims
 */
export function commitStep(job: StepJob, number: number, values: readonly TensorValue[]): CommittedStep {
  const { graph } = job;
  const digests = graphDigests(graph);
  const operators = operatorDigests(graph, values);
  const before: State = new Map(stateInputs(graph).map(({ name, node }) => [name, values[node]!]));
  const { tensors, root } = rootsOf(before);
  const entries = [...before].map(([name, { dtype, shape }]) =>
    stateEntryDigest({ name, dtype, shape, root: tensors.get(name)! }),
  );
  return {
    job,
    number,
    values,
    nodes: encodeGraph(graph).nodes,
    graphTree: chunkTree(listBytes(digests)),
    operatorTree: chunkTree(listBytes(operators)),
    roots: {
      graph: graphRoot(graph),
      operators: listRoot(operators),
      state: new Uint8Array(Buffer.from(root, 'hex')),
      columns: columnsRoot(job.columns),
    },
    tensorTree: once((node) => chunkTree(bytesOf(values[node]!.data))),
    stateTree: chunkTree(listBytes(entries)),
    columnTree: once((column) => chunkTree(job.columnBytes(column))),
  };
}
