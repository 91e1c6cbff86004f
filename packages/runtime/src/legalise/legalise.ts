/** Rewrites a canonical graph into operators that a device runs faster, without changing a bit of any output. */
import {
  emitNode,
  formatPlace,
  inputsOf,
  IR_VERSION,
  OPSET,
  outputName,
  valueInfo,
  valueNames,
  type Graph,
  type ModelProto,
} from '@gensyn/ir';
import { bytesPlan, restPlan } from './bytes.js';
import { loosePlan, looseSumPlan } from './loose.js';
import { piecePlan } from './pieces.js';
import { need, type Plan } from './plan.js';
import { productPlan } from './products.js';
import { scalarPlan } from './scalars.js';
import type { Target } from './target.js';
import { Writer, type Form } from './writer.js';

/**
 * The graph as an ONNX model for a target: inputs and outputs are those of `toOnnx`, and every output has the same bits, because each
 * rewrite proves that the canonical values it reads and leaves are unchanged (see the functions named ...Plan). Values between may not exist at all.
 *
 * Works backwards from the outputs: a value is computed in the forms that its readers ask for, and a node that none of them needs as
 * it stands in the canonical graph is not computed.
 */
export function legalise(graph: Graph, name: string, target: Target): ModelProto {
  const demands = graph.nodes.map(() => new Set<Form>());
  for (const output of graph.outputs) demands[output.node]!.add('f32');
  const plans: Plan[][] = graph.nodes.map(() => []);
  for (let id = graph.nodes.length - 1; id >= 0; id--) {
    // A plan may ask for another form of the same node, which the set then goes on to yield.
    for (const form of demands[id]!) {
      const plan = planFor(graph, id, form, demands, target);
      for (const wanted of plan.needs) demands[wanted.id]!.add(wanted.form);
      // Bytes may be made from the node's own float, never the reverse.
      if (form === 'f32') plans[id]!.unshift(plan);
      else plans[id]!.push(plan);
    }
  }
  const names = valueNames(graph);
  const writer = new Writer(names);
  graph.nodes.forEach((node, id) => {
    const first = writer.nodes.length;
    for (const plan of plans[id]!) plan.write(writer);
    if (node.span) for (const proto of writer.nodes.slice(first)) proto.docString = formatPlace(node.span);
  });
  for (const output of graph.outputs) {
    const own = outputName(output);
    if (names[output.node] !== own) writer.node(own, 'Identity', [names[output.node]!]);
  }
  return {
    irVersion: IR_VERSION,
    producerName: 'gensyn',
    graph: {
      name,
      node: writer.nodes,
      initializer: [...writer.initializers.values()],
      input: inputsOf(graph).map(({ node }) => valueInfo(node.name!, node.type)),
      output: graph.outputs.map((output) => valueInfo(outputName(output), graph.nodes[output.node]!.type)),
    },
    opsetImport: [
      { domain: '', version: OPSET },
      ...(target.integerProducts ? [{ domain: 'com.microsoft', version: 1 }] : []),
    ],
  };
}

function planFor(
  graph: Graph,
  id: number,
  form: Form,
  demands: readonly Set<Form>[],
  { integerProducts }: Target,
): Plan {
  if (form === 'rest') return restPlan(graph, id, demands);
  if (form === 'loose') return loosePlan(graph, id);
  if (form !== 'f32') return bytesPlan(graph, id, form);
  const plan = integerProducts
    ? (productPlan(graph, id) ?? scalarPlan(graph, id) ?? piecePlan(graph, id))
    : looseSumPlan(graph, id);
  return plan ?? canonicalPlan(graph, id);
}

/** The node as it stands. */
function canonicalPlan(graph: Graph, id: number): Plan {
  const node = graph.nodes[id]!;
  return {
    needs: node.inputs.map((input) => need(input, 'f32')),
    write(writer) {
      const emitted = emitNode(
        node,
        node.inputs.map((input) => writer.name(input, 'f32')),
        writer.name(id, 'f32'),
        `${id}_${node.op}`,
      );
      for (const tensor of emitted.initializers) writer.initializer(tensor);
      for (const proto of emitted.nodes)
        writer.node(proto.output![0]!, proto.opType!, proto.input!, proto.attribute ?? []);
    },
  };
}
