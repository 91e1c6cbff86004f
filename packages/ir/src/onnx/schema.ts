/** One table of the ONNX messages: field numbers and kinds, from onnx/onnx.proto3 (onnx 1.23). */
import type * as M from './messages.js';

/** How one field's values stand on the wire and in memory. `integer` is an int64 held as a number, `int64` as a bigint. */
export type Scalar = 'integer' | 'int32' | 'int64' | 'float' | 'string' | 'bytes';

/** Repeated numbers become typed arrays; all but `integers` say whether the writer packs them. */
export type Numbers = 'integers' | 'floats' | 'doubles' | 'int32s' | 'int64s' | 'uint64s';

const numbers: ReadonlySet<string> = new Set<Numbers>([
  'integers',
  'floats',
  'doubles',
  'int32s',
  'int64s',
  'uint64s',
]);

export function isNumbers(kind: Field['kind']): kind is Numbers {
  return numbers.has(kind);
}

export interface Field {
  readonly number: number;
  readonly name: string;
  readonly kind: Scalar | Numbers | 'message';
  /** One of many: the property is an array of what `kind` says. */
  readonly many: boolean;
  /** Numbers in one length-delimited run, as onnx.proto declares the field; both forms are read. */
  readonly packed: boolean;
  /** At most one field of a group may be present. */
  readonly group: string | undefined;
  /** The schema of a message field; a function, because GraphProto contains itself. */
  readonly message: (() => Schema) | undefined;
}

export interface Schema {
  readonly name: string;
  /** In ascending order of field number, which is the order of writing. */
  readonly fields: readonly Field[];
  readonly byNumber: readonly (Field | undefined)[];
}

type Spec = Omit<Field, 'name'>;
const plain = { many: false, packed: false, group: undefined, message: undefined };
const one = (number: number, kind: Scalar, group?: string): Spec => ({ ...plain, number, kind, group });
const many = (number: number, kind: 'string' | 'bytes'): Spec => ({ ...plain, number, kind, many: true });
const run = (number: number, kind: Numbers): Spec => ({ ...plain, number, kind });
const packed = (number: number, kind: Numbers): Spec => ({ ...plain, number, kind, packed: true });
const message = (number: number, schema: () => Schema, group?: string): Spec => ({
  ...plain,
  number,
  kind: 'message',
  group,
  message: schema,
});
const messages = (number: number, schema: () => Schema): Spec => ({ ...message(number, schema), many: true });

/** `T` makes the compiler compare the table with the interface: a field in one only is a type error. */
function schema<T>(name: string, specs: { readonly [K in keyof Required<T>]: Spec }): Schema {
  const fields: Field[] = Object.entries<Spec>(specs).map(([key, spec]) => ({ ...spec, name: key }));
  fields.sort((a, b) => a.number - b.number);
  const byNumber: (Field | undefined)[] = new Array<undefined>(32).fill(undefined);
  for (const field of fields) byNumber[field.number] = field;
  return { name, fields, byNumber };
}

export const stringEntrySchema = schema<M.StringStringEntryProto>('StringStringEntryProto', {
  key: one(1, 'string'),
  value: one(2, 'string'),
});
const entry = (): Schema => stringEntrySchema;

export const operatorSetSchema = schema<M.OperatorSetIdProto>('OperatorSetIdProto', {
  domain: one(1, 'string'),
  version: one(2, 'integer'),
});

export const tensorSchema = schema<M.TensorProto>('TensorProto', {
  dims: run(1, 'integers'),
  dataType: one(2, 'int32'),
  segment: one(3, 'bytes'),
  floatData: packed(4, 'floats'),
  int32Data: packed(5, 'int32s'),
  stringData: many(6, 'bytes'),
  int64Data: packed(7, 'int64s'),
  name: one(8, 'string'),
  rawData: one(9, 'bytes'),
  doubleData: packed(10, 'doubles'),
  uint64Data: packed(11, 'uint64s'),
  docString: one(12, 'string'),
  externalData: messages(13, entry),
  dataLocation: one(14, 'int32'),
  metadataProps: messages(16, entry),
});

