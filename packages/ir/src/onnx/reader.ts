/** What reading an ONNX model carries along: the values by name, the nodes so far, the rules broken so far. */
import { GensynError, type Span } from '../error.js';
import type { Node } from '../graph/graph.js';
import type { TensorData } from '../value/type.js';
import type { Known } from '../verify/deduce.js';
import { breaks } from '../verify/rule.js';
import { checkConstant } from '../verify/source.js';
import type { Violations } from '../verify/violation.js';
import { DataType } from './data-types.js';
import type { TensorProto } from './messages.js';
import { tensorData } from './model.js';
import { DTYPE_OF } from './spelling.js';

/** An ONNX value: a node of the graph, a constant list of shape-like numbers, or neither when it breaks a rule. */
export type Value = { readonly id: number } | { readonly integers: readonly number[] } | undefined;

export interface Reader {
  readonly violations: Violations;
  readonly values: Map<string, Value>;
  readonly nodes: Node[];
  /** Beside `nodes`: what is deduced of each. */
  readonly known: Known[];
  complete: boolean;
}

export function isOnnx(domain: string | undefined): boolean {
  return domain === undefined || domain === '' || domain === 'ai.onnx';
}

export function bind(reader: Reader, name: string, value: Value): void {
  if (name === '' || reader.values.has(name))
    reader.violations.add(
      'structure',
      name,
      name === '' ? 'a value has no name' : `two values are called '${name}'`,
    );
  if (value === undefined) reader.complete = false;
  reader.values.set(name, value);
}

export function push(reader: Reader, node: Node, known: Known): Value {
  reader.nodes.push(node);
  reader.known.push(known);
  return { id: reader.nodes.length - 1 };
}

export function readConstant(reader: Reader, name: string, tensor: TensorProto): void {
  const { violations } = reader;
  const value = violations.collect(name, (): Value => {
    const { dataType, dims, data } = content(tensor);
    if (dataType === DataType.int64) return { integers: Array.from(data as BigInt64Array, Number) };
    const dtype = DTYPE_OF.get(dataType);
    if (!dtype)
      breaks(
        'dtype',
        `constant '${name}' has ONNX element type ${dataType}; only f32, i32 and bool are canonical`,
      );
    const type = { dtype, shape: dims };
    const range = checkConstant(`constant '${name}'`, { type, data: data as TensorData });
    return push(
      reader,
      {
        op: 'Constant',
        inputs: [],
        attributes: {},
        type,
        range,
        span: placeOf(tensor.docString),
        data: data as TensorData,
      },
      { type, range },
    );
  });
  bind(reader, name, value);
}

function content(tensor: TensorProto) {
  try {
    return tensorData(tensor);
  } catch (error) {
    if (error instanceof GensynError) breaks('structure', error.message);
    throw error;
  }
}

/** The place that `formatPlace` writes. */
export function placeOf(text: string | undefined): Span | undefined {
  const match = /^(.+):(\d{1,9}):(\d{1,9})$/.exec(text ?? '');
  return match
    ? { file: match[1]!, line: Number(match[2]), column: Number(match[3]), offset: 0, length: 0 }
    : undefined;
}
