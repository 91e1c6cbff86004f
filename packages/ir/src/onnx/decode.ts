/** Reads ONNX models from bytes nobody vouches for: every failure is a GensynError, memory stays in proportion to the input. */
import { GensynError } from '../error.js';
import type { ModelProto, TensorProto } from './messages.js';
import { isNumbers, modelSchema, tensorSchema, type Field, type Numbers, type Schema } from './schema.js';
import * as wire from './wire.js';

export interface DecodeLimits {
  /** Messages inside messages; a node's subgraph costs three. Protocol Buffers itself stops at 100. */
  readonly depth?: number;
  /** Messages, strings and byte runs in all: each costs far more memory than the two bytes that may announce it. */
  readonly items?: number;
}

interface Budget {
  items: number;
  readonly depth: number;
}

type Typed = Float32Array | Float64Array | Int32Array | BigInt64Array | BigUint64Array;

interface NumberKind {
  readonly type: number;
  /** Bytes a value takes on the wire at least. */
  readonly width: number;
  readonly array: (length: number) => Typed | number[];
  readonly read: (r: wire.Reader) => number | bigint;
}

const numberKinds: { readonly [K in Numbers]: NumberKind } = {
  integers: { type: wire.VARINT, width: 1, array: () => [], read: wire.readInteger },
  floats: { type: wire.FIXED32, width: 4, array: (n) => new Float32Array(n), read: wire.readFloat },
  doubles: { type: wire.FIXED64, width: 8, array: (n) => new Float64Array(n), read: wire.readDouble },
  int32s: {
    type: wire.VARINT,
    width: 1,
    array: (n) => new Int32Array(n),
    read: (r) => wire.readVarint(r) | 0,
  },
  int64s: { type: wire.VARINT, width: 1, array: (n) => new BigInt64Array(n), read: wire.readInt64 },
  uint64s: { type: wire.VARINT, width: 1, array: (n) => new BigUint64Array(n), read: wire.readInt64 },
};

const scalarTypes = {
  integer: wire.VARINT,
  int32: wire.VARINT,
  int64: wire.VARINT,
  float: wire.FIXED32,
  string: wire.RUN,
  bytes: wire.RUN,
  message: wire.RUN,
} as const;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Numbers of one field met so far; capacity doubles, so that many small runs stay linear. */
interface Growing {
  array: Typed | number[];
  length: number;
}

function reserve(growing: Growing, kind: NumberKind, extra: number): void {
  const { array, length } = growing;
  if (Array.isArray(array) || length + extra <= array.length) return;
  const larger = kind.array(Math.max(length + extra, 2 * array.length)) as Typed;
  // The two arrays are of one type, which the union does not tell the compiler.
  (larger as Float32Array).set(array as Float32Array);
  growing.array = larger;
}

/** Values in a packed run: the bytes without a continuation bit, or the length over the width. */
function packedCount(r: wire.Reader, end: number, kind: NumberKind): number {
  if (kind.width > 1) return Math.floor((end - r.at) / kind.width);
  let count = 0;
  for (let i = r.at; i < end; i++) if (r.bytes[i]! < 0x80) count++;
  return count;
}

function readNumbers(r: wire.Reader, field: Field, type: number, open: Map<Field, Growing>): void {
  const kind = numberKinds[field.kind as Numbers];
  let growing = open.get(field);
  if (growing === undefined) open.set(field, (growing = { array: kind.array(0), length: 0 }));
  let end = r.at;
  if (type === wire.RUN) end = wire.readRunEnd(r);
  else if (type !== kind.type) wrongType(r, field, type);
  const outer = r.end;
  if (type === wire.RUN) {
    // The window narrows, so that the last value cannot reach beyond its run.
    r.end = end;
    reserve(growing, kind, packedCount(r, end, kind));
    while (r.at < end) growing.array[growing.length++] = kind.read(r) as number;
    r.end = outer;
  } else {
    reserve(growing, kind, 1);
    growing.array[growing.length++] = kind.read(r) as number;
  }
}

