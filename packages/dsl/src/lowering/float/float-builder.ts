/** Builds ordinary float ONNX with the interface of the canonical builder: no ranges, any ONNX operator. */
import {
  GraphBuilder,
  IR_VERSION,
  OPERATORS,
  OPSET,
  bytesOf,
  constantTensor,
  emitNode,
  outputName,
  range,
  valueInfo,
  type AttributeProto,
  type Attributes,
  type ModelProto,
  type Node,
  type NodeProto,
  type OperatorName,
  type Range,
  type Role,
  type Shape,
  type Source,
  type TensorData,
  type TensorProto,
  type TensorType,
  type Value,
  type ValueInfoProto,
} from '@gensyn/ir';

/** Claimed of every float value, so that no rule adds a clamp or a flush. Nothing is proved by it. */
const UNKNOWN: Range = range({ lo: -(2 ** 60), hi: 2 ** 60, quantum: 1 });

/** Float graphs are for comparison and for inference; they are never committed to. */
export class FloatBuilder extends GraphBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #described: Pick<Node, 'op' | 'type'>[] = [];
  readonly #handles: Value[] = [];
  readonly #names: string[] = [];
  readonly #initializers = new Map<string, TensorProto>();
  readonly #inputs: ValueInfoProto[] = [];
  readonly #results: { name: string; value: Value }[] = [];
  readonly #known = new Map<string, Value>();

  override input(name: string, type: TensorType, _range: Range, _source: Source): Value {
    this.#inputs.push(valueInfo(name, type));
    return this.#value('Input', type, name);
  }

  /** A weight that is part of the file. */
  stored(name: string, type: TensorType, data: TensorData): Value {
    this.#initializers.set(name, constantTensor(name, type.dtype, type.shape, data));
    return this.#value('Input', type, name);
  }

  override constant(
    data: TensorData,
    shape: Shape,
    dtype: TensorType['dtype'] = data instanceof Float32Array
      ? 'f32'
      : data instanceof Int32Array
        ? 'i32'
        : 'bool',
  ): Value {
    const key = `constant ${dtype} ${shape.join(',')} ${Buffer.from(bytesOf(data)).toString('base64')}`;
    return this.#once(key, () => {
      const name = `constant${this.#handles.length}`;
      this.#initializers.set(name, constantTensor(name, dtype, shape, data));
      return this.#value('Constant', { dtype, shape }, name);
    });
  }

  override add(op: OperatorName, inputs: readonly Value[], attributes: Attributes = {}): Value {
    return this.#once(`${op} ${inputs.map((v) => v.id).join(',')} ${JSON.stringify(attributes)}`, () => {
      const type = OPERATORS[op].infer(
        inputs.map((v) => v.type),
        attributes,
      );
      const value = this.#value(op, type, `v${this.#handles.length}`);
      const emitted = emitNode(
        { op, attributes, type },
        inputs.map((v) => this.#names[v.id]!),
        this.#names[value.id]!,
        `${value.id}_${op}`,
      );
      for (const tensor of emitted.initializers) this.#initializers.set(tensor.name!, tensor);
      this.#nodes.push(...emitted.nodes);
      return value;
    });
  }

  /** Adds any ONNX operator of one output. */
  emit(
    opType: string,
    inputs: readonly Value[],
    type: TensorType,
    attribute: readonly AttributeProto[] = [],
    extra: readonly TensorProto[] = [],
  ): Value {
    const key = `${opType} ${inputs.map((v) => v.id).join(',')} ${JSON.stringify(attribute, (_k, v: unknown) => (typeof v === 'bigint' || v instanceof BigInt64Array ? String(v) : v))}`;
    return this.#once(`${key} ${extra.map((t) => t.name).join(',')}`, () => {
      const value = this.#value('Input', type, `v${this.#handles.length}`);
      for (const tensor of extra) this.#initializers.set(tensor.name!, tensor);
      const input = [...inputs.map((v) => this.#names[v.id]!), ...extra.map((tensor) => tensor.name!)];
      this.#nodes.push({
        opType,
        name: `${value.id}_${opType}`,
        input,
        output: [this.#names[value.id]!],
        attribute: [...attribute],
      });
      return value;
    });
  }

  override output(name: string, value: Value, role: Role): void {
    this.#results.push({ name: outputName({ name, role }), value });
  }

  override node(value: Value): Node {
    return { ...this.#described[value.id]!, inputs: [], attributes: {}, range: UNKNOWN };
  }

  override value(id: number): Value {
    return this.#handles[id]!;
  }

  model(name: string): ModelProto {
    const copies = this.#results.map((result) => ({
      opType: 'Identity',
      name: `output ${result.name}`,
      input: [this.#names[result.value.id]!],
      output: [result.name],
    }));
    return {
      irVersion: IR_VERSION,
      producerName: 'gensyn',
      graph: {
        name,
        node: [...this.#nodes, ...copies],
        initializer: [...this.#initializers.values()],
        input: this.#inputs,
        output: this.#results.map((result) => valueInfo(result.name, result.value.type)),
      },
      opsetImport: [{ domain: '', version: OPSET }],
    };
  }

  #value(op: OperatorName, type: TensorType, name: string): Value {
    const value: Value = { id: this.#handles.length, type, shape: type.shape, range: UNKNOWN };
    this.#handles.push(value);
    this.#described.push({ op, type });
    this.#names.push(name);
    return value;
  }

  #once(key: string, build: () => Value): Value {
    const known = this.#known.get(key) ?? build();
    this.#known.set(key, known);
    return known;
  }
}
