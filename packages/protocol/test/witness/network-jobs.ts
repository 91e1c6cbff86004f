/** The example networks with tensors of a few numbers: the same text, so the same operators, over the book itself and over made-up images. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  attributeFloat,
  attributeInts,
  encodeModel,
  tensorFromF32,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
} from '@gensyn/ir';

// From packages/protocol/dist/test/witness.
const EXAMPLES = fileURLToPath(new URL('../../../../../examples', import.meta.url));
const SIZE = 8;
const IMAGES = 24;

export interface NetworkJob {
  /** Path of the job.gml. */
  readonly source: string;
  readonly set: Readonly<Record<string, string>>;
}

const STEPS = { rows: '2', length: '4', interval: '2' };

export const NETWORKS = {
  'moby-gpt': (): NetworkJob => ({
    source: path.join(EXAMPLES, 'moby-gpt', 'job.gml'),
    set: { context: '6', size: '8', layers: '1', heads: '2', ...STEPS },
  }),
  'fashion-cnn': (folder: string): NetworkJob => {
    const text = fs.readFileSync(path.join(EXAMPLES, 'fashion-cnn', 'job.gml'), 'utf8');
    const source = path.join(folder, 'job.gml');
    fs.writeFileSync(source, text.replaceAll('28, 28', `${SIZE}, ${SIZE}`));
    const grey = (_: unknown, i: number): number => (i * 151 + (i >> 4) * 37) % 256;
    writeIdx(path.join(folder, 'images'), [IMAGES, SIZE, SIZE], grey);
    writeIdx(path.join(folder, 'labels'), [IMAGES], (_, i) => (i * 7) % 10);
    return { source, set: { channels: '2', hidden: '4', images: 'images', labels: 'labels', ...STEPS } };
  },
  /** A network from an ONNX file that predicts: nothing is trained. */
  'imported cnn': (folder: string): NetworkJob => {
    fs.writeFileSync(path.join(folder, 'net.onnx'), importedNetwork());
    writeIdx(path.join(folder, 'images'), [7, 1, SIZE, SIZE], (_, i) => (i * 151 + (i >> 4) * 37) % 256);
    writeIdx(path.join(folder, 'labels'), [7], (_, i) => i % 3);
    const source = path.join(folder, 'job.gml');
    fs.writeFileSync(
      source,
      `data rows from "images" {
         x: f32[1, ${SIZE}, ${SIZE}] = whole / 255
         label: class[3] = whole from "labels"
       }
       model net = onnx("net.onnx")
       predict { model = net(rows.x); metrics = accuracy(model, rows.label); batch = 2 }
       verify { checkpoint every 2 steps }`,
    );
    return { source, set: {} };
  },
} as const;

export type Network = keyof typeof NETWORKS;

/** A folder for `NETWORKS` to write to. */
export function networkFolder(name: Network): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), `gensyn-${name}-`));
}

/** The format of MNIST: two zeros, 8 for bytes, the number of axes, each axis big-endian, the bytes. */
function writeIdx(file: string, dims: readonly number[], byte: (_: unknown, i: number) => number): void {
  const head = Buffer.alloc(4 + 4 * dims.length);
  head.writeUInt16BE(8 * 256 + dims.length, 2);
  dims.forEach((dim, i) => head.writeUInt32BE(dim, 4 + 4 * i));
  const body = Uint8Array.from({ length: dims.reduce((a, b) => a * b, 1) }, byte);
  fs.writeFileSync(file, Buffer.concat([head, body]));
}

/** Convolution, normalisation, pooling, a wide sum and scores: as PyTorch exports a small classifier. */
function importedNetwork(): Uint8Array {
  const initializer: TensorProto[] = [];
  const weight = (name: string, dims: number[], low = -0.5): string => {
    const size = dims.reduce((a, b) => a * b, 1);
    const data = Float32Array.from({ length: size }, (_, i) => low + ((i * 37 + name.length * 11) % 64) / 64);
    initializer.push(tensorFromF32(name, dims, data));
    return name;
  };
  const node = (
    opType: string,
    input: string[],
    output: string,
    ...attribute: AttributeProto[]
  ): NodeProto => ({
    ...{ opType, name: output, input, output: [output], attribute },
  });
  const positive = (name: string): string => weight(name, [2], 0.5);
  const scale = [positive('scale'), weight('shift', [2]), weight('mean', [2]), positive('variance')];
  const pool = [attributeInts('kernel_shape', [2, 2]), attributeInts('strides', [2, 2])];
  const nodes = [
    node('Conv', ['x', weight('kernel', [2, 1, 3, 3])], 'conv', attributeInts('pads', [1, 1, 1, 1])),
    node('BatchNormalization', ['conv', ...scale], 'norm', attributeFloat('epsilon', 1e-5)),
    node('Relu', ['norm'], 'relu'),
    node('MaxPool', ['relu'], 'pool', ...pool),
    node('Flatten', ['pool'], 'flat'),
    node('Gemm', ['flat', weight('last', [2 * (SIZE / 2) ** 2, 3]), weight('bias', [3])], 'logits'),
    node('Softmax', ['logits'], 'y'),
  ];
  const shaped = (name: string, dims: readonly number[]) => ({
    name,
    type: {
      tensorType: {
        elemType: 1,
        shape: { dim: [{ dimParam: 'n' }, ...dims.map((dimValue) => ({ dimValue }))] },
      },
    },
  });
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'net',
      node: nodes,
      initializer,
      input: [shaped('x', [1, SIZE, SIZE])],
      output: [shaped('y', [3])],
    },
  });
}
