export * from './error.js';
export * from './value/type.js';
export * from './value/range.js';
export * from './verify/rule.js';
export { OPERATORS, isOperator, type OperatorName } from './operators/index.js';
export * from './operators/operator.js';
export { walk } from './operators/walk.js';
export { broadcastMap, broadcastShape } from './operators/map.js';
export { DIGIT_MAX, EXACT_SUM } from './operators/dot.js';
export * from './graph/graph.js';
export * from './graph/builder.js';
export * from './graph/evaluate.js';
export * from './job/manifest.js';
export * from './job/columns.js';
export * from './job/order.js';
export * from './job/record.js';
export * from './job/initial-state.js';
export * from './job/job-root.js';
export * from './job/shards.js';
export * from './onnx/messages.js';
export * from './onnx/data-types.js';
export * from './onnx/model.js';
export { decodeModel, decodeTensor, type DecodeLimits } from './onnx/decode.js';
export { encodeModel, encodeModelPieces, encodeTensor } from './onnx/encode.js';
export { onnxExplanations, type Explanation } from './onnx/explanations.js';
export { threefry, threefryWords, uniformBits } from './random/threefry.js';
export { fillDropout, fillUniform } from './random/fill.js';
export { PERMUTATION_STREAM, batchIndices, epochPermutation } from './random/permutation.js';
export { randomVectors } from './random/vectors.js';
export { toOnnx, valueInfo, formatPlace } from './onnx/export.js';
export { outputName, valueNames } from './onnx/names.js';
export {
  emitNode,
  constantTensor,
  integersTensor,
  zeroTensor,
  integerAttribute,
  integersAttribute,
  type Emission,
  ONNX_TYPE,
  OPSET,
  IR_VERSION,
  ZERO,
} from './onnx/emit.js';
export { canonicalJson } from './onnx/declarations.js';
export { hashPairs, setPairHasher, nodePairHasher, sha256, type PairHasher } from './merkle/hash.js';
export * from './merkle/opening.js';
export * from './merkle/root.js';
export { constantTensorRoot } from './merkle/constant.js';
export * from './merkle/tags.js';
export { chunkCount, tensorTree, treeDepth, treeStream, type Tree, type TreeStream } from './merkle/tree.js';
export { allows, firstOutside } from './value/conform.js';
export { randomGraph, type RandomGraph, type RandomGraphOptions } from './random-graph.js';
export { type Violation } from './verify/violation.js';
export { nodeName, verifyCanonical } from './verify/canonical.js';
export { healthLimit, stepLimit } from './verify/state.js';
export { fromOnnx, importOnnx, type Imported } from './onnx/import.js';
export { lintModel, type Lint } from './verify/lint.js';
export { SOURCES, STARTS, encodeGraph, encodeHeader, encodeNode } from './graph/encode.js';
export { GRAPH_HEADER_TAG, GRAPH_NODE_TAG, graphDigests, graphRoot } from './graph/root.js';
export {
  evaluateCase,
  operatorVectors,
  type OperatorVector,
  type TensorVector,
} from './operators/vectors.js';
export { explanations } from './explanations.js';
export { randomInputs } from './random-graph-inputs.js';
