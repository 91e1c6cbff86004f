/** What a player of a pinpoint game must be able to compute: the trees of a run, each when the descent comes to it. */
import type { NodeTree } from './node-tree.js';

export interface Segment {
  /** Over `stepEntry` of each step. */
  readonly tree: NodeTree;
  /** State root after each step, and list root of its operators. */
  readonly states: readonly Uint8Array[];
  readonly traces: readonly Uint8Array[];
}

/** Shape of an operator's output: ONNX's number of its type (0: the state), its elements, its terms where these are judged one by one. */
export interface Layout {
  readonly dtype: number;
  readonly elements: number;
  readonly terms: number;
}

/** Steps are counted as the chain does: from the first task that led to this one. */
export interface Witness {
  /** Over the state roots after each checkpoint interval of the run in dispute. */
  run(): Promise<NodeTree>;
  /** `steps` steps from `step` on. */
  segment(step: number, steps: number): Promise<Segment>;
  /** Over the tensor roots of a step's operators, the state root last. */
  operators(step: number): Promise<NodeTree>;
  /** Tree of the state after a step, over the digests of its entries. */
  state(step: number): Promise<NodeTree>;
  /** Tree over the chunks of an operator's output. */
  tensor(step: number, operator: number): Promise<NodeTree>;
  /** Tree over the chunks of the partial results of an element. */
  partials(step: number, operator: number, element: number): Promise<NodeTree>;
  layout(operator: number): Promise<Layout>;
  /** Proves the layout to the referee, 0x-prefixed. */
  layoutProof(operator: number): Promise<string>;
}
