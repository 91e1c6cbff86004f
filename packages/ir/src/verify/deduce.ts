/** Deduces type and range of a node from those of its operands, going on where something is already known to be broken. */
import type { Span } from '../error.js';
import { OPERATORS, type OperatorName } from '../operators/index.js';
import type { Attributes } from '../operators/operator.js';
import { BOOL_RANGE, F32_MAX, I32_MAX, I32_MIN, integerRange, range, type Range } from '../value/range.js';
import type { DType, TensorType } from '../value/type.js';
import { RuleError } from './rule.js';
import { checkShape } from './source.js';
import type { Violations } from './violation.js';

/** What is known of a value: neither part, when the node that computes it breaks a rule. */
export interface Known {
  readonly type?: TensorType | undefined;
  readonly range?: Range | undefined;
}

/** All that a type can hold, subnormals and both zeros included. */
export function widest(dtype: DType): Range {
  if (dtype === 'bool') return BOOL_RANGE;
  if (dtype === 'i32') return integerRange(I32_MIN, I32_MAX);
  return range({ lo: -F32_MAX, hi: F32_MAX, negativeZero: true });
}

/**
 * Notes the rules that the node breaks. Where an operand's range is unknown the node is not judged by ranges, for that would repeat
 * the violation at every node downstream; only products are, which need a proof that nobody gave.
 */
export function deduce(
  op: OperatorName,
  operands: readonly Known[],
  attributes: Attributes,
  violations: Violations,
  name: string,
  span?: Span,
): Known {
  const operator = OPERATORS[op];
  if (!operands.every((operand) => operand.type)) return {};
  const types = operands.map((operand) => operand.type!);
  const type = violations.collect(
    name,
    () => {
      const inferred = operator.infer(types, attributes);
      checkShape(name, inferred);
      return inferred;
    },
    span,
  );
  if (!type) return {};
  const known = operands.every((operand) => operand.range);
  if (!known && op !== 'Dot') return { type, ...(type.dtype === 'bool' ? { range: BOOL_RANGE } : {}) };
  const ranges = operands.map((operand) => operand.range ?? widest(operand.type!.dtype));
  try {
    return { type, range: operator.range(ranges, types, attributes) };
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    violations.add(error.rule, name, error.message, span);
    return { type };
  }
}
