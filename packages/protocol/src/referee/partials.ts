/** The partial results of one element of a reduction: what the last level of a dispute is about. */
import { bytesOf, GensynError, OPERATORS, tensorRoot } from '@gensyn/ir';
import { chunkTree, type ChunkTree } from './chunk-tree.js';
import { operandElements } from './operand-elements.js';
import type { StepView } from './step.js';

/**
 * Entry k is the result of the terms 0..k: of Dot p + a_k * b_k, starting from +0, each exact; of ReduceMax the larger of p and a_k,
 * starting from a_0. The last is the element. Errors: V0401 unless the node is a reduction.
 */
export function partialResults(step: StepView, id: number, element: number): Float32Array {
  const node = step.job.graph.nodes[id]!;
  const operands = node.inputs.map((input) => step.values[input]!);
  if (OPERATORS[node.op].family !== 'reduce')
    throw new GensynError('V0401', `node ${id} is no reduction, so it has no terms`);
  const opened = operandElements(step, id, element);
  const value = (i: number): number => operands[opened[i]!.operand]!.data[opened[i]!.element]!;
  const out = new Float32Array(opened.length / operands.length);
  for (let k = 0, p = node.op === 'Dot' ? 0 : -Infinity; k < out.length; k++) {
    p = node.op === 'Dot' ? p + value(2 * k) * value(2 * k + 1) : Math.max(p, value(k));
    out[k] = p;
  }
  return out;
}

export interface Partials {
  readonly tree: ChunkTree;
  /** Of the tensor f32[terms]. */
  readonly root: Uint8Array;
}

export function partialTree(step: StepView, id: number, element: number): Partials {
  const bytes = bytesOf(partialResults(step, id, element));
  return { tree: chunkTree(bytes), root: tensorRoot('f32', [bytes.length / 4], bytes) };
}