function wrongType(r: wire.Reader, field: Field, type: number): never {
  throw new GensynError('G0003', `field ${field.name} before byte ${r.at} has wire type ${type}`);
}

function readText(r: wire.Reader, field: Field): string {
  const run = wire.readRun(r);
  try {
    return utf8.decode(run);
  } catch (cause) {
    throw new GensynError('G0007', `${field.name} before byte ${r.at} is not valid UTF-8`, { cause });
  }
}

function readValue(r: wire.Reader, field: Field, budget: Budget, depth: number): unknown {
  switch (field.kind) {
    case 'integer':
      return wire.readInteger(r);
    case 'int32':
      return wire.readVarint(r) | 0;
    case 'int64':
      return wire.readInt64(r);
    case 'float':
      return wire.readFloat(r);
    default:
  }
  if (--budget.items < 0)
    throw new GensynError('G0005', 'the model holds more messages and strings than allowed');
  if (field.kind === 'string') return readText(r, field);
  if (field.kind === 'bytes') return wire.readRun(r);
  const end = wire.readRunEnd(r);
  const outer = r.end;
  r.end = end;
  const value = readMessage(r, field.message!(), budget, depth + 1);
  r.end = outer;
  return value;
}

function readMessage(r: wire.Reader, schema: Schema, budget: Budget, depth: number): object {
  if (depth > budget.depth)
    throw new GensynError('G0004', `${schema.name} is nested deeper than ${budget.depth} levels`);
  const result: Record<string, unknown> = {};
  // Made on demand: an empty message must stay cheap.
  let open: Map<Field, Growing> | undefined;
  let groups: Set<string> | undefined;
  while (r.at < r.end) {
    const tag = wire.readVarint(r);
    if (r.high !== 0 || tag < 8)
      throw new GensynError('G0003', `no field has the number before byte ${r.at}`);
    const type = tag & 7;
    const field = schema.byNumber[tag >>> 3];
    if (field === undefined) {
      wire.skipValue(r, type);
    } else if (isNumbers(field.kind)) {
      readNumbers(r, field, type, (open ??= new Map()));
    } else {
      if (type !== scalarTypes[field.kind]) wrongType(r, field, type);
      const value = readValue(r, field, budget, depth);
      if (field.many) {
        ((result[field.name] ??= []) as unknown[]).push(value);
        continue;
      }
      // Parsers merge or replace such repetitions each in its own way, so two readers could see two models.
      const group = field.group;
      if (field.name in result || (group !== undefined && groups?.has(group))) {
        throw new GensynError('G0006', `${schema.name} gives ${group ?? field.name} twice`);
      }
      if (group !== undefined) (groups ??= new Set()).add(group);
      result[field.name] = value;
    }
  }
  for (const [field, { array, length }] of open ?? []) {
    result[field.name] = array.length === length || Array.isArray(array) ? array : array.slice(0, length);
  }
  return result;
}

function decode(bytes: Uint8Array, schema: Schema, limits: DecodeLimits): object {
  const budget = { items: limits.items ?? 4_000_000, depth: limits.depth ?? 100 };
  return readMessage(wire.reader(bytes), schema, budget, 0);
}

/**
 * Decodes a model. Byte fields (`rawData` above all) are views of `bytes`, not copies; unknown fields are skipped.
 * Only the structure is checked; what the graph may contain is the business of the graph checker.
 * Errors: G0001 to G0008.
 */
export function decodeModel(bytes: Uint8Array, limits: DecodeLimits = {}): ModelProto {
  return decode(bytes, modelSchema, limits);
}

/** Decodes one TensorProto (the `.pb` files of the ONNX test suites). Errors: as decodeModel. */
export function decodeTensor(bytes: Uint8Array, limits: DecodeLimits = {}): TensorProto {
  return decode(bytes, tensorSchema, limits);
}
