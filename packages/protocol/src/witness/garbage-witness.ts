/** A witness of a run that never was: random bytes for every value, under trees that fit each other all the way up. */
import { bytesOf, GensynError, listRoot, sha256, tensorRoot, uniformBits, type Graph } from '@gensyn/ir';
import { nodesOver, nodeTree, type NodeTree } from '../pinpoint/node-tree.js';
import { stepEntry } from '../pinpoint/step-entry.js';
import type { Layout, Segment, Witness } from '../pinpoint/witness.js';

export interface GarbageRun {
  readonly graph: Graph;
  readonly from: number;
  readonly steps: number;
  readonly interval: number;
  readonly seed: number;
  /** Of a witness of the same job. */
  readonly shapes: Pick<Witness, 'layout' | 'layoutProof'>;
}

export function garbageWitness(run: GarbageRun): Witness {
  const { graph, from, steps, interval, seed, shapes } = run;
  const word = (...at: number[]): Uint8Array => sha256(bytesOf(Int32Array.of(seed, ...at)));
  const bytes = (step: number, node: number): Uint8Array => {
    const { shape, dtype } = graph.nodes[node]!.type;
    const count = shape.reduce((a, b) => a * b, dtype === 'bool' ? 1 : 4);
    return Uint8Array.from(
      { length: count },
      (_, i) => uniformBits(seed, step * graph.nodes.length + node, 0, i) & 255,
    );
  };
  const state = (step: number): Uint8Array[] =>
    graph.outputs.filter(({ role }) => role === 'state').map((_, i) => word(1, step, i));
  const operators = (step: number): Uint8Array[] => [
    ...graph.nodes.map(({ type }, node) => tensorRoot(type.dtype, type.shape, bytes(step, node))),
    listRoot(state(step)),
  ];
  return {
    ...shapes,
    async run(): Promise<NodeTree> {
      const ends = Array.from({ length: Math.ceil(steps / interval) }, (_, k) =>
        Math.min((k + 1) * interval, steps),
      );
      return nodeTree(ends.map((end) => listRoot(state(from + end - 1))));
    },
    async segment(first, count): Promise<Segment> {
      const lists = Array.from({ length: count }, (_, i) => operators(first + i));
      const states = lists.map((list) => list.at(-1)!);
      const traces = lists.map(listRoot);
      return { tree: nodeTree(states.map((root, i) => stepEntry(root, traces[i]!))), states, traces };
    },
    operators: async (step) => nodeTree(operators(step)),
    state: async (step) => nodeTree(state(step)),
    tensor: async (step, node) => nodesOver(bytes(step, node)),
    async partials(step, node, element): Promise<NodeTree> {
      const { terms }: Layout = await shapes.layout(node);
      if (terms === 0) throw new GensynError('N0301', `node ${node} has no terms to dispute`);
      const partials = Uint8Array.from({ length: terms * 4 }, (_, i) => word(2, step, node, element, i)[0]!);
      partials.set(bytes(step, node).subarray(element * 4, element * 4 + 4), partials.length - 4);
      return nodesOver(partials);
    },
  };
}
