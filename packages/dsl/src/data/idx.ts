/** Reads IDX files, the format of MNIST: big-endian header and elements (http://yann.lecun.com/exdb/mnist). */
import type { Column } from '../semantics/program.js';
import { checkClaim, readArray, type ArrayHeader } from './array.js';
import { byteStream, type ByteStream } from './byte-stream.js';
import type { ColumnData, OpenColumn } from './column-data.js';
import type { ElementType } from './element.js';
import { dataError, type DataPlace } from './problem.js';
import { readContent, type SourceFile } from './source-file.js';

const TYPES: Readonly<Record<number, readonly [ElementType['name'], number]>> = {
  0x08: ['u8', 1],
  0x09: ['i8', 1],
  0x0b: ['i16', 2],
  0x0c: ['i32', 4],
  0x0d: ['f32', 4],
  0x0e: ['f64', 8],
};

const MAX_RANK = 8;

/** @throws GensynError D0120 (no IDX), D0121 (element type, rank), D0122 (cut) */
export async function readIdxHeader(stream: ByteStream, place: DataPlace): Promise<ArrayHeader> {
  const magic = await stream.take(4);
  if (magic.length < 4 || magic[0] !== 0 || magic[1] !== 0) {
    throw dataError('D0120', place, `the file begins with ${hex(magic)}, an IDX file with 00 00`);
  }
  const type = TYPES[magic[2]!];
  if (!type) throw dataError('D0121', place, `${hex(magic.subarray(2, 3))} is no element type of IDX`);
  const rank = magic[3]!;
  if (rank < 1 || rank > MAX_RANK)
    throw dataError('D0121', place, `${rank} dimensions; 1 to ${MAX_RANK} are expected`);
  const dims = await stream.take(4 * rank);
  if (dims.length < 4 * rank) throw dataError('D0122', place, 'the file ends inside its header');
  const shape = Array.from({ length: rank }, (_, i) => dims.readUInt32BE(4 * i));
  return { type: { name: type[0], bytes: type[1], littleEndian: false }, shape, headerBytes: 4 + 4 * rank };
}

/** The bytes as `00 01 ff`. */
export function hex(bytes: Buffer): string {
  return bytes.length === 0 ? 'nothing' : (bytes.toString('hex').match(/../g) ?? []).join(' ');
}

/** @throws GensynError D0120 (no IDX), D0121 (element type, rank), D0122 (size), and what `readArray` throws */
export async function readIdx(
  source: SourceFile,
  columns: readonly Column[],
  open: OpenColumn,
): Promise<ColumnData[]> {
  const content = readContent(source);
  try {
    const stream = byteStream(content);
    const header = await readIdxHeader(stream, source.place);
    checkClaim(header, { bytes: source.bytes, compressed: source.gzip }, source.place);
    return await readArray(stream, header, source.place, columns, open);
  } finally {
    await content.return();
  }
}
