/** Writes the values of one column to a file, checking each, in the smallest element type that holds them exactly. */
import { closeSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { Column } from '../semantics/program.js';
import { storageBytes, type Storage } from './prepared.js';
import { dataError, type DataPlace } from './problem.js';

/** Smallest normal f32. */
const MIN_NORMAL = 2 ** -126;
const BUFFER = 1 << 18;

export interface ColumnWriter {
  /** Appends one value as found in the source. */
  put(value: number): void;
  /** Appends a run of unsigned bytes; the fast path for pictures. */
  putBytes(values: Uint8Array): void;
  /** Values appended so far. */
  count(): number;
  /** Ends the file (still under its temporary name) and tells what is in it. */
  finish(): Written;
  /** Closes and removes the temporary file; harmless after `finish`. */
  discard(): void;
}

export interface Written {
  readonly storage: Storage;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly flushed: number;
}

type ValueType = Pick<Column, 'name' | 'type' | 'classes'>;

/**
 * A column file starts as u8 and is rewritten as i32 or f32 when the first value comes that does not fit, so the source is
 * read once and the element type depends on the values alone. `place` is asked for the current place when a value is refused.
 * @throws GensynError D0140 (not finite), D0141 (not an integer), D0142 (not a class), D0143 (beyond i32), D0144 (beyond f32),
 *   D0160 (cannot write)
 */
export function openColumnWriter(column: ValueType, file: string, place: () => DataPlace): ColumnWriter {
  const buffer = Buffer.allocUnsafe(BUFFER);
  const highest = column.type === 'class' ? (column.classes ?? 1) - 1 : 255;
  let fd = attempt(() => openSync(file, 'w'));
  let storage: Storage = 'u8';
  let fill = 0;
  let count = 0;
  let min = Infinity;
  let max = -Infinity;
  let flushed = 0;

  function attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw dataError(
        'D0160',
        { file, span: place().span },
        `cannot write the prepared data (${why})`,
        undefined,
        error,
      );
    }
  }

  function write(target: number, bytes: Buffer): void {
    let done = 0;
    while (done < bytes.length) done += writeSync(target, bytes, done, bytes.length - done);
  }

  function flush(): void {
    if (fill > 0) attempt(() => write(fd, buffer.subarray(0, fill)));
    fill = 0;
  }

  function widen(to: 'i32' | 'f32'): void {
    flush();
    const narrow = Buffer.allocUnsafe(BUFFER / 4);
    const wide = Buffer.allocUnsafe(BUFFER);
    attempt(() => {
      closeSync(fd);
      fd = -1;
      const widened = `${file}.wide`;
      const input = openSync(file, 'r');
      fd = openSync(widened, 'w');
      try {
        for (let n = readSync(input, narrow); n > 0; n = readSync(input, narrow)) {
          for (let i = 0; i < n; i++) {
            if (to === 'f32') wide.writeFloatLE(narrow[i]!, 4 * i);
            else wide.writeInt32LE(narrow[i]!, 4 * i);
          }
          write(fd, wide.subarray(0, 4 * n));
        }
      } finally {
        closeSync(input);
      }
      renameSync(widened, file);
    });
    storage = to;
  }

  function refuse(code: string, message: string, help?: string): never {
    throw dataError(code, place(), message, help);
  }

  function check(value: number): void {
    if (!Number.isFinite(value)) refuse('D0140', `${value} is not a finite number`);
    if (column.type === 'f32') {
      if (!Number.isFinite(Math.fround(value))) refuse('D0144', `${value} is too large for f32`);
      return;
    }
    if (!Number.isInteger(value)) {
      refuse('D0141', `${value} is not an integer`, `Column '${column.name}' holds ${column.type} values.`);
    }
    if (column.type === 'class' && (value < 0 || value > highest)) {
      refuse('D0142', `${value} is not a class of '${column.name}', which has the classes 0..${highest}`);
    }
    if ((value | 0) !== value) refuse('D0143', `${value} is outside i32, -2147483648..2147483647`);
  }

  function put(value: number): void {
    // A byte in range needs no further check; -0 passes here as 0, which is how it is stored.
    if ((value & 255) === value && value <= highest) {
      if (storage === 'u8') {
        if (fill === BUFFER) flush();
        buffer[fill++] = value;
      } else store(value);
    } else {
      check(value);
      if (storage === 'u8') widen(column.type === 'f32' ? 'f32' : 'i32');
      value = store(value);
    }
    if (value < min) min = value + 0; // so that -0 counts as 0
    if (value > max) max = value + 0;
    count++;
  }

  /** Appends four bytes and returns the value stored: rounded to f32, subnormals and -0 as 0. */
  function store(value: number): number {
    if (fill + 4 > BUFFER) flush();
    let stored = value;
    if (storage === 'f32') {
      stored = Math.fround(value);
      if (Math.abs(stored) < MIN_NORMAL) {
        if (value !== 0) flushed++;
        stored = 0;
      }
      buffer.writeFloatLE(stored, fill);
    } else buffer.writeInt32LE(value, fill);
    fill += 4;
    return stored;
  }

  return {
    put,
    putBytes(values) {
      if (storage !== 'u8' || highest < 255) {
        for (const value of values) put(value);
        return;
      }
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        if (value < min) min = value;
        if (value > max) max = value;
      }
      if (fill + values.length > BUFFER) flush();
      if (values.length <= BUFFER) {
        buffer.set(values, fill);
        fill += values.length;
      } else attempt(() => write(fd, Buffer.from(values.buffer, values.byteOffset, values.length)));
      count += values.length;
    },
    count: () => count,
    finish() {
      flush();
      attempt(() => closeSync(fd));
      fd = -1;
      return { storage, count, min, max, flushed };
    },
    discard() {
      if (fd >= 0) closeSync(fd);
      fd = -1;
      for (const path of [file, `${file}.wide`]) rmSync(path, { force: true });
    },
  };
}

/** Bytes of a finished column file. */
export function fileBytes(written: Written): number {
  return written.count * storageBytes[written.storage];
}
