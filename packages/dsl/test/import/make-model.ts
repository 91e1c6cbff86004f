/** Small ONNX models written by hand: nodes, inputs and initialisers in a few words. */
import {
  attributeFloat,
  attributeInt,
  attributeInts,
  attributeString,
  attributeTensor,
  encodeModel,
  tensorFromF32,
  type AttributeProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '@gensyn/ir';
import type { ModelFile } from '../../src/import/model-files.js';
import { readNetwork, type Network } from '../../src/import/network.js';
import { importedOperator } from '../../src/import/operators/index.js';

type Setting = number | string | readonly number[] | TensorProto;

function attribute(name: string, value: Setting): AttributeProto {
  if (typeof value === 'string') return attributeString(name, value);
  if (Array.isArray(value)) return attributeInts(name, value as number[]);
  if (typeof value === 'object') return attributeTensor(name, value as TensorProto);
  return FLOATS.has(name) ? attributeFloat(name, value) : attributeInt(name, value);
}

const FLOATS = new Set(['alpha', 'beta', 'epsilon', 'gamma', 'momentum', 'ratio']);

export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, Setting>> = {},
): NodeProto {
  return {
    opType,
    name: `${opType}_${output[0]}`,
    input,
    output,
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  };
}

/** A float input; a text is a free axis. */
export function input(name: string, dims: readonly (number | string)[], elemType = 1): ValueInfoProto {
  const dim = dims.map((each) => (typeof each === 'string' ? { dimParam: each } : { dimValue: each }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

/** Numbers in [-1, 1), the same in every run. */
export function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

export function weight(name: string, dims: readonly number[], scale = 0.5): TensorProto {
  const next = noise([...name].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7));
  const size = dims.reduce((a, b) => a * b, 1);
  return tensorFromF32(
    name,
    dims,
    Float32Array.from({ length: size }, () => scale * next()),
  );
}

export interface Parts {
  readonly nodes: readonly NodeProto[];
  readonly inputs?: readonly ValueInfoProto[];
  readonly initializers?: readonly TensorProto[];
  readonly outputs?: readonly string[];
  readonly opset?: number;
}

export function model({ nodes, inputs, initializers, outputs, opset = 17 }: Parts): ModelProto {
  return {
    irVersion: 8,
    opsetImport: [{ domain: '', version: opset }],
    graph: {
      name: 'test',
      node: nodes,
      input: inputs ?? [input('x', ['n', 4])],
      initializer: initializers ?? [],
      output: (outputs ?? ['y']).map((name) => input(name, [])),
    },
  };
}

export function fileOf(proto: ModelProto): ModelFile {
  return { bytes: encodeModel(proto), external: () => new Uint8Array(0) };
}

export function network(parts: Parts | ModelProto): Network {
  return readNetwork(
    fileOf('nodes' in parts ? model(parts) : parts),
    (op) => importedOperator(op) !== undefined,
  );
}
