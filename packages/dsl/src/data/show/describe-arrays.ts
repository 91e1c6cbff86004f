/** Looks through the arrays of IDX, npy and npz files. */
import { GensynError } from '@gensyn/ir';
import type { Column } from '../../semantics/program.js';
import { checkClaim, readArray, type ArrayHeader, type ArraySize } from '../array.js';
import { byteStream, type ByteStream } from '../byte-stream.js';
import type { ColumnWriter } from '../column-writer.js';
import { readIdxHeader } from '../idx.js';
import { readNpyHeader } from '../npy.js';
import type { DataPlace } from '../problem.js';
import { readContent, type SourceFile } from '../source-file.js';
import { listZip, readZipMember } from '../zip.js';
import type { ArrayDescription } from './description.js';
import { tally } from './tally.js';

type Chunks = AsyncGenerator<Buffer, void, undefined>;
type ReadHeader = (stream: ByteStream, place: DataPlace) => Promise<ArrayHeader>;

/** Rows and values of a row that are shown. */
export interface Shown {
  readonly rows: number;
  readonly values: number;
}

/** One array; values that no column takes are counted, not refused. Throws what the reader of its format throws. */
async function describeArray(
  name: string,
  chunks: Chunks,
  size: ArraySize,
  place: DataPlace,
  readHeader: ReadHeader,
  shown: Shown,
): Promise<ArrayDescription> {
  try {
    const stream = byteStream(chunks);
    const header = await readHeader(stream, place);
    checkClaim(header, size, place);
    const width = header.shape.slice(1).reduce((product, dim) => product * dim, 1);
    const values = tally();
    const first: number[][] = [];
    let count = 0;
    const put = (value: number): void => {
      const [row, column] = [Math.floor(count / width), count % width];
      if (row < shown.rows && column < shown.values) (first[row] ??= []).push(value);
      values.add(value);
      count++;
    };
    const writer: ColumnWriter = {
      put,
      putBytes: (bytes) => bytes.forEach(put),
      count: () => count,
      finish: () => ({ storage: 'f32', count, min: 0, max: 0, flushed: 0 }),
      discard() {},
    };
    const span = { file: place.file, offset: 0, length: 0, line: 1, column: 1 };
    const column: Column = {
      name,
      type: 'f32',
      shape: header.shape.slice(1),
      classes: undefined,
      labels: undefined,
      source: { kind: 'whole' },
      path: undefined,
      divisor: 1,
      offset: 0,
      span,
    };
    await readArray(stream, header, place, [column], () => writer);
    return { name, type: header.type.name, shape: header.shape, values: values.result(), first };
  } finally {
    await chunks.return();
  }
}

/** @throws GensynError D0102..D0105, D0120..D0123 */
export async function describeArrayFile(
  source: SourceFile,
  format: 'idx' | 'npy',
  shown: Shown,
): Promise<ArrayDescription[]> {
  const size = { bytes: source.bytes, compressed: source.gzip };
  const readHeader = format === 'idx' ? readIdxHeader : readNpyHeader;
  return [await describeArray('', readContent(source), size, source.place, readHeader, shown)];
}

/** Members that cannot be columns are told with the reason. Throws GensynError D0124 where the file itself is damaged. */
export async function describeNpz(source: SourceFile, shown: Shown): Promise<ArrayDescription[]> {
  const arrays: ArrayDescription[] = [];
  for (const member of await listZip(source)) {
    const name = member.name.replace(/\.npy$/, '');
    const place = { file: `${source.name}:${member.name}` };
    const size = { bytes: member.bytes, compressed: false };
    try {
      const chunks = readZipMember(source, member);
      arrays.push(await describeArray(name, chunks, size, place, readNpyHeader, shown));
    } catch (error) {
      if (!(error instanceof GensynError) || !['D0103', 'D0120', 'D0121', 'D0122'].includes(error.code))
        throw error;
      const words =
        error.code === 'D0121' && member.bytes <= MOST_WORD_BYTES
          ? await wordsOf(readZipMember(source, member))
          : undefined;
      arrays.push(
        words
          ? { name, type: 'text', shape: [words.length], words }
          : { name, type: '', shape: [], refused: error.message.slice(place.file.length + 2) },
      );
    }
  }
  return arrays;
}

const MOST_WORD_BYTES = 2 ** 20;

/** The texts of an array of strings of one dimension (`<U8`), as names of classes are kept; undefined for any other array. */
async function wordsOf(chunks: Chunks): Promise<string[] | undefined> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const bytes = Buffer.concat(parts);
  const start = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, start);
  const length = Number(/'descr'\s*:\s*'<U(\d+)'/.exec(header)?.[1]);
  const count = Number(/'shape'\s*:\s*\((\d+),?\)/.exec(header)?.[1]);
  if (bytes[6] !== 1 || !(length > 0) || !(start + 4 * length * count === bytes.length)) return undefined;
  return Array.from({ length: count }, (_, word) => {
    let text = '';
    for (let i = 0; i < length; i++) {
      const point = bytes.readUInt32LE(start + 4 * (word * length + i));
      if (point > 0 && point <= 0x10ffff) text += String.fromCodePoint(point);
    }
    return text;
  });
}
