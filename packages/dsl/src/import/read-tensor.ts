/** Reads the elements of an ONNX tensor, whatever its element type, as constants or weights. */
import { DataType, GensynError, tensorData, type ExternalLocation, type TensorProto } from '@gensyn/ir';
import type { ElementType } from '../tensor/tensor.js';
import { importError, quoted } from './import-error.js';
import { MAX_RANK } from './limits.js';
import { known, type Known } from './value.js';

export type External = (where: ExternalLocation) => Uint8Array;

/** The element type by which the importer computes with an ONNX type, or undefined for one it does not. */
export function elementTypeOf(dataType: number | undefined): ElementType | undefined {
  switch (dataType) {
    case DataType.float:
    case DataType.double:
    case DataType.float16:
    case DataType.bfloat16:
      return 'f32';
    case DataType.bool:
      return 'bool';
    case DataType.int8:
    case DataType.uint8:
    case DataType.int16:
    case DataType.uint16:
    case DataType.int32:
    case DataType.uint32:
    case DataType.int64:
      return 'i32';
    default:
      return undefined;
  }
}

/** binary16 to a number, exactly. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));
function fromBrain(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

/**
 * The elements as numbers: floats rounded to binary32, int64 exactly up to 2^53 and to the nearest beyond.
 * Errors: L0811 for data that do not fit the shape, L0812 for external data, L0818 for an element type that is not supported.
 */
export function readTensor(proto: TensorProto, external?: External): Known {
  const what = `tensor ${quoted(proto.name ?? '')}`;
  const type = elementTypeOf(proto.dataType);
  if (type === undefined)
    throw importError(
      'L0818',
      `${what} has ONNX element type ${proto.dataType ?? 0}, which is not supported`,
    );
  if ((proto.dims ?? []).length > MAX_RANK)
    throw importError('L0815', `${what} has ${proto.dims!.length} axes; at most ${MAX_RANK} are supported`);
  const content = dataOf(proto, external);
  const { data, dims } = content;
  const convert =
    proto.dataType === DataType.float16
      ? fromHalf
      : proto.dataType === DataType.bfloat16
        ? fromBrain
        : type === 'f32'
          ? Math.fround
          : Number;
  return known(
    type,
    dims,
    Float64Array.from(data as ArrayLike<number>, (value) => convert(Number(value))),
  );
}

function dataOf(proto: TensorProto, external?: External) {
  try {
    return tensorData(proto, external);
  } catch (cause) {
    if (!(cause instanceof GensynError) || cause.code.startsWith('L')) throw cause;
    const code = cause.code === 'G0013' || cause.code === 'G0014' ? 'L0812' : 'L0811';
    throw importError(code, cause.message, { help: cause.help, cause });
  }
}

/** The elements of a float tensor in binary32, without a detour for the common type. Errors: as readTensor. */
export function readFloats(proto: TensorProto, external?: External): Float32Array {
  if (proto.dataType !== DataType.float) return Float32Array.from(readTensor(proto, external).data);
  return dataOf(proto, external).data as Float32Array;
}
