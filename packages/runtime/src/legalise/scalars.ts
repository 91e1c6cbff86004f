/** The largest magnitude of a whole tensor as a scalar, in as few passes as possible. */
import { attributeInt, elements, type Graph } from '@gensyn/ir';
import { need, type Plan } from './plan.js';
import { usesOf } from './uses.js';

/** From this many elements on, two reading passes are cheaper than one that writes and one that reads, three more nodes included. */
const LARGE = 16384;

/**
 * Reshape(ReduceMax(x, all axes), []) is ReduceMax without kept axes: the same maximum, whose shape is already that of a scalar.
 * Which zero a maximum returns is settled by the canonical graph: it holds only one kind.
 *
 * For x = Abs(y) with many elements: max|y| = max(max y, 0 - min y), as negation is exact; the absolute value of that makes a
 * zero +0, as Abs does.
 */
export function scalarPlan(graph: Graph, id: number): Plan | undefined {
  const node = graph.nodes[id]!;
  if (node.op !== 'Reshape' || node.type.shape.length !== 0) return undefined;
  const max = graph.nodes[node.inputs[0]!]!;
  if (max.op !== 'ReduceMax') return undefined;
  const source = max.inputs[0]!;
  const { op, inputs, type } = graph.nodes[source]!;
  if ((max.attributes['axes'] as readonly number[]).length !== type.shape.length) return undefined;
  const scalar = [attributeInt('keepdims', 0)];
  if (op !== 'Abs' || usesOf(graph)[source]! > 1 || elements(type.shape) < LARGE) {
    return {
      needs: [need(source, 'f32')],
      write: (writer) =>
        void writer.node(writer.name(id, 'f32'), 'ReduceMax', [writer.name(source, 'f32')], scalar),
    };
  }
  return {
    needs: [need(inputs[0]!, 'f32')],
    write(writer) {
      const output = writer.name(id, 'f32');
      const input = [writer.name(inputs[0]!, 'f32')];
      const high = writer.node(`${output}:max`, 'ReduceMax', input, scalar);
      const low = writer.node(`${output}:min`, 'ReduceMin', input, scalar);
      const depth = writer.node(`${output}:depth`, 'Sub', [writer.scalar(0), low]);
      writer.node(output, 'Abs', [writer.node(`${output}:signed`, 'Max', [high, depth])]);
    },
  };
}
