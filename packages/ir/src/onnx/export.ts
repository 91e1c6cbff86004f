/** Writes a canonical graph as an ONNX model that any ONNX runtime executes with the same bits. */
import type { Span } from '../error.js';
import { inputsOf, type Graph } from '../graph/graph.js';
import type { TensorType } from '../value/type.js';
import { INPUTS_KEY, OUTPUTS_KEY, writeInputs, writeOutputs } from './declarations.js';
import { emitNode, IR_VERSION, ONNX_TYPE, OPSET } from './emit.js';
import { outputName, valueNames } from './names.js';
import type { ModelProto, NodeProto, TensorProto, ValueInfoProto } from './messages.js';

/** A tensor type of static shape, named. */
export function valueInfo(name: string, type: TensorType): ValueInfoProto {
  const dim = type.shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: ONNX_TYPE[type.dtype], shape: { dim } } } };
}

/** `file:line:column` with the file's own name where the path is absolute: a model says nothing of the machine that wrote it. */
export function formatPlace(span: Span): string {
  const absolute = /^([/\\]|[A-Za-z]:)/.test(span.file);
  const file = absolute ? span.file.replace(/^.*[/\\]/, '') : span.file;
  return `${file}:${span.line}:${span.column}`;
}

/**
 * The model (opset 21). Each canonical node is one ONNX node named `<id>_<op>`, but for Dot, which is MatMul and Add(+0);
 * constants are initialisers. Inputs keep their names; see `outputName`. Declared ranges, sources and roles go into
 * `metadata_props`, places in the job into `doc_string`.
 */
export function toOnnx(graph: Graph, options: { readonly name: string }): ModelProto {
  const names = valueNames(graph);
  const nodes: NodeProto[] = [];
  const initializers = new Map<string, TensorProto>();
  graph.nodes.forEach((node, id) => {
    const emitted = emitNode(
      node,
      node.inputs.map((input) => names[input]!),
      names[id]!,
      `${id}_${node.op}`,
    );
    const place = node.span ? { docString: formatPlace(node.span) } : {};
    for (const tensor of emitted.initializers)
      initializers.set(tensor.name!, node.op === 'Constant' ? { ...tensor, ...place } : tensor);
    for (const proto of emitted.nodes) nodes.push({ ...proto, ...place });
  });
  for (const output of graph.outputs) {
    const name = outputName(output);
    if (names[output.node] !== name)
      nodes.push({
        input: [names[output.node]!],
        output: [name],
        name: `${name}_Identity`,
        opType: 'Identity',
      });
  }
  const inputs = inputsOf(graph).map(({ node }) => node);
  return {
    irVersion: IR_VERSION,
    producerName: 'gensyn',
    graph: {
      name: options.name,
      node: nodes,
      initializer: [...initializers.values()],
      input: inputs.map((node) => ({
        ...valueInfo(node.name!, node.type),
        ...(node.span ? { docString: formatPlace(node.span) } : {}),
      })),
      output: graph.outputs.map((output) => valueInfo(outputName(output), graph.nodes[output.node]!.type)),
    },
    opsetImport: [{ domain: '', version: OPSET }],
    metadataProps: [
      {
        key: INPUTS_KEY,
        value: writeInputs(
          inputs.map((node) => ({ name: node.name!, range: node.range, source: node.source! })),
        ),
      },
      { key: OUTPUTS_KEY, value: writeOutputs(graph.outputs) },
    ],
  };
}
