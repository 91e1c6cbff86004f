/** The safetensors format, written and read strictly: a length, a JSON header, then the tensors' bytes without gaps. */
import fs from 'node:fs';
import {
  GensynError,
  bytesOf,
  elements,
  type DType,
  type State,
  type TensorData,
  type TensorValue,
} from '@gensyn/ir';

const TYPES = { f32: 'F32', i32: 'I32', bool: 'BOOL' } as const satisfies Record<DType, string>;
const WIDTH: Readonly<Record<string, { dtype: DType; size: number }>> = {
  F32: { dtype: 'f32', size: 4 },
  I32: { dtype: 'i32', size: 4 },
  BOOL: { dtype: 'bool', size: 1 },
};
/** The header of a checkpoint takes kilobytes; the format itself allows 100 MB. */
const MAX_HEADER = 16 * 2 ** 20;

export interface SafetensorsFile {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: State;
}

/** Pieces of the file, in order; the tensors' bytes are views, not copies. */
export function* encodeSafetensors(
  tensors: State,
  metadata: ReadonlyMap<string, string>,
): Generator<Uint8Array> {
  const header: Record<string, unknown> = { __metadata__: Object.fromEntries(metadata) };
  let at = 0;
  for (const [name, value] of tensors) {
    header[name] = {
      dtype: TYPES[value.dtype],
      shape: value.shape,
      data_offsets: [at, at + value.data.byteLength],
    };
    at += value.data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Spaces up to a multiple of 8, so that the tensors are aligned.
  const padded = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true);
  padded.set(text, 8);
  yield padded;
  for (const { data } of tensors.values()) yield bytesOf(data);
}

/** A file without its tensors' bytes; these are read one by one, as they are asked for. */
export interface SafetensorsOutline {
  readonly metadata: ReadonlyMap<string, string>;
  readonly names: readonly string[];
  /** Undefined where there is none of that name. Errors: R0201. */
  read(name: string): TensorValue | undefined;
}

/** Reads a file whole. Errors: R0201 for anything that is not a well-formed file of the three element types. */
export function readSafetensors(path: string): SafetensorsFile {
  return outlined(path, ({ metadata, names, read }) => ({
    metadata,
    tensors: new Map(names.map((name) => [name, read(name)!])),
  }));
}

/** Opens a file for as long as `use` takes, so that no more of it than is asked for is in memory. Errors: R0201, those of `use`. */
export function outlined<T>(path: string, use: (outline: SafetensorsOutline) => T): T {
  let file: number;
  try {
    file = fs.openSync(path, 'r');
  } catch (cause) {
    throw new GensynError('R0201', `the checkpoint ${baseName(path)} cannot be opened`, { cause });
  }
  try {
    return use(outline(file, baseName(path)));
  } finally {
    fs.closeSync(file);
  }
}

function outline(file: number, name: string): SafetensorsOutline {
  const broken = (why: string): never => {
    throw new GensynError('R0201', `the checkpoint ${name} is damaged: ${why}`);
  };
  const { size } = fs.fstatSync(file);
  if (size < 8) broken('it is shorter than its header');
  const headerBytes = Number(new DataView(readBytes(file, 0, 8).buffer).getBigUint64(0, true));
  if (!(headerBytes <= MAX_HEADER && headerBytes <= size - 8)) broken('its header is longer than the file');
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(readBytes(file, 8, headerBytes)));
  } catch {
    broken('its header is no JSON');
  }
  if (!isObject(header)) return broken('its header is no object');
  const start = 8 + headerBytes;
  const metadata = new Map<string, string>();
  const entries: { name: string; dtype: DType; shape: number[]; from: number; to: number }[] = [];
  for (const [key, value] of Object.entries(header)) {
    if (!isObject(value)) return broken(`its entry ${JSON.stringify(key)} is no object`);
    if (key === '__metadata__') {
      for (const [k, v] of Object.entries(value)) {
        if (typeof v !== 'string') return broken('its metadata are no texts');
        metadata.set(k, v);
      }
      continue;
    }
    const type =
      typeof value['dtype'] === 'string' && Object.hasOwn(WIDTH, value['dtype'])
        ? WIDTH[value['dtype']]
        : undefined;
    const shape = value['shape'];
    const offsets = value['data_offsets'];
    if (!type) return broken(`the element type of ${JSON.stringify(key)} is not F32, I32 or BOOL`);
    if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2)
      return broken(`the shape or place of ${JSON.stringify(key)} is malformed`);
    if (offsets[1]! - offsets[0]! !== elements(shape) * type.size)
      return broken(`the shape of ${JSON.stringify(key)} does not fit its bytes`);
    entries.push({ name: key, dtype: type.dtype, shape, from: offsets[0]!, to: offsets[1]! });
  }
  // Every byte belongs to exactly one tensor.
  let at = 0;
  for (const entry of [...entries].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (entry.from !== at) return broken('its tensors overlap or leave gaps');
    at = entry.to;
  }
  if (start + at !== size) return broken(`it has ${size} bytes where its header announces ${start + at}`);
  const places = new Map(entries.map((entry) => [entry.name, entry]));
  return {
    metadata,
    names: [...places.keys()],
    read(key) {
      const found = places.get(key);
      if (!found) return undefined;
      const { dtype, shape, from, to } = found;
      return { dtype, shape, data: view(dtype, readBytes(file, start + from, to - from)) };
    },
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 32 && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function view(dtype: DType, bytes: Uint8Array): TensorData {
  if (dtype === 'bool') return bytes;
  const type = dtype === 'f32' ? Float32Array : Int32Array;
  return new type(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / 4);
}

function readBytes(file: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = fs.readSync(file, bytes, done, Math.min(length - done, 2 ** 30), position + done);
    if (count === 0) throw new GensynError('R0201', 'a checkpoint became shorter while it was read');
    done += count;
  }
  return bytes;
}

function baseName(path: string): string {
  return path.split(/[/\\]/).slice(-1).join('/');
}
