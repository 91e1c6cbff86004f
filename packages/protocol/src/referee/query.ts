/** What the referee is asked, with the openings that its answer follows from. */
import { GensynError, elements, OPERATORS, type Node, type TensorType } from '@gensyn/ir';
import { operandElements, type OperandElement } from './operand-elements.js';
import { partialTree } from './partials.js';
import { proofBytes, type ProofBytes } from './proof-bytes.js';
import { proveSource } from './prove-source.js';
import type { CommittedStep } from './step.js';

/** As `term`: the element itself. */
export const WHOLE = 2n ** 64n - 1n;
/** Limits of the contract: terms of a reduction in one check, bytes of a proof. */
export const MAX_TERMS = 16;
export const MAX_PROOF = 24_576;

/** In the shape that ethers encodes; roots and proof are 0x-prefixed hex. */
export interface Query {
  readonly context: {
    readonly graphRoot: string;
    readonly operatorsRoot: string;
    readonly stateRoot: string;
    readonly columnsRoot: string;
    readonly partialsRoot: string;
    readonly seed: number;
    readonly batch: number;
    readonly step: number;
  };
  readonly nodes: number;
  readonly node: number;
  readonly element: number;
  readonly term: bigint;
  readonly proof: string;
}

export const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;
const ZERO = `0x${'00'.repeat(32)}`;

/** How many terms an element of a node folds; 0 unless it is a reduction. */
export function termsOf(step: { readonly values: readonly TensorType[] }, node: Node): number {
  const operator = OPERATORS[node.op];
  if (operator.family !== 'reduce') return 0;
  return elements(
    operator.space(
      node.inputs.map((id) => step.values[id]!),
      node.attributes,
      node.type,
    ).fold,
  );
}

/**
 * The question for one element of a node's output, or one term of it.
 * @param element counted row by row
 * @param term of a reduction: asks for the partial result that includes this term. Left out: the element, which must have at most
 *   MAX_TERMS terms
 * Errors: V0401 for a node, element or term that there is not, V0403 for an input that nothing fixes, V0404 for one beyond the limits.
 */
export function buildQuery(step: CommittedStep, node: number, element: number, term?: number): Query {
  const { graph } = step.job;
  const asked = graph.nodes[node];
  if (!asked) throw new GensynError('V0401', `there is no node ${node}; the graph has ${graph.nodes.length}`);
  const size = elements(asked.type.shape);
  if (!Number.isInteger(element) || element < 0 || element >= size) {
    throw new GensynError('V0401', `there is no element ${element} of node ${node}, which has ${size}`);
  }
  const terms = termsOf(step, asked);
  if (term === undefined ? terms > MAX_TERMS : !(Number.isInteger(term) && term >= 0 && term < terms)) {
    if (term === undefined)
      throw new GensynError(
        'V0404',
        `element ${element} of node ${node} folds ${terms} terms, which is too much for one check: name a term`,
      );
    throw new GensynError('V0401', `there is no term ${term} of node ${node}, whose elements fold ${terms}`);
  }
  const proof = proofBytes();
  proof.bytes(step.nodes[node]!);
  proof.path(step.graphTree, node + 1);
  const partials = term === undefined ? undefined : partialTree(step, node, element);
  const family = OPERATORS[asked.op].family;
  if (family === 'source') proveSource(step, proof, node, element);
  else {
    const opened = operandElements(step, node, element, term);
    if (family === 'reduce') {
      if (partials && term! > 0) proof.opening(partials.tree, Math.floor((term! - 1) / 8));
      proveTerms(step, proof, asked, opened);
    } else {
      for (const each of opened) proveElement(step, proof, asked.inputs[each.operand]!, each.element);
    }
  }
  const bytes = proof.finish();
  if (bytes.length > MAX_PROOF)
    throw new GensynError(
      'V0404',
      `the proof for node ${node} has ${bytes.length} bytes, more than ${MAX_PROOF}`,
    );
  const { roots, job } = step;
  return {
    context: {
      graphRoot: hex(roots.graph),
      operatorsRoot: hex(roots.operators),
      stateRoot: hex(roots.state),
      columnsRoot: hex(roots.columns),
      partialsRoot: partials ? hex(partials.root) : ZERO,
      seed: job.seed,
      batch: job.batch,
      step: step.number,
    },
    nodes: graph.nodes.length,
    node,
    element,
    term: term === undefined ? WHOLE : BigInt(term),
    proof: hex(bytes),
  };
}

/** Chunk of a node's output that holds an element. */
function chunkOf(step: CommittedStep, id: number, element: number): number {
  return Math.floor((element * (step.values[id]!.dtype === 'bool' ? 1 : 4)) / 32);
}

function proveElement(step: CommittedStep, proof: ProofBytes, id: number, element: number): void {
  proof.opening(step.tensorTree(id), chunkOf(step, id, element));
  proof.path(step.operatorTree, id);
}

/** A chunk is given where the operand was not last read in it; its place in the step, the first time. */
function proveTerms(
  step: CommittedStep,
  proof: ProofBytes,
  asked: Node,
  opened: readonly OperandElement[],
): void {
  const held = new Map<number, number>();
  for (const { operand, element } of opened) {
    const id = asked.inputs[operand]!;
    const chunk = chunkOf(step, id, element);
    const before = held.get(operand);
    if (before === chunk) continue;
    held.set(operand, chunk);
    proof.opening(step.tensorTree(id), chunk);
    if (before === undefined) proof.path(step.operatorTree, id);
  }
}
