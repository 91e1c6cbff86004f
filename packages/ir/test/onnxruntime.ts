/** Runs a graph on bare onnxruntime, every node an output, to compare it with the normative evaluation bit for bit. */
import * as ort from 'onnxruntime-node';
import {
  bytesOf,
  encodeModel,
  evaluate,
  toOnnx,
  type DType,
  type Graph,
  type TensorValue,
} from '../src/index.js';

export type Level = 'disabled' | 'basic' | 'extended' | 'all';

const ORT_TYPE: Record<DType, 'float32' | 'int32' | 'bool'> = { f32: 'float32', i32: 'int32', bool: 'bool' };

/** The same graph with every computed node as an output, `n<id>`. */
export function exposed(graph: Graph): Graph {
  const outputs = graph.nodes.flatMap((node, id) =>
    node.op === 'Input' || node.op === 'Constant'
      ? []
      : [{ name: `n${id}`, node: id, role: 'output' as const }],
  );
  return { nodes: graph.nodes, outputs };
}

export type Inputs = Readonly<Record<string, TensorValue>>;

/** Values of the graph's outputs by their ONNX names, on the CPU. */
export async function runOnnx(
  graph: Graph,
  inputs: Inputs,
  options: { threads?: number; level?: Level } = {},
): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(encodeModel(toOnnx(graph, { name: 'test' })), {
    graphOptimizationLevel: options.level ?? 'disabled',
    intraOpNumThreads: options.threads ?? 1,
    executionProviders: ['cpu'],
    logSeverityLevel: 3,
  });
  const feeds: Record<string, ort.Tensor> = {};
  for (const name of session.inputNames) {
    const given = inputs[name]!;
    feeds[name] = new ort.Tensor(ORT_TYPE[given.dtype], given.data as Float32Array, [...given.shape]);
  }
  const results = await session.run(feeds);
  await session.release();
  return results as Record<string, ort.Tensor>;
}

export function hex(data: ArrayBufferView): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
}

/** Differences between onnxruntime and the normative evaluation, one line for each node that differs; none is what is wanted. */
export async function differences(graph: Graph, inputs: Inputs, threads = 1): Promise<string[]> {
  const open = exposed(graph);
  const values = evaluate(open, inputs);
  const results = await runOnnx(open, inputs, { threads });
  return open.outputs.flatMap(({ name, node }) => {
    const expected = hex(bytesOf(values[node]!.data));
    const actual = hex(results[name]!.data as Uint8Array);
    const { op, inputs: operands } = graph.nodes[node]!;
    if (expected === actual) return [];
    const shown = operands.map((id) => `[${values[id]!.data.slice(0, 16).join(' ')}]`).join(', ');
    return [
      `${name} ${op}(${shown}): ${expected.slice(0, 200)} but onnxruntime gives ${actual.slice(0, 200)}`,
    ];
  });
}
