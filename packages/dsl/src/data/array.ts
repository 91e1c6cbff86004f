/** Streams the elements of one array (IDX, npy, member of npz) into columns. */
import type { Column } from '../semantics/program.js';
import type { Shape } from '../tensor/tensor.js';
import type { ByteStream } from './byte-stream.js';
import { checkRowSize, type ColumnData, type OpenColumn } from './column-data.js';
import { elementReader, type ElementType } from './element.js';
import { dataError, type DataPlace } from './problem.js';
import { MAX_DEFLATE } from './source-file.js';

export interface ArrayHeader {
  readonly type: ElementType;
  /** Rows first. */
  readonly shape: Shape;
  /** Bytes before the first element. */
  readonly headerBytes: number;
}

export interface ArraySize {
  /** Bytes that hold header and elements: exact, or those of the compressed form. */
  readonly bytes: number;
  readonly compressed: boolean;
}

/**
 * Checks the claimed shape against the size of the file before anything is read or allocated.
 * @throws GensynError D0103 (no rows), D0122 (size and shape disagree)
 */
export function checkClaim(header: ArrayHeader, size: ArraySize, place: DataPlace): void {
  const { shape, type } = header;
  const what = `an array of shape [${shape.join(', ')}] and type ${type.name}`;
  if (shape.length === 0) throw dataError('D0122', place, 'holds a single number, rows are needed');
  if (shape.includes(0)) throw dataError('D0103', place, `${what} has no values`);
  const needed = header.headerBytes + shape.reduce((product, dim) => product * dim, type.bytes);
  if (size.compressed) {
    if (needed <= MAX_DEFLATE * (size.bytes + 64)) return;
    throw dataError('D0122', place, `${what} cannot come out of ${size.bytes} compressed bytes`);
  }
  if (needed === size.bytes) return;
  const why = size.bytes < needed ? 'the file ends early' : 'the file is too long';
  throw dataError(
    'D0122',
    place,
    `${why}: ${what} takes ${needed} bytes with its header, the file has ${size.bytes}`,
  );
}

interface Target {
  readonly column: Column;
  readonly writer: ReturnType<OpenColumn>;
  readonly first: number;
  readonly last: number;
  readonly whole: boolean;
}

/**
 * One pass over the elements. A column takes whole rows, or the elements first..last of every row (`columns 0..63`).
 * @throws GensynError D0106, D0115, D0122 (ends early or late), D0150, and what the column writers refuse
 */
export async function readArray(
  stream: ByteStream,
  header: ArrayHeader,
  place: DataPlace,
  columns: readonly Column[],
  open: OpenColumn,
): Promise<ColumnData[]> {
  const { type } = header;
  const rows = header.shape[0]!;
  const width = header.shape.slice(1).reduce((product, dim) => product * dim, 1);
  const total = rows * width;
  let index = 0;
  const where = (): string =>
    width === 1
      ? `row ${Math.floor(index / width)}`
      : `row ${Math.floor(index / width)}, element ${index % width}`;
  const targets = columns.map((column): Target => {
    const { first, last } = elementsOf(column, width, { ...place, span: column.span });
    const rowShape = header.shape.slice(1).join(' x ') || '1';
    checkRowSize(
      column,
      last - first + 1,
      place,
      first === 0 && last === width - 1 ? `rows of ${rowShape} values` : `${last - first + 1} values a row`,
    );
    return { column, writer: open(column, where), first, last, whole: first === 0 && last === width - 1 };
  });
  // Whole rows of bytes of which none can be refused are copied as they are.
  const bytesOnly =
    type.name === 'u8' &&
    targets.every(({ whole, column }) => whole && (column.type !== 'class' || column.classes! > 255));
  const read = elementReader(type);
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of stream.rest()) {
    const bytes = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    const count = Math.floor(bytes.length / type.bytes);
    if (index + count > total) throw tooLong(place, header);
    if (bytesOnly) {
      for (const { writer } of targets) writer.putBytes(bytes);
      index += count;
    } else {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let i = 0; i < count; i++, index++) {
        const value = read(view, i);
        const element = index % width;
        for (const target of targets)
          if (element >= target.first && element <= target.last) target.writer.put(value);
      }
    }
    held = bytes.subarray(count * type.bytes);
  }
  if (held.length > 0 && index === total) throw tooLong(place, header);
  if (index < total) {
    throw dataError(
      'D0122',
      place,
      `the data ends early: ${index} of ${total} elements of shape [${header.shape.join(', ')}] are there`,
    );
  }
  return targets.map(({ column, writer }) => ({ column, writer, rows }));
}

function tooLong(place: DataPlace, header: ArrayHeader): Error {
  return dataError(
    'D0122',
    place,
    `more bytes follow than shape [${header.shape.join(', ')}] of ${header.type.name} takes`,
  );
}

function elementsOf(column: Column, width: number, place: DataPlace): { first: number; last: number } {
  const { source } = column;
  if (source.kind === 'whole' || source.kind === 'member') return { first: 0, last: width - 1 };
  if (source.kind !== 'columns') {
    throw dataError(
      'D0106',
      place,
      'an array has neither named columns nor text',
      'Name the file alone to read all of it.',
    );
  }
  if (source.first < 0 || source.last < source.first || source.last >= width) {
    throw dataError(
      'D0115',
      place,
      `there are no elements ${source.first}..${source.last}: a row has ${width}, 0..${width - 1}`,
    );
  }
  return { first: source.first, last: source.last };
}
