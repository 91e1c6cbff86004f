/** ONNX's numbers for element types (TensorProto.DataType) and what each takes in memory. */
export const DataType = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;

/** The array that holds a tensor's elements; half precision stays as its 16 bits, bool as 0 and 1. */
export type TensorArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** The TensorProto field that holds elements of a type when `rawData` does not. */
export type DataField = 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data';

interface ElementType {
  readonly name: string;
  /** Bytes of one element. */
  readonly size: number;
  readonly field: DataField;
  readonly view: (buffer: ArrayBufferLike, offset: number, length: number) => TensorArray;
}

const f32: ElementType['view'] = (b, o, n) => new Float32Array(b, o, n);
const u8: ElementType['view'] = (b, o, n) => new Uint8Array(b, o, n);
const u16: ElementType['view'] = (b, o, n) => new Uint16Array(b, o, n);

/** Element types that can be read, by number; strings and the 4 and 8 bit floats cannot. */
export const elementTypes: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [DataType.float, { name: 'float', size: 4, field: 'floatData', view: f32 }],
  [DataType.uint8, { name: 'uint8', size: 1, field: 'int32Data', view: u8 }],
  [DataType.int8, { name: 'int8', size: 1, field: 'int32Data', view: (b, o, n) => new Int8Array(b, o, n) }],
  [DataType.uint16, { name: 'uint16', size: 2, field: 'int32Data', view: u16 }],
  [
    DataType.int16,
    { name: 'int16', size: 2, field: 'int32Data', view: (b, o, n) => new Int16Array(b, o, n) },
  ],
  [
    DataType.int32,
    { name: 'int32', size: 4, field: 'int32Data', view: (b, o, n) => new Int32Array(b, o, n) },
  ],
  [
    DataType.int64,
    { name: 'int64', size: 8, field: 'int64Data', view: (b, o, n) => new BigInt64Array(b, o, n) },
  ],
  [DataType.bool, { name: 'bool', size: 1, field: 'int32Data', view: u8 }],
  [DataType.float16, { name: 'float16', size: 2, field: 'int32Data', view: u16 }],
  [
    DataType.double,
    { name: 'double', size: 8, field: 'doubleData', view: (b, o, n) => new Float64Array(b, o, n) },
  ],
  [
    DataType.uint32,
    { name: 'uint32', size: 4, field: 'uint64Data', view: (b, o, n) => new Uint32Array(b, o, n) },
  ],
  [
    DataType.uint64,
    { name: 'uint64', size: 8, field: 'uint64Data', view: (b, o, n) => new BigUint64Array(b, o, n) },
  ],
  [DataType.bfloat16, { name: 'bfloat16', size: 2, field: 'int32Data', view: u16 }],
]);
