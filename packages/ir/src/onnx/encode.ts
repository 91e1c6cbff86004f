/** Writes ONNX models: one byte string per model, fields in ascending order, large tensors copied once or not at all. */
import { GensynError } from '../error.js';
import type { ModelProto, TensorProto } from './messages.js';
import { isNumbers, modelSchema, tensorSchema, type Field, type Schema } from './schema.js';
import * as wire from './wire.js';

type Values = ArrayLike<number> | ArrayLike<bigint>;
type Message = Readonly<Record<string, unknown>>;

const text = new TextEncoder();

/** First pass: the length of every run in the order of writing, texts encoded, and what need not be copied. */
interface Plan {
  readonly lengths: number[];
  /** A string stands for its own bytes: short, and ASCII, as nearly all are. */
  readonly texts: (string | Uint8Array)[];
  readonly borrowFrom: number;
  borrowed: number;
}

interface Cursor {
  readonly plan: Plan;
  length: number;
  text: number;
}

function integer(field: Field, value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw new GensynError('G0008', `${field.name} is no integer below 2^53`);
}

/** Strings longer than this are left to the encoder. */
const SHORT = 256;

function isShortAscii(value: string, { borrowFrom }: Plan): boolean {
  if (value.length > SHORT || value.length >= borrowFrom) return false;
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) >= 0x80) return false;
  return true;
}

function encodeText(field: Field, value: string, plan: Plan): string | Uint8Array {
  if (isShortAscii(value, plan)) return value;
  if (/\p{Surrogate}/u.test(value))
    throw new GensynError('G0007', `${field.name} holds half a surrogate pair`);
  return text.encode(value);
}

const wireTypes: { readonly [K in Field['kind']]: number } = {
  integer: wire.VARINT,
  int32: wire.VARINT,
  int64: wire.VARINT,
  float: wire.FIXED32,
  string: wire.RUN,
  bytes: wire.RUN,
  message: wire.RUN,
  integers: wire.VARINT,
  int32s: wire.VARINT,
  int64s: wire.VARINT,
  uint64s: wire.VARINT,
  floats: wire.FIXED32,
  doubles: wire.FIXED64,
};

function numbersSize(field: Field, values: Values): number {
  if (field.kind === 'floats') return 4 * values.length;
  if (field.kind === 'doubles') return 8 * values.length;
  let size = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    size += typeof value === 'bigint' ? wire.varint64Size(value) : wire.varintSize(integer(field, value));
  }
  return size;
}

function measureRun(field: Field, value: unknown, plan: Plan): number {
  const slot = plan.lengths.push(0) - 1;
  let size: number;
  if (field.kind === 'message') {
    size = measure(field.message!(), value as Message, plan);
  } else {
    let run = value as string | Uint8Array;
    if (field.kind === 'string') plan.texts.push((run = encodeText(field, value as string, plan)));
    size = run.length;
    if (size >= plan.borrowFrom) plan.borrowed += size;
  }
  plan.lengths[slot] = size;
  return wire.varintSize(size) + size;
}

function measureOne(field: Field, value: unknown, plan: Plan): number {
  if (field.kind === 'integer' || field.kind === 'int32') return wire.varintSize(integer(field, value));
  if (field.kind === 'int64') return wire.varint64Size(value as bigint);
  if (field.kind === 'float') return 4;
  return measureRun(field, value, plan);
}

function measure(schema: Schema, message: Message, plan: Plan): number {
  let total = 0;
  for (const field of schema.fields) {
    const value = message[field.name];
    if (value === undefined) continue;
    const tag = wire.varintSize(field.number << 3);
    if (field.many) {
      for (const item of value as readonly unknown[]) total += tag + measureOne(field, item, plan);
    } else if (isNumbers(field.kind)) {
      const numbers = value as Values;
      if (numbers.length === 0) continue;
      const size = numbersSize(field, numbers);
      if (field.packed) plan.lengths.push(size);
      total += size + (field.packed ? tag + wire.varintSize(size) : tag * numbers.length);
    } else {
      total += tag + measureOne(field, value, plan);
    }
  }
  return total;
}

