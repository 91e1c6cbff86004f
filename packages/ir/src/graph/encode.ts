/** The canonical bytes of a graph: what its root commits to. Never the bytes of an ONNX file, of which many mean the same. */
import { GensynError } from '../error.js';
import { digestFromHex } from '../job/record.js';
import { tensorRoot } from '../merkle/root.js';
import { committedTypes } from '../merkle/tags.js';
import { OPERATORS } from '../operators/index.js';
import type { Range } from '../value/range.js';
import { bytesOf, type DType, type TensorType } from '../value/type.js';
import type { Graph, Node, Role, Source } from './graph.js';

/** Numbers of sources, starts and roles inside hashes. Append-only. */
export const SOURCES: Readonly<Record<Source['kind'], number>> = { state: 0, batch: 1, dropout: 2, free: 3 };
export const STARTS = { uniform: 0, constant: 1, given: 2 } as const;
const ROLES: Readonly<Record<Role, number>> = { state: 0, loss: 1, metric: 2, health: 3, output: 4 };

const utf8 = new TextEncoder();

/** Bytes that grow. All numbers are little-endian. */
class Bytes {
  #data = new Uint8Array(256);
  #view = new DataView(this.#data.buffer);
  #length = 0;

  /** Makes room for `size` more bytes; returns where they begin. */
  #take(size: number): number {
    const from = this.#length;
    this.#length += size;
    if (this.#length > this.#data.length) {
      const larger = new Uint8Array(Math.max(2 * this.#data.length, this.#length));
      larger.set(this.#data);
      this.#data = larger;
      this.#view = new DataView(larger.buffer);
    }
    return from;
  }
  u8(value: number): void {
    if (!(value >= 0 && value < 256))
      throw new GensynError('G0114', `${value} does not fit the encoding of a graph`);
    const at = this.#take(1);
    this.#view.setUint8(at, value);
  }
  u32(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32)
      throw new GensynError('G0114', `${value} does not fit the encoding of a graph`);
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }
  f64(value: number): void {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
  }
  text(value: string): void {
    const bytes = utf8.encode(value);
    this.u32(bytes.length);
    this.digest(bytes);
  }
  digest(bytes: Uint8Array): void {
    const at = this.#take(bytes.length);
    this.#data.set(bytes, at);
  }
  begin(): this {
    this.#length = 0;
    return this;
  }
  finish(): Uint8Array {
    return this.#data.slice(0, this.#length);
  }
}

/** Serves every node in turn. */
const scratch = new Bytes();

/**
 * One node:
 *
 *     opcode u8 | type | operands u32 | for each operand: id u32, type | attributes | own
 *
 * with each type as dtype u8 | rank u8 | dims u32[rank]; dtype is ONNX's number (f32 1, i32 6, bool 9). The type of an operand is that
 * of its own node, repeated so that one element can be computed from this node alone. The two cannot disagree under a root
 * that somebody has recomputed, for it is always computed from a graph. Attributes stand in the order that the operator declares: a dtype as u8, an
 * integer as u32, a list as its length u32 and its integers u32. `own` is, for a Constant, its tensor root (32 bytes), and for an Input
 *
 *     name | lo f64 | hi f64 | tiny f64 | quantum f64 | flags u8 (1 may be -0, 2 powers of two) | source u8 | source's fields
 *
 * with the fields: state (0) start u8, then uniform (0) stream u32, bound f64, constant (1) value f64, or given (2) tensor root (32 bytes); batch (1) data set, column;
 * dropout (2) stream u32, keep f64; free (3) none. A text is its length in bytes u32 and its UTF-8. Reals are f64 because the
 * bounds of i32 and of schedules do not fit an f32. Places in the job and deduced ranges are not part of the bytes.
 *
 * @param graph in which the operands are looked up
 * Errors: G0114 for a number that does not fit, or an operand that the graph does not have; G0023 for a root that is none.
 */
export function encodeNode(node: Node, graph: Graph): Uint8Array {
  const operator = OPERATORS[node.op];
  const out = scratch.begin();
  out.u8(operator.opcode);
  encodeType(out, node.type);
  out.u32(node.inputs.length);
  for (const id of node.inputs) {
    const operand = graph.nodes[id];
    if (!operand)
      throw new GensynError(
        'G0114',
        `operand ${id} does not fit the encoding of a graph of ${graph.nodes.length} nodes`,
      );
    out.u32(id);
    encodeType(out, operand.type);
  }
  for (const [key, kind] of Object.entries(operator.attributes)) {
    const value = node.attributes[key];
    if (kind === 'dtype') out.u8(committedTypes[value as DType].code);
    else if (kind === 'integer') out.u32(value as number);
    else {
      const list = value as readonly number[];
      out.u32(list.length);
      list.forEach((entry) => out.u32(entry));
    }
  }
  if (node.op === 'Constant') out.digest(tensorRoot(node.type.dtype, node.type.shape, bytesOf(node.data!)));
  if (node.op === 'Input') {
    out.text(node.name!);
    encodeRange(out, node.range);
    encodeSource(out, node.source!);
  }
  return out.finish();
}

function encodeType(out: Bytes, { dtype, shape }: TensorType): void {
  out.u8(committedTypes[dtype].code);
  out.u8(shape.length);
  shape.forEach((dim) => out.u32(dim));
}

function encodeRange(out: Bytes, r: Range): void {
  // JSON, in which files keep declarations, has no -0.
  for (const value of [r.lo, r.hi, r.tiny, r.quantum]) out.f64(value + 0);
  out.u8((r.negativeZero ? 1 : 0) | (r.powerOfTwo ? 2 : 0));
}

function encodeSource(out: Bytes, source: Source): void {
  out.u8(SOURCES[source.kind]);
  if (source.kind === 'state') {
    out.u8(STARTS[source.init.kind]);
    if (source.init.kind === 'given') out.digest(digestFromHex(source.init.root));
    else {
      if (source.init.kind === 'uniform') out.u32(source.init.stream);
      out.f64(source.init.kind === 'uniform' ? source.init.bound : source.init.value);
    }
  } else if (source.kind === 'batch') {
    out.text(source.dataset);
    out.text(source.column);
  } else if (source.kind === 'dropout') {
    out.u32(source.stream);
    out.f64(source.keep);
  }
}

/**
 * The header: nodes u32 | outputs u32 | for each output: role u8 (state 0, loss 1, metric 2, health 3, output 4), node u32, name.
 */
export function encodeHeader(graph: Graph): Uint8Array {
  const out = scratch.begin();
  out.u32(graph.nodes.length);
  out.u32(graph.outputs.length);
  for (const { name, node, role } of graph.outputs) {
    out.u8(ROLES[role]);
    out.u32(node);
    out.text(name);
  }
  return out.finish();
}

/** The canonical bytes: header, and each node in order. */
export function encodeGraph(graph: Graph): {
  readonly header: Uint8Array;
  readonly nodes: readonly Uint8Array[];
} {
  return { header: encodeHeader(graph), nodes: graph.nodes.map((node) => encodeNode(node, graph)) };
}
