/** The example networks with tensors of a few numbers: the same text, so the same operators, over the book itself and over made-up images. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

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
