/** Exact products by f32 matrix products, with one pass less where the sign of a zero cannot be seen. */
import { elements, emitNode, type Graph } from '@gensyn/ir';
import { need, type Plan } from './plan.js';
import { usesOf } from './uses.js';

/**
 * Whether a node can be written without settling the sign of its zeros: a Dot (whose canonical form adds +0 to the product for just that),
 * a sum of such, or such times a positive scalar. Its values are then canonical but for a -0 that may stand for +0.
 */
function canBeLoose(graph: Graph, id: number): boolean {
  const node = graph.nodes[id]!;
  if (usesOf(graph)[id]! > 1 || node.range.negativeZero) return false;
  if (node.op === 'Dot') return true;
  if (node.op === 'Add') return node.inputs.every((input) => canBeLoose(graph, input));
  const factor = node.op === 'Mul' ? graph.nodes[node.inputs[1]!]! : undefined;
  return (
    factor !== undefined &&
    elements(factor.type.shape) === 1 &&
    factor.range.lo > 0 &&
    canBeLoose(graph, node.inputs[0]!)
  );
}

/**
 * An Add of two values that are never -0, one of them read loosely: its -0 added to the other, which is +0 or not zero, gives what +0
 * would give. So of all the Dots of a product only one needs its pass of adding +0.
 */
export function looseSumPlan(graph: Graph, id: number): Plan | undefined {
  const node = graph.nodes[id]!;
  if (node.op !== 'Add' || node.type.dtype !== 'f32') return undefined;
  const [a, b] = node.inputs as readonly [number, number];
  if (a === b || graph.nodes[a]!.range.negativeZero || graph.nodes[b]!.range.negativeZero) return undefined;
  const loose = [a, b].find((input) => canBeLoose(graph, input));
  if (loose === undefined) return undefined;
  const needs = [a, b].map((input) => need(input, input === loose ? 'loose' : 'f32'));
  return {
    needs,
    write(writer) {
      writer.node(
        writer.name(id, 'f32'),
        'Add',
        needs.map((wanted) => writer.name(wanted.id, wanted.form)),
      );
    },
  };
}

/** The node with zeros of either sign: the product alone for a Dot, the same operator over loose operands for the others. */
export function loosePlan(graph: Graph, id: number): Plan {
  const node = graph.nodes[id]!;
  const needs = node.inputs.map((input, n) =>
    need(input, node.op === 'Dot' || (node.op === 'Mul' && n === 1) ? 'f32' : 'loose'),
  );
  return {
    needs,
    write(writer) {
      const inputs = needs.map((wanted) => writer.name(wanted.id, wanted.form));
      const emitted = emitNode(node, inputs, writer.name(id, 'loose'), '');
      writer.node(writer.name(id, 'loose'), emitted.nodes[0]!.opType!, inputs);
    },
  };
}
