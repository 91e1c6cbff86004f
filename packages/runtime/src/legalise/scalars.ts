/** The maximum of a whole tensor as a scalar in one node. */
import { attributeInt, type Graph } from '@gensyn/ir';
import { need, type Plan } from './plan.js';

/**
 * Reshape(ReduceMax(x, all axes), []) is ReduceMax without kept axes: the same maximum, whose shape is already that of a scalar.
 * Which zero a maximum returns is settled by the canonical graph: it holds only one kind.
 */
export function scalarPlan(graph: Graph, id: number): Plan | undefined {
  const node = graph.nodes[id]!;
  if (node.op !== 'Reshape' || node.type.shape.length !== 0) return undefined;
  const max = graph.nodes[node.inputs[0]!]!;
  if (max.op !== 'ReduceMax') return undefined;
  const source = max.inputs[0]!;
  if ((max.attributes['axes'] as readonly number[]).length !== graph.nodes[source]!.type.shape.length) return undefined;
  return {
    needs: [need(source, 'f32')],
    write(writer) {
      writer.node(writer.name(id, 'f32'), 'ReduceMax', [writer.name(source, 'f32')], [attributeInt('keepdims', 0)]);
    },
  };
}
