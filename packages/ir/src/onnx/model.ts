/** Tensors and attributes as ONNX protobuf values: made from typed arrays, and read back from whichever field holds them. */
import { GensynError } from '../error.js';
import { DataType, elementTypes, type TensorArray } from './data-types.js';
import type { AttributeProto, GraphProto, TensorProto } from './messages.js';

function tensor(name: string, dims: readonly number[], dataType: number, array: TensorArray): TensorProto {
  const rawData = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const value: TensorProto = { dims: [...dims], dataType, name, rawData };
  if (array.length !== elementCount(value)) {
    throw new GensynError(
      'G0011',
      `tensor ${name}: ${array.length} elements for the shape [${dims.join(', ')}]`,
    );
  }
  return value;
}

/** Tensors from arrays; `rawData` is a view of the array, not a copy. Errors: G0011 when dims and length disagree. */
export function tensorFromF32(name: string, dims: readonly number[], data: Float32Array): TensorProto {
  return tensor(name, dims, DataType.float, data);
}
export function tensorFromI32(name: string, dims: readonly number[], data: Int32Array): TensorProto {
  return tensor(name, dims, DataType.int32, data);
}
export function tensorFromI64(name: string, dims: readonly number[], data: BigInt64Array): TensorProto {
  return tensor(name, dims, DataType.int64, data);
}
/** `data`: 0 or 1 an element. */
export function tensorFromBool(name: string, dims: readonly number[], data: Uint8Array): TensorProto {
  return tensor(name, dims, DataType.bool, data);
}
export function tensorFromU8(name: string, dims: readonly number[], data: Uint8Array): TensorProto {
  return tensor(name, dims, DataType.uint8, data);
}
export function tensorFromI8(name: string, dims: readonly number[], data: Int8Array): TensorProto {
  return tensor(name, dims, DataType.int8, data);
}

/** Elements that a tensor's dims announce. Errors: G0011 for a negative dim or a product beyond 2^53. */
export function elementCount(proto: TensorProto): number {
  let count = 1;
  for (const dim of proto.dims ?? []) {
    if (!Number.isSafeInteger(dim) || dim < 0)
      throw new GensynError('G0011', `tensor ${label(proto)}: ${dim} is no dimension`);
    count *= dim;
    if (!Number.isSafeInteger(count))
      throw new GensynError('G0011', `tensor ${label(proto)} has more than 2^53 elements`);
  }
  return count;
}

function label(proto: TensorProto): string {
  return JSON.stringify((proto.name ?? '').slice(0, 80));
}