const dimensionSchema = schema<M.Dimension>('Dimension', {
  dimValue: one(1, 'integer', 'value'),
  dimParam: one(2, 'string', 'value'),
  denotation: one(3, 'string'),
});

const shapeSchema = schema<M.TensorShapeProto>('TensorShapeProto', {
  dim: messages(1, () => dimensionSchema),
});

const tensorTypeSchema = schema<M.TensorTypeProto>('TypeProto.Tensor', {
  elemType: one(1, 'int32'),
  shape: message(2, () => shapeSchema),
});

const typeSchema = schema<M.TypeProto>('TypeProto', {
  tensorType: message(1, () => tensorTypeSchema, 'value'),
  sequenceType: one(4, 'bytes', 'value'),
  mapType: one(5, 'bytes', 'value'),
  denotation: one(6, 'string'),
  opaqueType: one(7, 'bytes', 'value'),
  sparseTensorType: one(8, 'bytes', 'value'),
  optionalType: one(9, 'bytes', 'value'),
});

const valueInfoSchema = schema<M.ValueInfoProto>('ValueInfoProto', {
  name: one(1, 'string'),
  type: message(2, () => typeSchema),
  docString: one(3, 'string'),
  metadataProps: messages(4, entry),
});

const attributeSchema = schema<M.AttributeProto>('AttributeProto', {
  name: one(1, 'string'),
  f: one(2, 'float'),
  i: one(3, 'int64'),
  s: one(4, 'bytes'),
  t: message(5, () => tensorSchema),
  g: message(6, () => graphSchema),
  floats: run(7, 'floats'),
  ints: run(8, 'int64s'),
  strings: many(9, 'bytes'),
  tensors: messages(10, () => tensorSchema),
  graphs: messages(11, () => graphSchema),
  docString: one(13, 'string'),
  tp: message(14, () => typeSchema),
  typeProtos: messages(15, () => typeSchema),
  type: one(20, 'int32'),
  refAttrName: one(21, 'string'),
  sparseTensor: one(22, 'bytes'),
  sparseTensors: many(23, 'bytes'),
});

const nodeSchema = schema<M.NodeProto>('NodeProto', {
  input: many(1, 'string'),
  output: many(2, 'string'),
  name: one(3, 'string'),
  opType: one(4, 'string'),
  attribute: messages(5, () => attributeSchema),
  docString: one(6, 'string'),
  domain: one(7, 'string'),
  overload: one(8, 'string'),
  metadataProps: messages(9, entry),
  deviceConfigurations: many(10, 'bytes'),
});

const graphSchema: Schema = schema<M.GraphProto>('GraphProto', {
  node: messages(1, () => nodeSchema),
  name: one(2, 'string'),
  initializer: messages(5, () => tensorSchema),
  docString: one(10, 'string'),
  input: messages(11, () => valueInfoSchema),
  output: messages(12, () => valueInfoSchema),
  valueInfo: messages(13, () => valueInfoSchema),
  quantizationAnnotation: many(14, 'bytes'),
  sparseInitializer: many(15, 'bytes'),
  metadataProps: messages(16, entry),
});

const functionSchema = schema<M.FunctionProto>('FunctionProto', {
  name: one(1, 'string'),
  input: many(4, 'string'),
  output: many(5, 'string'),
  attribute: many(6, 'string'),
  node: messages(7, () => nodeSchema),
  docString: one(8, 'string'),
  opsetImport: messages(9, () => operatorSetSchema),
  domain: one(10, 'string'),
  attributeProto: messages(11, () => attributeSchema),
  valueInfo: messages(12, () => valueInfoSchema),
  overload: one(13, 'string'),
  metadataProps: messages(14, entry),
});

export const modelSchema = schema<M.ModelProto>('ModelProto', {
  irVersion: one(1, 'integer'),
  producerName: one(2, 'string'),
  producerVersion: one(3, 'string'),
  domain: one(4, 'string'),
  modelVersion: one(5, 'integer'),
  docString: one(6, 'string'),
  graph: message(7, () => graphSchema),
  opsetImport: messages(8, () => operatorSetSchema),
  metadataProps: messages(14, entry),
  trainingInfo: many(20, 'bytes'),
  functions: messages(25, () => functionSchema),
  configuration: many(26, 'bytes'),
});
