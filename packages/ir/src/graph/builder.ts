/** Builds a graph node by node; each is checked as it is added, and equal nodes are shared. */
import type { Span } from '../error.js';
import { OPERATORS, type OperatorName } from '../operators/index.js';
import type { Attributes } from '../operators/operator.js';
import { RuleError } from '../verify/rule.js';
import { checkConstant, checkInput, checkShape } from '../verify/source.js';
import type { Range } from '../value/range.js';
import { bytesOf, elements, type Shape, type TensorData, type TensorType } from '../value/type.js';
import { partOf, type Graph, type Node, type Output, type Role, type Source } from './graph.js';

/** A handle to a node of the graph under construction. */
export interface Value {
  readonly id: number;
  readonly type: TensorType;
  readonly shape: Shape;
  readonly range: Range;
}

/** Constants up to this many elements are folded and shared by content. */
const SMALL = 4096;

export class GraphBuilder {
  readonly #nodes: Node[] = [];
  readonly #values: Value[] = [];
  readonly #outputs: Output[] = [];
  readonly #shared = new Map<string, Value>();
  /** Attached to every node added from now on. */
  span: Span | undefined;

  /** @throws RuleError when the declared range is not one of canonical values */
  input(name: string, type: TensorType, range: Range, source: Source): Value {
    this.#located(() => checkInput(`input '${name}'`, type, range));
    return this.#push({
      op: 'Input',
      inputs: [],
      attributes: {},
      type,
      range,
      span: this.span,
      name,
      source,
    });
  }

  /** Small constants of equal content are shared. @throws RuleError when the data are not canonical values */
  constant(data: TensorData, shape: Shape, dtype: 'f32' | 'i32' | 'bool' = dtypeOf(data)): Value {
    const key =
      data.length <= SMALL
        ? `constant ${dtype} ${shape.join(',')} ${Buffer.from(bytesOf(data)).toString('base64')}`
        : undefined;
    const known = key === undefined ? undefined : this.#shared.get(key);
    if (known) return known;
    const range = this.#located(() => checkConstant('constant', { type: { dtype, shape }, data }));
    const value = this.#push({
      op: 'Constant',
      inputs: [],
      attributes: {},
      type: { dtype, shape },
      range,
      span: this.span,
      data,
    });
    if (key !== undefined) this.#shared.set(key, value);
    return value;
  }

  /** An f32 scalar, rounded once. */
  scalar(value: number): Value {
    return this.constant(Float32Array.of(value), []);
  }

  /** Adds an operator, or returns the node that already computes the same. @throws RuleError */
  add(op: OperatorName, inputs: readonly Value[], attributes: Attributes = {}): Value {
    const operator = OPERATORS[op];
    const key = `${op} ${inputs.map((v) => v.id).join(',')} ${JSON.stringify(attributes)}`;
    const known = this.#shared.get(key);
    if (known) return known;
    const types = inputs.map((v) => v.type);
    return this.#located(() => {
      const type = operator.infer(types, attributes);
      checkShape(op, type);
      const folded = this.#fold(op, inputs, attributes, type);
      const value =
        folded ??
        this.#push({
          op,
          inputs: inputs.map((v) => v.id),
          attributes,
          type,
          range: operator.range(
            inputs.map((v) => v.range),
            types,
            attributes,
          ),
          span: this.span,
        });
      this.#shared.set(key, value);
      return value;
    });
  }

  output(name: string, value: Value, role: Role): void {
    this.#outputs.push({ name, node: value.id, role });
  }

  node(value: Value): Node {
    return this.#nodes[value.id]!;
  }

  /** The handle of a node's operand. */
  value(id: number): Value {
    return this.#values[id]!;
  }

  /**
   * The finished graph: dead nodes dropped (inputs of the state are kept); inputs first, then constants, then operators, each in
   * order of creation.
   */
  build(): Graph {
    const live = new Uint8Array(this.#nodes.length);
    for (const output of this.#outputs) live[output.node] = 1;
    for (let id = this.#nodes.length - 1; id >= 0; id--) {
      const node = this.#nodes[id]!;
      if (node.op === 'Input' && node.source?.kind === 'state') live[id] = 1;
      if (live[id]) for (const input of node.inputs) live[input] = 1;
    }
    const renumbered = new Map<number, number>();
    const nodes: Node[] = [];
    for (const part of [0, 1, 2]) {
      this.#nodes.forEach((node, id) => {
        if (!live[id] || partOf(node) !== part) return;
        renumbered.set(id, nodes.length);
        nodes.push({ ...node, inputs: node.inputs.map((input) => renumbered.get(input)!) });
      });
    }
    return {
      nodes,
      outputs: this.#outputs.map((output) => ({ ...output, node: renumbered.get(output.node)! })),
    };
  }

  /** Runs a check; a rule broken in it is reported at the present place of the job. */
  #located<T>(check: () => T): T {
    try {
      return check();
    } catch (error) {
      if (error instanceof RuleError && !error.span && this.span) {
        throw new RuleError(error.rule, error.message, { span: this.span, node: error.node });
      }
      throw error;
    }
  }

  #push(node: Node): Value {
    const value: Value = {
      id: this.#nodes.length,
      type: node.type,
      shape: node.type.shape,
      range: node.range,
    };
    this.#nodes.push(node);
    this.#values.push(value);
    return value;
  }

  #fold(
    op: OperatorName,
    inputs: readonly Value[],
    attributes: Attributes,
    type: TensorType,
  ): Value | undefined {
    const nodes = inputs.map((v) => this.#nodes[v.id]!);
    if (
      elements(type.shape) > SMALL ||
      !nodes.every((n) => n.op === 'Constant' && elements(n.type.shape) <= SMALL)
    )
      return undefined;
    OPERATORS[op].range(
      inputs.map((v) => v.range),
      inputs.map((v) => v.type),
      attributes,
    );
    const data = OPERATORS[op].evaluate(
      nodes.map((n) => ({ ...n.type, data: n.data! })),
      attributes,
      type,
    );
    return this.constant(data, type.shape, type.dtype);
  }
}

function dtypeOf(data: TensorData): 'f32' | 'i32' | 'bool' {
  return data instanceof Float32Array ? 'f32' : data instanceof Int32Array ? 'i32' : 'bool';
}
