/** The protobuf wire format: bounded reading of hostile bytes, and writing of varints, words and runs. */
import { GensynError } from '../error.js';

export const VARINT = 0;
export const FIXED64 = 1;
export const RUN = 2;
export const FIXED32 = 5;

/** A window on protobuf bytes; `at` moves towards `end`, which never passes the end of `bytes`. */
export interface Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
  end: number;
  /** The high 32 bits of the varint read last. */
  high: number;
}

export function reader(bytes: Uint8Array): Reader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes, view, at: 0, end: bytes.length, high: 0 };
}

function truncated(r: Reader): never {
  throw new GensynError('G0001', `the file ends inside a field (byte ${r.at})`);
}

/**
 * Reads one varint of at most 64 bits: returns the low 32 bits (unsigned) and leaves the rest in `r.high`.
 * Errors: G0001 when cut off, G0002 when longer than ten bytes or than 64 bits.
 */
export function readVarint(r: Reader): number {
  const { bytes, end } = r;
  let low = 0;
  let high = 0;
  for (let i = 0; i < 10; i++) {
    if (r.at >= end) truncated(r);
    const byte = bytes[r.at++]!;
    const bits = byte & 0x7f;
    if (i < 4) low |= bits << (7 * i);
    else if (i === 4) {
      low |= bits << 28;
      high = bits >>> 4;
    } else high |= bits << (7 * i - 32);
    if (byte < 0x80) {
      if (i === 9 && byte > 1) break;
      r.high = high >>> 0;
      return low >>> 0;
    }
  }
  throw new GensynError('G0002', `a varint before byte ${r.at} is longer than 64 bits`);
}

/** An int64 that JavaScript holds exactly. Errors: G0008 beyond 2^53. */
export function readInteger(r: Reader): number {
  const low = readVarint(r);
  const value = (r.high | 0) * 0x1_0000_0000 + low;
  if (!Number.isSafeInteger(value)) {
    throw new GensynError('G0008', `an integer before byte ${r.at} lies beyond 2^53`);
  }
  return value;
}

export function readInt64(r: Reader): bigint {
  const low = readVarint(r);
  return (BigInt(r.high | 0) << 32n) | BigInt(low);
}

export function readFloat(r: Reader): number {
  if (r.end - r.at < 4) truncated(r);
  r.at += 4;
  return r.view.getFloat32(r.at - 4, true);
}

export function readDouble(r: Reader): number {
  if (r.end - r.at < 8) truncated(r);
  r.at += 8;
  return r.view.getFloat64(r.at - 8, true);
}

/** Reads a length and returns the end of the run it announces. Errors: G0001 when it reaches beyond the window. */
export function readRunEnd(r: Reader): number {
  const length = readVarint(r);
  if (r.high !== 0 || length > r.end - r.at) truncated(r);
  return r.at + length;
}

/** A length-delimited run as a view of the input: nothing is copied. */
export function readRun(r: Reader): Uint8Array {
  const end = readRunEnd(r);
  const run = r.bytes.subarray(r.at, end);
  r.at = end;
  return run;
}

/** Steps over the value of a field of wire type `type`. Errors: G0001, G0002, G0003 (groups and unknown types). */
export function skipValue(r: Reader, type: number): void {
  if (type === VARINT) readVarint(r);
  else if (type === FIXED64) readDouble(r);
  else if (type === RUN) r.at = readRunEnd(r);
  else if (type === FIXED32) readFloat(r);
  else throw new GensynError('G0003', `wire type ${type} before byte ${r.at} is not used by ONNX`);
}

/** A buffer being filled. Runs of at least `borrowFrom` bytes are not copied into it but stand alone in `pieces`. */
export interface Writer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly pieces: Uint8Array[];
  readonly borrowFrom: number;
  at: number;
  flushed: number;
}

export function writer(size: number, borrowFrom: number): Writer {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer), pieces: [], borrowFrom, at: 0, flushed: 0 };
}

/** Ends the piece being written; `pieces` then holds everything in order. */
export function flush(w: Writer): void {
  if (w.at > w.flushed) w.pieces.push(w.bytes.subarray(w.flushed, w.at));
  w.flushed = w.at;
}

/** Bytes of the varint of a safe integer; a negative one takes ten, as an int64. */
export function varintSize(value: number): number {
  if (value < 0) return 10;
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

export function writeVarint(w: Writer, value: number): void {
  if (value < 0) return writeVarint64(w, BigInt(value));
  let rest = value;
  while (rest >= 0x80) {
    w.bytes[w.at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  w.bytes[w.at++] = rest;
}

/** Bytes of the varint of an int64 or uint64. */
export function varint64Size(value: bigint): number {
  let size = 1;
  for (let rest = BigInt.asUintN(64, value) >> 7n; rest > 0n; rest >>= 7n) size++;
  return size;
}

export function writeVarint64(w: Writer, value: bigint): void {
  let rest = BigInt.asUintN(64, value);
  while (rest >= 0x80n) {
    w.bytes[w.at++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  w.bytes[w.at++] = Number(rest);
}

/** Writes a string of characters below 0x80. */
export function writeAscii(w: Writer, value: string): void {
  for (let i = 0; i < value.length; i++) w.bytes[w.at++] = value.charCodeAt(i);
}

export function writeBytes(w: Writer, run: Uint8Array): void {
  if (run.length >= w.borrowFrom) {
    flush(w);
    w.pieces.push(run);
    return;
  }
  w.bytes.set(run, w.at);
  w.at += run.length;
}