/** Where an external tensor's bytes lie: a file beside the model, and a range in it. */
export interface ExternalLocation {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

const EXTERNAL = 1;

/**
 * The external file a tensor points to, or undefined when its data is inside. The location is a plain relative path of
 * forward slashes below the model's folder; offset and length are checked against the shape.
 * Errors: G0013 for any path that could leave the folder, G0011 for a range that does not fit, G0012 for the type.
 */
export function externalLocation(proto: TensorProto): ExternalLocation | undefined {
  if ((proto.dataLocation ?? 0) !== EXTERNAL) return undefined;
  const entries = new Map((proto.externalData ?? []).map(({ key, value }) => [key ?? '', value ?? '']));
  const location = entries.get('location') ?? '';
  const parts = location.split('/');
  const plain = parts.every((part) => part !== '' && part !== '.' && part !== '..');
  // Backslashes and colons are separators, drives and streams on Windows; control characters have no good use.
  // eslint-disable-next-line no-control-regex
  if (!plain || location.length > 1024 || /[\\:\u0000-\u001f\u007f]/.test(location)) {
    throw new GensynError('G0013', `tensor ${label(proto)} points outside the model's folder`);
  }
  const expected = elementCount(proto) * elementType(proto).size;
  const offset = Number(entries.get('offset') ?? '0');
  const length = Number(entries.get('length') ?? expected);
  if (!Number.isSafeInteger(offset) || offset < 0 || length !== expected) {
    throw new GensynError('G0011', `tensor ${label(proto)}: its external range does not fit its shape`);
  }
  return { location, offset, length };
}

function elementType(proto: TensorProto) {
  const type = elementTypes.get(proto.dataType ?? 0);
  if (type === undefined) {
    throw new GensynError(
      'G0012',
      `tensor ${label(proto)}: element type ${proto.dataType ?? 0} is not supported`,
    );
  }
  return type;
}

export interface TensorContent {
  readonly dataType: number;
  readonly dims: readonly number[];
  /** Row-major. A view of `rawData` where its alignment allows, otherwise a copy. */
  readonly data: TensorArray;
}

/**
 * Reads a tensor's elements from the field that holds them. `external` supplies the bytes of a checked location.
 * Errors: G0011 when size and shape disagree, when no field or several hold data, or a value lies outside its type;
 * G0012 for types that are not supported; G0013 and G0014 for external data that is refused or not supplied.
 */
export function tensorData(
  proto: TensorProto,
  external?: (where: ExternalLocation) => Uint8Array,
): TensorContent {
  const type = elementType(proto);
  const count = elementCount(proto);
  const dataType = proto.dataType ?? 0;
  const dims = proto.dims ?? [];
  const held = [proto.floatData, proto.int32Data, proto.int64Data, proto.doubleData, proto.uint64Data];
  const fields = held.filter((field) => field !== undefined && field.length > 0).length;
  if (proto.stringData !== undefined || proto.segment !== undefined) {
    throw new GensynError('G0012', `tensor ${label(proto)} holds strings or is cut into segments`);
  }
  const where = externalLocation(proto);
  const raw = where === undefined ? proto.rawData : external?.(where);
  if (where !== undefined && raw === undefined) {
    throw new GensynError('G0014', `tensor ${label(proto)} keeps its data in another file`);
  }
  const inside = fields + (proto.rawData !== undefined && proto.rawData.length > 0 ? 1 : 0);
  if (inside > (where === undefined ? 1 : 0)) {
    throw new GensynError('G0011', `tensor ${label(proto)} gives its data twice`);
  }
  const typed = proto[type.field];
  const data =
    raw !== undefined && fields === 0 ? fromRaw(proto, raw, count) : fromField(proto, typed, count);
  if (dataType === DataType.bool && !(data as Uint8Array).every((value) => value <= 1)) {
    throw new GensynError('G0011', `tensor ${label(proto)}: a bool is neither 0 nor 1`);
  }
  return { dataType, dims, data };
}

function fromRaw(proto: TensorProto, raw: Uint8Array, count: number): TensorArray {
  const { size, view } = elementType(proto);
  if (raw.length !== count * size) {
    throw new GensynError(
      'G0011',
      `tensor ${label(proto)}: ${raw.length} bytes where its shape needs ${count * size}`,
    );
  }
  // Not slice(): on a Buffer that is a view of the same memory.
  const aligned = raw.byteOffset % size === 0 ? raw : new Uint8Array(raw);
  return view(aligned.buffer, aligned.byteOffset, count);
}

function fromField(
  proto: TensorProto,
  field: ArrayLike<number> | ArrayLike<bigint> | undefined,
  count: number,
) {
  const { size, view, name } = elementType(proto);
  const length = field?.length ?? 0;
  if (length !== count) {
    throw new GensynError(
      'G0011',
      `tensor ${label(proto)}: ${length} elements where its shape needs ${count}`,
    );
  }
  const data = view(new ArrayBuffer(count * size), 0, count);
  for (let i = 0; i < count; i++) {
    const value = field![i]!;
    // uint32 alone is narrower than the field that holds it (uint64_data) and of another JavaScript type.
    const element = data instanceof Uint32Array ? Number(value) : value;
    data[i] = element as never;
    if (data[i] !== element && !Number.isNaN(element)) {
      throw new GensynError('G0011', `tensor ${label(proto)}: ${value} is no ${name}`);
    }
  }
  return data;
}

/** ONNX's numbers for attribute types (AttributeProto.AttributeType). */
export const AttributeType = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;

const text = new TextEncoder();

export function attributeInt(name: string, value: number): AttributeProto {
  return { name, i: BigInt(value), type: AttributeType.int };
}
export function attributeInts(name: string, values: readonly number[]): AttributeProto {
  return { name, ints: BigInt64Array.from(values, BigInt), type: AttributeType.ints };
}
export function attributeFloat(name: string, value: number): AttributeProto {
  return { name, f: value, type: AttributeType.float };
}
export function attributeString(name: string, value: string): AttributeProto {
  return { name, s: text.encode(value), type: AttributeType.string };
}
export function attributeTensor(name: string, value: TensorProto): AttributeProto {
  return { name, t: value, type: AttributeType.tensor };
}
export function attributeGraph(name: string, value: GraphProto): AttributeProto {
  return { name, g: value, type: AttributeType.graph };
}
