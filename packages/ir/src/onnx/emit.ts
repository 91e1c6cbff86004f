/** The ONNX nodes of one canonical node: the only place that says how an operator is spelled in ONNX (opset 21). */
import type { Node } from '../graph/graph.js';
import type { DType, Shape, TensorData } from '../value/type.js';
import { DataType } from './data-types.js';
import type { AttributeProto, NodeProto, TensorProto } from './messages.js';
import { tensorFromBool, tensorFromF32, tensorFromI32, tensorFromI64 } from './model.js';

export const OPSET = 21;
export const IR_VERSION = 10;

/** AttributeProto.AttributeType of the two kinds that canonical nodes use. */
export const INT = 2;
export const INTS = 7;

/**
 * What a node becomes. Shared initialisers are named after their content, so equal names hold equal tensors. The colon keeps
 * these names apart from those of inputs and outputs, which have none.
 */
export interface Emission {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
}

export const ONNX_TYPE: Readonly<Record<DType, number>> = {
  f32: DataType.float,
  i32: DataType.int32,
  bool: DataType.bool,
};

/** The scalar +0 that turns MatMul's zeros into +0. */
export const ZERO = 'f32:0';

export function constantTensor(name: string, dtype: DType, shape: Shape, data: TensorData): TensorProto {
  if (dtype === 'f32') return tensorFromF32(name, shape, data as Float32Array);
  if (dtype === 'i32') return tensorFromI32(name, shape, data as Int32Array);
  return tensorFromBool(name, shape, data as Uint8Array);
}

/** A list of shape-like numbers as an int64 vector. */
export function integersTensor(values: readonly number[]): TensorProto {
  return tensorFromI64(`i64:${values.join(',')}`, [values.length], BigInt64Array.from(values, BigInt));
}

export function zeroTensor(): TensorProto {
  return tensorFromF32(ZERO, [], Float32Array.of(0));
}

export function integerAttribute(name: string, value: number): AttributeProto {
  return { name, i: BigInt(value), type: INT };
}

export function integersAttribute(name: string, values: readonly number[]): AttributeProto {
  return { name, ints: BigInt64Array.from(values, BigInt), type: INTS };
}

/**
 * Emits `node` reading the ONNX values `inputs` and writing `output`. `name` is the ONNX node name; a Dot's MatMul gets it
 * with `_MatMul` appended and writes `<output>:product`. An Input emits nothing, a Constant one initialiser.
 */
export function emitNode(
  node: Pick<Node, 'op' | 'attributes' | 'type' | 'data'>,
  inputs: readonly string[],
  output: string,
  name: string,
): Emission {
  const integers = (key: string) => node.attributes[key] as readonly number[];
  const plain = (attribute: readonly AttributeProto[] = []): Emission => ({
    nodes: [
      {
        input: inputs,
        output: [output],
        name,
        opType: node.op,
        ...(attribute.length > 0 ? { attribute } : {}),
      },
    ],
    initializers: [],
  });
  /** The shape-like attributes of ONNX are operands. */
  const withOperands = (
    lists: readonly (readonly number[])[],
    attribute: readonly AttributeProto[] = [],
  ): Emission => {
    const initializers = lists.map(integersTensor);
    const input = [...inputs, ...initializers.map((tensor) => tensor.name!)];
    return {
      nodes: [
        { input, output: [output], name, opType: node.op, ...(attribute.length > 0 ? { attribute } : {}) },
      ],
      initializers: [...new Map(initializers.map((tensor) => [tensor.name, tensor])).values()],
    };
  };
  switch (node.op) {
    case 'Input':
      return { nodes: [], initializers: [] };
    case 'Constant':
      return {
        nodes: [],
        initializers: [constantTensor(output, node.type.dtype, node.type.shape, node.data!)],
      };
    case 'Cast':
      return plain([integerAttribute('to', ONNX_TYPE[node.attributes['to'] as DType])]);
    case 'Transpose':
      return plain([integersAttribute('perm', integers('perm'))]);
    case 'Concat':
      return plain([integerAttribute('axis', node.attributes['axis'] as number)]);
    case 'Gather':
      return plain([integerAttribute('axis', 0)]);
    case 'Reshape':
    case 'Expand':
      return withOperands([integers('shape')]);
    case 'Slice': {
      const axes = integers('starts').map((_, axis) => axis);
      return withOperands([integers('starts'), integers('ends'), axes, integers('steps')]);
    }
    case 'Pad':
      return withOperands([[...integers('before'), ...integers('after')]]);
    case 'ReduceMax':
      return withOperands([integers('axes')], [integerAttribute('keepdims', 1)]);
    case 'Dot':
      return {
        nodes: [
          { input: inputs, output: [`${output}:product`], name: `${name}_MatMul`, opType: 'MatMul' },
          { input: [`${output}:product`, ZERO], output: [output], name, opType: 'Add' },
        ],
        initializers: [zeroTensor()],
      };
    default:
      return plain();
  }
}
