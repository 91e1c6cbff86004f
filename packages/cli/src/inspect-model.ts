/** What stands in an ONNX file, whether it is canonical or not. */
import { decodeModel, type ModelProto, type ValueInfoProto } from '@gensyn/ir';

export interface ModelFacts {
  readonly producer: string | undefined;
  readonly opsets: readonly string[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: number;
  /** Operators, most frequent first. */
  readonly operators: readonly (readonly [string, number])[];
  readonly initializers: number;
  readonly parameters: number;
  readonly bytes: number;
}

/** Errors: G0001 to G0008 for bytes that are no ONNX model. */
export function modelFacts(bytes: Uint8Array): ModelFacts {
  const model: ModelProto = decodeModel(bytes);
  const graph = model.graph ?? {};
  const counts = new Map<string, number>();
  for (const { opType, domain } of graph.node ?? []) {
    const name = domain ? `${domain}.${opType}` : (opType ?? '?');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const initializers = graph.initializer ?? [];
  return {
    producer: model.producerName,
    opsets: (model.opsetImport ?? []).map(({ domain, version }) => `${domain || 'ai.onnx'} ${version}`),
    inputs: (graph.input ?? []).map(describe),
    outputs: (graph.output ?? []).map(describe),
    nodes: graph.node?.length ?? 0,
    operators: [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)),
    initializers: initializers.length,
    parameters: initializers.reduce(
      (sum, { dims = [] }) => sum + dims.reduce((product, dim) => product * dim, 1),
      0,
    ),
    bytes: bytes.length,
  };
}

/** Names of ONNX's element types, by number (onnx.proto3, TensorProto.DataType). */
const TYPES = [
  '?',
  'f32',
  'u8',
  'i8',
  'u16',
  'i16',
  'i32',
  'i64',
  'string',
  'bool',
  'f16',
  'f64',
  'u32',
  'u64',
  'c64',
  'c128',
  'bf16',
];

function describe({ name, type }: ValueInfoProto): string {
  const tensor = type?.tensorType;
  if (!tensor) return `${name ?? '?'}: ?`;
  const dims = (tensor.shape?.dim ?? []).map(({ dimValue, dimParam }) =>
    dimParam ? dimParam : (dimValue ?? '?'),
  );
  return `${name ?? '?'}: ${TYPES[tensor.elemType ?? 0] ?? '?'}[${dims.join(', ')}]`;
}