function writeTag(w: wire.Writer, field: Field, type: number): void {
  wire.writeVarint(w, (field.number << 3) | type);
}

function writeNumber(w: wire.Writer, kind: Field['kind'], value: number | bigint): void {
  if (typeof value === 'bigint') wire.writeVarint64(w, value);
  else if (kind === 'float' || kind === 'floats') {
    w.view.setFloat32(w.at, value, true);
    w.at += 4;
  } else if (kind === 'doubles') {
    w.view.setFloat64(w.at, value, true);
    w.at += 8;
  } else wire.writeVarint(w, value);
}

function writeNumbers(w: wire.Writer, field: Field, values: Values, cursor: Cursor): void {
  if (values.length === 0) return;
  if (field.packed) {
    writeTag(w, field, wire.RUN);
    wire.writeVarint(w, cursor.plan.lengths[cursor.length++]!);
  }
  for (let i = 0; i < values.length; i++) {
    if (!field.packed) writeTag(w, field, wireTypes[field.kind]);
    writeNumber(w, field.kind, values[i]!);
  }
}

function writeOne(w: wire.Writer, field: Field, value: unknown, cursor: Cursor): void {
  writeTag(w, field, wireTypes[field.kind]);
  if (wireTypes[field.kind] !== wire.RUN) return writeNumber(w, field.kind, value as number | bigint);
  wire.writeVarint(w, cursor.plan.lengths[cursor.length++]!);
  if (field.kind === 'message') write(w, field.message!(), value as Message, cursor);
  else {
    const run = field.kind === 'string' ? cursor.plan.texts[cursor.text++]! : (value as Uint8Array);
    if (typeof run === 'string') wire.writeAscii(w, run);
    else wire.writeBytes(w, run);
  }
}

function write(w: wire.Writer, schema: Schema, message: Message, cursor: Cursor): void {
  for (const field of schema.fields) {
    const value = message[field.name];
    if (value === undefined) continue;
    if (field.many) for (const item of value as readonly unknown[]) writeOne(w, field, item, cursor);
    else if (isNumbers(field.kind)) writeNumbers(w, field, value as Values, cursor);
    else writeOne(w, field, value, cursor);
  }
}

function encode(schema: Schema, message: object, borrowFrom: number): Uint8Array[] {
  const plan: Plan = { lengths: [], texts: [], borrowFrom, borrowed: 0 };
  const total = measure(schema, message as Message, plan);
  // Protocol Buffers counts in int32, and onnxruntime refuses more.
  if (total > 0x7fff_ffff)
    throw new GensynError('G0009', `the model takes ${total} bytes; ONNX files end at 2 GiB`);
  const w = wire.writer(total - plan.borrowed, borrowFrom);
  write(w, schema, message as Message, { plan, length: 0, text: 0 });
  wire.flush(w);
  return w.pieces;
}

/**
 * Encodes a model into one new array; `rawData` is copied once. Equal models give equal bytes: fields stand in
 * ascending order of number, and what is `undefined` or an empty list is left out.
 * Errors: G0007 (half a surrogate pair), G0008 (an integer beyond 2^53), G0009 (2 GiB and more).
 */
export function encodeModel(model: ModelProto): Uint8Array {
  return encode(modelSchema, model, Infinity)[0] ?? new Uint8Array(0);
}

/**
 * The same bytes in pieces, for `writev`: byte fields of at least `borrowFrom` bytes (64 KiB) are handed through
 * uncopied, so they must not change until the pieces are written.
 */
export function encodeModelPieces(model: ModelProto, borrowFrom = 0x1_0000): Uint8Array[] {
  return encode(modelSchema, model, borrowFrom);
}

/** Encodes one TensorProto. Errors: as encodeModel. */
export function encodeTensor(tensor: TensorProto): Uint8Array {
  return encode(tensorSchema, tensor, Infinity)[0] ?? new Uint8Array(0);
}
