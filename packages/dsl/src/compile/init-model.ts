/** init.onnx: a model without inputs whose outputs are the state before the first step. */
import {
  IR_VERSION,
  OPSET,
  attributeTensor,
  bytesOf,
  digestFromHex,
  initialName,
  initialTensor,
  integersTensor,
  listRoot,
  stateEntryDigest,
  tensorFromF32,
  tensorFromI32,
  tensorRoot,
  constantTensorRoot,
  valueInfo,
  type ModelProto,
  type NodeProto,
  type State,
  type StateManifest,
  type TensorProto,
} from '@gensyn/ir';

/**
 * The model and the root of the state it computes. Drawn and given weights are stored, constant tensors are one ConstantOfShape node,
 * so the file has the size of the weights.
 * @param given values of the tensors that start from such
 */
export function initModel(
  state: readonly StateManifest[],
  seed: number,
  name: string,
  given: State,
): { model: ModelProto; root: Uint8Array } {
  const nodes: NodeProto[] = [];
  const initializer: TensorProto[] = [];
  const digests: Uint8Array[] = [];
  for (const entry of state) {
    const { dtype, shape, init } = entry;
    if (init.kind !== 'constant') {
      const data = given.get(entry.name)?.data ?? initialTensor(entry, seed).data;
      const root = init.kind === 'given' ? digestFromHex(init.root) : tensorRoot(dtype, shape, bytesOf(data));
      const stored = initialName(entry.name);
      initializer.push(tensorFromF32(stored, shape, data as Float32Array));
      nodes.push({ opType: 'Identity', name: `init ${entry.name}`, input: [stored], output: [entry.name] });
      digests.push(stateEntryDigest({ name: entry.name, dtype, shape, root }));
      continue;
    }
    const dims = integersTensor(shape);
    if (!initializer.some((tensor) => tensor.name === dims.name)) initializer.push(dims);
    const fill =
      dtype === 'i32'
        ? tensorFromI32('value', [1], Int32Array.of(init.value))
        : tensorFromF32('value', [1], Float32Array.of(init.value));
    nodes.push({
      opType: 'ConstantOfShape',
      name: `init ${entry.name}`,
      input: [dims.name!],
      output: [entry.name],
      attribute: [attributeTensor('value', fill)],
    });
    digests.push(
      stateEntryDigest({
        name: entry.name,
        dtype,
        shape,
        root: constantTensorRoot(dtype, shape, fill.rawData!),
      }),
    );
  }
  return {
    model: {
      irVersion: IR_VERSION,
      producerName: 'gensyn',
      graph: {
        name: `${name} initial state`,
        node: nodes,
        initializer,
        input: [],
        output: state.map((entry) => valueInfo(entry.name, entry)),
      },
      opsetImport: [{ domain: '', version: OPSET }],
    },
    root: listRoot(digests),
  };
}
