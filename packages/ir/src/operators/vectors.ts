/** Every example of every operator with its result, for implementations on other devices and in other languages. */
import { bytesOf, type TensorValue } from '../value/type.js';
import { OPERATORS, type OperatorName } from './index.js';
import type { Attributes, Case } from './operator.js';

/** A tensor with its little-endian bytes in hex. */
export interface TensorVector {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly hex: string;
}

export interface OperatorVector {
  readonly op: OperatorName;
  readonly opcode: number;
  readonly name: string;
  readonly attributes: Attributes;
  readonly inputs: readonly TensorVector[];
  readonly output: TensorVector;
}

/** The result of an example, by the normative evaluation. */
export function evaluateCase(op: OperatorName, example: Case): TensorValue {
  const operator = OPERATORS[op];
  const attributes = example.attributes ?? {};
  const type = operator.infer(example.inputs, attributes);
  return { ...type, data: operator.evaluate(example.inputs, attributes, type) };
}

function vector({ dtype, shape, data }: TensorValue): TensorVector {
  return { dtype, shape, hex: Buffer.from(bytesOf(data)).toString('hex') };
}

/** What `npm run gen` writes to vectors/operators.json. */
export function operatorVectors(): OperatorVector[] {
  return (Object.keys(OPERATORS) as OperatorName[]).flatMap((op) =>
    OPERATORS[op].cases.map((example) => ({
      op,
      opcode: OPERATORS[op].opcode,
      name: example.name,
      attributes: example.attributes ?? {},
      inputs: example.inputs.map(vector),
      output: vector(evaluateCase(op, example)),
    })),
  );
}
