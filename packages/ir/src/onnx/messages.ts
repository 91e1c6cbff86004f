/** The ONNX messages as plain TypeScript objects (onnx/onnx.proto3, names in camel case); absent fields are left out. */

export interface StringStringEntryProto {
  key?: string | undefined;
  value?: string | undefined;
}

export interface OperatorSetIdProto {
  domain?: string | undefined;
  version?: number | undefined;
}

export interface TensorProto {
  dims?: readonly number[] | undefined;
  dataType?: number | undefined;
  segment?: Uint8Array | undefined;
  floatData?: Float32Array | undefined;
  int32Data?: Int32Array | undefined;
  stringData?: readonly Uint8Array[] | undefined;
  int64Data?: BigInt64Array | undefined;
  name?: string | undefined;
  rawData?: Uint8Array | undefined;
  doubleData?: Float64Array | undefined;
  uint64Data?: BigUint64Array | undefined;
  docString?: string | undefined;
  externalData?: readonly StringStringEntryProto[] | undefined;
  dataLocation?: number | undefined;
  metadataProps?: readonly StringStringEntryProto[] | undefined;
}

export interface Dimension {
  dimValue?: number | undefined;
  dimParam?: string | undefined;
  denotation?: string | undefined;
}

export interface TensorShapeProto {
  dim?: readonly Dimension[] | undefined;
}

export interface TensorTypeProto {
  elemType?: number | undefined;
  shape?: TensorShapeProto | undefined;
}

/** Types other than tensors are kept as their undecoded bytes. */
export interface TypeProto {
  tensorType?: TensorTypeProto | undefined;
  sequenceType?: Uint8Array | undefined;
  mapType?: Uint8Array | undefined;
  denotation?: string | undefined;
  opaqueType?: Uint8Array | undefined;
  sparseTensorType?: Uint8Array | undefined;
  optionalType?: Uint8Array | undefined;
}

export interface ValueInfoProto {
  name?: string | undefined;
  type?: TypeProto | undefined;
  docString?: string | undefined;
  metadataProps?: readonly StringStringEntryProto[] | undefined;
}

/** Sparse tensors and sharding are kept as their undecoded bytes, here and below. */
export interface AttributeProto {
  name?: string | undefined;
  f?: number | undefined;
  i?: bigint | undefined;
  s?: Uint8Array | undefined;
  t?: TensorProto | undefined;
  g?: GraphProto | undefined;
  floats?: Float32Array | undefined;
  ints?: BigInt64Array | undefined;
  strings?: readonly Uint8Array[] | undefined;
  tensors?: readonly TensorProto[] | undefined;
  graphs?: readonly GraphProto[] | undefined;
  docString?: string | undefined;
  tp?: TypeProto | undefined;
  typeProtos?: readonly TypeProto[] | undefined;
  type?: number | undefined;
  refAttrName?: string | undefined;
  sparseTensor?: Uint8Array | undefined;
  sparseTensors?: readonly Uint8Array[] | undefined;
}

export interface NodeProto {
  input?: readonly string[] | undefined;
  output?: readonly string[] | undefined;
  name?: string | undefined;
  opType?: string | undefined;
  attribute?: readonly AttributeProto[] | undefined;
  docString?: string | undefined;
  domain?: string | undefined;
  overload?: string | undefined;
  metadataProps?: readonly StringStringEntryProto[] | undefined;
  deviceConfigurations?: readonly Uint8Array[] | undefined;
}

export interface GraphProto {
  node?: readonly NodeProto[] | undefined;
  name?: string | undefined;
  initializer?: readonly TensorProto[] | undefined;
  docString?: string | undefined;
  input?: readonly ValueInfoProto[] | undefined;
  output?: readonly ValueInfoProto[] | undefined;
  valueInfo?: readonly ValueInfoProto[] | undefined;
  quantizationAnnotation?: readonly Uint8Array[] | undefined;
  sparseInitializer?: readonly Uint8Array[] | undefined;
  metadataProps?: readonly StringStringEntryProto[] | undefined;
}

export interface FunctionProto {
  name?: string | undefined;
  input?: readonly string[] | undefined;
  output?: readonly string[] | undefined;
  attribute?: readonly string[] | undefined;
  node?: readonly NodeProto[] | undefined;
  docString?: string | undefined;
  opsetImport?: readonly OperatorSetIdProto[] | undefined;
  domain?: string | undefined;
  attributeProto?: readonly AttributeProto[] | undefined;
  valueInfo?: readonly ValueInfoProto[] | undefined;
  overload?: string | undefined;
  metadataProps?: readonly StringStringEntryProto[] | undefined;
}

export interface ModelProto {
  irVersion?: number | undefined;
  producerName?: string | undefined;
  producerVersion?: string | undefined;
  domain?: string | undefined;
  modelVersion?: number | undefined;
  docString?: string | undefined;
  graph?: GraphProto | undefined;
  opsetImport?: readonly OperatorSetIdProto[] | undefined;
  metadataProps?: readonly StringStringEntryProto[] | undefined;
  trainingInfo?: readonly Uint8Array[] | undefined;
  functions?: readonly FunctionProto[] | undefined;
  configuration?: readonly Uint8Array[] | undefined;
}
