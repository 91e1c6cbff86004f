/** Collects the ONNX nodes of a legalised graph; whatever is asked for twice is written once. */
import {
  integersTensor,
  tensorFromF32,
  tensorFromI8,
  tensorFromU8,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
} from '@gensyn/ir';

/**
 * How a value is held. `f32`: canonical. The byte forms hold value / unit: `u8` and `i8` as it is, `u8z` plus 128, `i8z` minus 128.
 * `rest`: the f32 remainder of a digit, unscaled. `loose`: canonical but for -0 in place of +0.
 */
export type Form = 'f32' | 'u8' | 'u8z' | 'i8' | 'i8z' | 'rest' | 'loose';
export type ByteForm = Exclude<Form, 'f32' | 'rest' | 'loose'>;

/** What onnxruntime calls the zero point of each byte form. */
export const ZERO_POINT: Readonly<Record<ByteForm, number>> = { u8: 0, u8z: 128, i8: 0, i8z: -128 };

export function isUnsigned(form: ByteForm): boolean {
  return form === 'u8' || form === 'u8z';
}

export class Writer {
  readonly nodes: NodeProto[] = [];
  readonly initializers = new Map<string, TensorProto>();
  readonly #names: readonly string[];
  readonly #written = new Set<string>();

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** Name of a node's value in a form. */
  name(id: number, form: Form): string {
    return form === 'f32' ? this.#names[id]! : `${this.#names[id]!}:${form}`;
  }

  /** Adds a node under the name of its output, unless it is there. */
  node(
    output: string,
    opType: string,
    input: readonly string[],
    attribute: readonly AttributeProto[] = [],
    domain = '',
  ): string {
    this.nodeOf([output], opType, input, attribute, domain);
    return output;
  }

  /** As node, with several outputs. */
  nodeOf(
    output: readonly string[],
    opType: string,
    input: readonly string[],
    attribute: readonly AttributeProto[] = [],
    domain = '',
  ): void {
    const name = output[0]!;
    if (this.#written.has(name)) return;
    for (const each of output) this.#written.add(each);
    this.nodes.push({
      name: `${name}_${opType}`,
      opType,
      input,
      output,
      ...(attribute.length > 0 ? { attribute } : {}),
      ...(domain ? { domain } : {}),
    });
  }

  initializer(tensor: TensorProto): string {
    this.initializers.set(tensor.name!, tensor);
    return tensor.name!;
  }

  scalar(value: number): string {
    return this.initializer(tensorFromF32(`f32:${value}`, [], Float32Array.of(value)));
  }

  integers(values: readonly number[]): string {
    return this.initializer(integersTensor(values));
  }

  zeroPoint(form: ByteForm): string {
    const value = ZERO_POINT[form];
    return isUnsigned(form)
      ? this.initializer(tensorFromU8(`u8:${value}`, [], Uint8Array.of(value)))
      : this.initializer(tensorFromI8(`i8:${value}`, [], Int8Array.of(value)));
  }
}
