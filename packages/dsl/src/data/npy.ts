/** Reads .npy arrays, versions 1 to 3 (numpy.lib.format). */
import type { Column } from '../semantics/program.js';
import { checkClaim, readArray, type ArrayHeader, type ArraySize } from './array.js';
import { byteStream, type ByteStream } from './byte-stream.js';
import type { ColumnData, OpenColumn } from './column-data.js';
import type { ElementType } from './element.js';
import { hex } from './idx.js';
import { dataError, quoted, type DataPlace } from './problem.js';
import { readContent, type SourceFile } from './source-file.js';

export const NPY_MAGIC = Buffer.from('\x93NUMPY', 'latin1');

/** numpy itself refuses longer ones by default (10,000 characters); nothing legitimate comes near. */
const MAX_HEADER = 65536;

const TYPES: Readonly<Record<string, readonly [ElementType['name'], number]>> = {
  b1: ['bool', 1],
  u1: ['u8', 1],
  i1: ['i8', 1],
  u2: ['u16', 2],
  i2: ['i16', 2],
  u4: ['u32', 4],
  i4: ['i32', 4],
  u8: ['u64', 8],
  i8: ['i64', 8],
  f2: ['f16', 2],
  f4: ['f32', 4],
  f8: ['f64', 8],
};

/** @throws GensynError D0120 (no npy), D0121 (element type, order, version), D0122 (cut), D0123 (malformed) */
export async function readNpyHeader(stream: ByteStream, place: DataPlace): Promise<ArrayHeader> {
  const magic = await stream.take(8);
  if (magic.length < 8 || !magic.subarray(0, 6).equals(NPY_MAGIC)) {
    throw dataError(
      'D0120',
      place,
      `the array begins with ${hex(magic.subarray(0, 6))}, npy with ${hex(NPY_MAGIC)}`,
    );
  }
  const version = magic[6]!;
  if (version < 1 || version > 3)
    throw dataError('D0121', place, `npy version ${version}.${magic[7]} is not known (1 to 3 are)`);
  const lengthBytes = version === 1 ? 2 : 4;
  const length = await stream.take(lengthBytes);
  if (length.length < lengthBytes) throw dataError('D0122', place, 'the file ends inside its header');
  const textBytes = version === 1 ? length.readUInt16LE(0) : length.readUInt32LE(0);
  if (textBytes > MAX_HEADER)
    throw dataError('D0123', place, `a header of ${textBytes} bytes; ${MAX_HEADER} at most are expected`);
  const text = await stream.take(textBytes);
  if (text.length < textBytes) throw dataError('D0122', place, 'the file ends inside its header');
  return parseHeader(text.toString('latin1'), 8 + lengthBytes + textBytes, place);
}

/** The header is a Python dictionary literal with exactly these three keys, in any order. */
function parseHeader(text: string, headerBytes: number, place: DataPlace): ArrayHeader {
  const malformed = (why: string): Error =>
    dataError('D0123', place, `the npy header ${quoted(text.trim())} ${why}`);
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  if (body === undefined) throw malformed('is not a dictionary');
  const descr = /'descr'\s*:\s*(?:'([^']*)'|(\[))/.exec(body);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(body);
  const dims = /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(body);
  if (!descr) throw malformed("has no 'descr'");
  if (!order) throw malformed("has no 'fortran_order'");
  if (!dims) throw malformed("has no 'shape'");
  const shape = dims[1]!
    .split(',')
    .map((dim) => dim.trim().replace(/L$/, ''))
    .filter((dim) => dim !== '')
    .map(Number);
  if (shape.length > 32 || !shape.every((dim) => Number.isSafeInteger(dim)))
    throw malformed('has a shape that is no shape');
  const [, byteOrder, code] = /^([<>|=]?)([a-zA-Z]\d+)$/.exec(descr[1] ?? '') ?? [];
  const type = code === undefined ? undefined : TYPES[code];
  if (!type) {
    const found = descr[2] ? 'a record type' : quoted(descr[1]!);
    throw dataError(
      'D0121',
      place,
      `the element type is ${found}`,
      'Save the array as float32, int32, uint8 or another plain number type.',
    );
  }
  if (type[1] > 1 && byteOrder !== '<' && byteOrder !== '>') throw malformed('does not tell the byte order');
  // Of an array with one dimension both orders are the same bytes.
  if (order[1] === 'True' && shape.filter((dim) => dim !== 1).length > 1) {
    throw dataError('D0121', place, 'the array is in Fortran order', 'Save numpy.ascontiguousarray(x).');
  }
  return { type: { name: type[0], bytes: type[1], littleEndian: byteOrder !== '>' }, shape, headerBytes };
}

/** Reads an npy array from bytes that come from anywhere. */
export async function readNpyStream(
  chunks: AsyncGenerator<Buffer, void, undefined>,
  size: ArraySize,
  place: DataPlace,
  columns: readonly Column[],
  open: OpenColumn,
): Promise<ColumnData[]> {
  try {
    const stream = byteStream(chunks);
    const header = await readNpyHeader(stream, place);
    checkClaim(header, size, place);
    return await readArray(stream, header, place, columns, open);
  } finally {
    await chunks.return();
  }
}

/** @throws GensynError D0120 (no npy), D0121 (element type, order, version), D0122 (size), D0123 (header), and what `readArray` throws */
export function readNpy(
  source: SourceFile,
  columns: readonly Column[],
  open: OpenColumn,
): Promise<ColumnData[]> {
  const size = { bytes: source.bytes, compressed: source.gzip };
  return readNpyStream(readContent(source), size, source.place, columns, open);
}
