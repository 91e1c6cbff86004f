/** Judges any ONNX file by the rules of a canonical graph. */
import type { Graph } from '../graph/graph.js';
import { decodeModel } from '../onnx/decode.js';
import { importOnnx } from '../onnx/import.js';
import { verifyCanonical } from './canonical.js';
import type { Violation } from './violation.js';

export interface Lint {
  /** The graph, where the file can be read as one; canonical only when there are no violations. */
  readonly graph?: Graph;
  readonly violations: readonly Violation[];
}

/**
 * Every rule that the model breaks, in the order of its nodes and under the names they have in the file.
 * @throws GensynError G0001 to G0008 when the bytes are no ONNX model
 */
export function lintModel(bytes: Uint8Array): Lint {
  const { graph, violations } = importOnnx(decodeModel(bytes));
  if (!graph || violations.length > 0) return { ...(graph ? { graph } : {}), violations };
  return { graph, violations: verifyCanonical(graph) };
}
