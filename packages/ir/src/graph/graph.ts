/** A canonical graph: nodes in topological order, each producing one tensor. */
import type { Span } from '../error.js';
import type { Attributes } from '../operators/operator.js';
import type { OperatorName } from '../operators/index.js';
import type { Range } from '../value/range.js';
import type { TensorData, TensorType } from '../value/type.js';

/**
 * Where the bytes of an input come from. `state` is last step's output of the same name; the others can be recomputed by anyone
 * from (seed, step) and the data set's root.
 */
export type Source =
  | { readonly kind: 'state'; readonly init: StateInit }
  /** Row `r` of the input is row `order(step * batch + r)` of a committed column. */
  | { readonly kind: 'batch'; readonly dataset: string; readonly column: string }
  /** Dropout mask: 1/keep with probability keep, else 0. */
  | { readonly kind: 'dropout'; readonly stream: number; readonly keep: number }
  /** Anything else: a graph that is not a training step. */
  | { readonly kind: 'free' };

/**
 * How a state tensor starts. `uniform` is drawn from [-bound, bound) by the counter-based generator at (seed, stream); `given` values
 * travel with the job (init.onnx), and `root` is their tensor root, hex.
 */
export type StateInit =
  | { readonly kind: 'uniform'; readonly stream: number; readonly bound: number }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'given'; readonly root: string };

export interface Node {
  readonly op: OperatorName;
  /** Indices of the operand nodes, each smaller than this node's own. */
  readonly inputs: readonly number[];
  readonly attributes: Attributes;
  readonly type: TensorType;
  readonly range: Range;
  /** Expression of the job that the node computes. */
  readonly span?: Span | undefined;
  /** Constant only. */
  readonly data?: TensorData;
  /** Input only: name, and where its bytes come from. `range` is then a declaration, not a deduction. */
  readonly name?: string;
  readonly source?: Source;
}

/** `state` outputs feed the input of the same name in the next step; `health` is the largest magnitude met in the state. */
export type Role = 'state' | 'loss' | 'metric' | 'health' | 'output';

export interface Output {
  readonly name: string;
  readonly node: number;
  readonly role: Role;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly outputs: readonly Output[];
}

export function inputsOf(graph: Graph): { node: Node; index: number }[] {
  return graph.nodes.flatMap((node, index) => (node.op === 'Input' ? [{ node, index }] : []));
}

/** Nodes stand in three parts, as in an ONNX file: inputs (0), constants (1), operators (2). */
export function partOf(node: Pick<Node, 'op'>): 0 | 1 | 2 {
  return node.op === 'Input' ? 0 : node.op === 'Constant' ? 1 : 2;
}
