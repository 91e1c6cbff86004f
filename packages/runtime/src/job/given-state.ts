/** Reads from init.onnx the tensors that start from given values, and compares them with the roots that the graph commits to. */
import fs from 'node:fs';
import {
  DataType,
  GensynError,
  JOB_FILES,
  bytesOf,
  decodeModel,
  initialName,
  sameShape,
  tensorData,
  tensorRoot,
  type Manifest,
  type State,
  type TensorProto,
  type TensorValue,
} from '@gensyn/ir';

/** Errors: R0104 when the file cannot be read, R0106 for a tensor that is missing or another than the committed one, G####. */
export function givenState(manifest: Manifest, pathOf: (file: string) => string): State {
  const given = new Map<string, TensorValue>();
  const entries = manifest.state.filter(({ init }) => init.kind === 'given');
  if (entries.length === 0) return given;
  const tensors = initializers(pathOf(JOB_FILES.init));
  for (const { name, dtype, shape, init } of entries) {
    const proto = tensors.get(initialName(name));
    const content = proto && tensorData(proto);
    if (dtype !== 'f32' || content?.dataType !== DataType.float || !sameShape(content.dims, shape))
      throw new GensynError('R0106', `${JOB_FILES.init} does not hold the tensor that '${name}' starts with`);
    const data = content.data as Float32Array;
    const root = Buffer.from(tensorRoot(dtype, shape, bytesOf(data))).toString('hex');
    if (init.kind === 'given' && root !== init.root) {
      throw new GensynError('R0106', `'${name}' in ${JOB_FILES.init} is not what the graph commits to`, {
        notes: [{ message: `committed ${init.root}` }, { message: `found     ${root}` }],
        help: 'Compile the job again, or copy its folder whole.',
      });
    }
    given.set(name, { dtype, shape, data });
  }
  return given;
}

function initializers(file: string): ReadonlyMap<string, TensorProto> {
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(file);
  } catch (cause) {
    throw new GensynError('R0104', `${JOB_FILES.init} of the job cannot be read`, { cause });
  }
  return new Map((decodeModel(bytes).graph?.initializer ?? []).map((tensor) => [tensor.name ?? '', tensor]));
}
