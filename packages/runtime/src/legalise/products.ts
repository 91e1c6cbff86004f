/** Trees of exact products as integer matrix products that end in floats. */
import { attributeInt, EXACT_SUM, elements, integersTensor, sameShape, type Graph } from '@gensyn/ir';
import { byteUnit, fitsByte, leftForm, rightForm } from './bytes.js';
import { need, type Need, type Plan } from './plan.js';
import { ONE, scaleOf, staysNormal, times, writeScale, type Scale } from './scale.js';
import { usesOf } from './uses.js';
import type { ByteForm, Writer } from './writer.js';

/** Columns from..to of `a` times rows from..to of `b`, both digits. */
interface Segment {
  readonly a: number;
  readonly b: number;
  readonly from: number;
  readonly to: number;
}

type Sum =
  | {
      readonly kind: 'product';
      readonly segments: readonly Segment[];
      readonly scale: Scale;
      readonly left: ByteForm;
      readonly right: ByteForm;
    }
  | { readonly kind: 'add'; readonly a: Sum; readonly b: Sum };

/** Measured nanoseconds: copying a byte, adding an element (and writing one more product), starting a node. */
const COPY = 0.05;
const ADD = 0.25;
const NODE = 1500;

/**
 * A node made of exact products, power-of-two factors and sums of such, as integer products.
 *
 * One MatMulIntegerToFloat is float(sum over k of a[k] b[k]) * (scaleA * scaleB): an exact i32 sum, converted with one rounding to
 * nearest even, times a scalar, rounded once more. Four facts make it equal to the canonical value.
 *
 * 1. A power of two commutes with rounding. round(x + y) * s = round(x s + y s) as long as neither side leaves the normal numbers,
 *    which staysNormal checks for every node passed. So factors are pushed down to the products, where they cost nothing.
 * 2. A Dot is an exact integer of at most 2^24 units, so float(i32 sum) * unit is its value. A zero is +0 in both.
 * 3. An Add of two exact sums is the exact total rounded once; so is float(i32) of one product over both, joined along K. A whole tree of Adds
 *    is one product when every Add but the last is exact, which is when the sum of its operands' ranges stays within 2^24 units.
 * 4. Where a scalar is no power of two it stays where it is: float(sum) * scalar is what the canonical Mul computes from the sum.
 *
 * Joining costs a copy of the bytes where the parts are not adjoining pieces of the same digits, an Add costs a pass over the result: the cheaper is
 * taken. i32 cannot overflow: the total is at most twice 2^24 units of the last Add's operands, and zero points are taken off exactly.
 */
export function productPlan(graph: Graph, id: number): Plan | undefined {
  const sum = sumOf(graph, id, ONE);
  if (!sum) return undefined;
  const needs: Need[] = [];
  collectNeeds(sum, needs);
  return {
    needs,
    write(writer) {
      writeSum(graph, writer, sum, id, writer.name(id, 'f32'));
    },
  };
}

function sumOf(graph: Graph, id: number, scale: Scale): Sum | undefined {
  const node = graph.nodes[id]!;
  if (!staysNormal(graph, node.range, scale)) return undefined;
  if (node.op === 'Mul') {
    if (
      usesOf(graph)[node.inputs[0]!]! > 1 ||
      !sameShape(graph.nodes[node.inputs[0]!]!.type.shape, node.type.shape)
    )
      return undefined;
    const factor = scaleOf(graph, node.inputs[1]!);
    if (!factor) return scaledProduct(graph, node.inputs[0]!, node.inputs[1]!, scale);
    return sumOf(graph, node.inputs[0]!, times(scale, factor));
  }
  if (node.op !== 'Add' && node.op !== 'Dot') return undefined;
  // Operands with other readers are computed for those anyway.
  if (node.op === 'Add' && node.inputs.some((input) => usesOf(graph)[input]! > 1)) return undefined;
  const segments = joined(graph, id);
  const whole = segments && productOf(graph, segments, scale);
  if (node.op === 'Dot') return whole;
  if (whole && joinsCheaply(graph, segments, node.type.shape)) return whole;
  if (!node.inputs.every((input) => sameShape(graph.nodes[input]!.type.shape, node.type.shape)))
    return undefined;
  const a = sumOf(graph, node.inputs[0]!, scale);
  const b = a && sumOf(graph, node.inputs[1]!, scale);
  return a && b ? { kind: 'add', a, b } : whole;
}

/** A whole product times any scalar: the kernel rounds float(sum) * factor once, as the canonical Mul does (fact 4). */
function scaledProduct(graph: Graph, id: number, factor: number, scale: Scale): Sum | undefined {
  if (elements(graph.nodes[factor]!.type.shape) !== 1 || scale !== ONE) return undefined;
  const segments = joined(graph, id);
  const whole = segments && productOf(graph, segments, ONE);
  return whole?.kind === 'product' && whole.scale.exponent === 0
    ? { ...whole, scale: { units: [factor], exponent: 0 } }
    : undefined;
}

/** The leaves of a tree of Adds over Dots that is one product (fact 3), neighbours over adjoining blocks of K put together. */
function joined(graph: Graph, id: number): Segment[] | undefined {
  const node = graph.nodes[id]!;
  if (node.op === 'Dot') return [leafOf(graph, node.inputs[0]!, node.inputs[1]!)];
  if (node.op !== 'Add') return undefined;
  const parts: Segment[] = [];
  for (const input of node.inputs) {
    const { type } = graph.nodes[input]!;
    const inner =
      sameShape(type.shape, node.type.shape) && isExact(graph, input) ? joined(graph, input) : undefined;
    if (!inner) return undefined;
    for (const segment of inner) {
      const last = parts.at(-1);
      if (last && last.a === segment.a && last.b === segment.b && last.to === segment.from)
        parts[parts.length - 1] = { ...last, to: segment.to };
      else parts.push(segment);
    }
  }
  return parts;
}

/**
 * Whether a node of such a tree is the exact total of its products. An Add is judged by its operands, as its own range is rounded
 * already, and by the unit of the bytes: the grid of a range may be coarser, and what i32 counts is units.
 */
function isExact(graph: Graph, id: number): boolean {
  const { op, inputs } = graph.nodes[id]!;
  if (op !== 'Add') return op === 'Dot';
  const [a, b] = inputs.map((input) => graph.nodes[input]!.range);
  return Math.max(a!.hi + b!.hi, -(a!.lo + b!.lo)) <= EXACT_SUM * unitOf(graph, id);
}

/** The unit of the finest product in a tree of Adds; 0 where it holds anything else. */
function unitOf(graph: Graph, id: number): number {
  const { op, inputs } = graph.nodes[id]!;
  if (op === 'Dot') return byteUnit(graph, inputs[0]!) * byteUnit(graph, inputs[1]!);
  return op === 'Add' ? Math.min(...inputs.map((input) => unitOf(graph, input))) : 0;
}

function leafOf(graph: Graph, a: number, b: number): Segment {
  const left = graph.nodes[a]!;
  const right = graph.nodes[b]!;
  const columns = cutOf(graph, a, left.type.shape.length - 1);
  const rows = cutOf(graph, b, right.type.shape.length - 2);
  if (columns && rows && columns.from === rows.from && columns.to === rows.to)
    return { a: columns.of, b: rows.of, from: rows.from, to: rows.to };
  return { a, b, from: 0, to: left.type.shape.at(-1)! };
}

/** The tensor that a node is a contiguous piece of along one axis. */
function cutOf(graph: Graph, id: number, axis: number): { of: number; from: number; to: number } | undefined {
  const node = graph.nodes[id]!;
  if (node.op !== 'Slice') return undefined;
  const source = graph.nodes[node.inputs[0]!]!.type.shape;
  const [starts, ends, steps] = ['starts', 'ends', 'steps'].map(
    (key) => node.attributes[key] as readonly number[],
  );
  const whole = source.every(
    (dim, d) => steps![d] === 1 && (d === axis || (starts![d] === 0 && ends![d] === dim)),
  );
  return whole ? { of: node.inputs[0]!, from: starts![axis]!, to: ends![axis]! } : undefined;
}

function productOf(graph: Graph, segments: readonly Segment[], scale: Scale): Sum | undefined {
  if (!segments.every(({ a, b }) => fitsByte(graph, a) && fitsByte(graph, b))) return undefined;
  const units = segments.map(({ a, b }) => byteUnit(graph, a) * byteUnit(graph, b));
  if (units.some((unit) => unit !== units[0])) return undefined;
  // Batches of one operand only cannot be joined with batches of both.
  const ranks = segments.map(
    ({ a, b }) =>
      `${graph.nodes[a]!.type.shape.slice(0, -2).join()};${graph.nodes[b]!.type.shape.slice(0, -2).join()}`,
  );
  if (ranks.some((rank) => rank !== ranks[0])) return undefined;
  const left = common(
    segments.map(({ a }) => leftForm(graph, a)),
    segments.map(({ a }) => graph.nodes[a]!.range.lo >= 0),
    'u8',
  );
  const right = common(
    segments.map(({ b }) => rightForm(graph, b)),
    segments.map(({ b }) => graph.nodes[b]!.range.lo >= 0),
    'i8z',
  );
  if (!left || !right) return undefined;
  return {
    kind: 'product',
    segments,
    scale: times(scale, { units: [], exponent: Math.log2(units[0]!) }),
    left,
    right,
  };
}

/** One form for all parts: their own where they agree, else the one without negative values where none has any. */
function common(
  forms: readonly ByteForm[],
  positive: readonly boolean[],
  wide: ByteForm,
): ByteForm | undefined {
  if (forms.every((form) => form === forms[0])) return forms[0];
  return positive.every(Boolean) ? wide : undefined;
}

function joinsCheaply(graph: Graph, segments: readonly Segment[], shape: readonly number[]): boolean {
  if (segments.length === 1) return true;
  const [m, n] = [shape.at(-2)!, shape.at(-1)!];
  const terms = segments.reduce((sum, { from, to }) => sum + to - from, 0);
  const batch = elements(shape) / (m * n);
  const copied = terms * (m * batch + n * (graph.nodes[segments[0]!.b]!.type.shape.length > 2 ? batch : 1));
  return COPY * copied + 2 * NODE < (segments.length - 1) * (ADD * elements(shape) + 2 * NODE);
}

function collectNeeds(sum: Sum, needs: Need[]): void {
  if (sum.kind === 'add') {
    collectNeeds(sum.a, needs);
    collectNeeds(sum.b, needs);
    return;
  }
  for (const { a, b } of sum.segments) needs.push(need(a, sum.left), need(b, sum.right));
  for (const unit of sum.scale.units) needs.push(need(unit, 'f32'));
}

function writeSum(graph: Graph, writer: Writer, sum: Sum, id: number, output: string): void {
  if (sum.kind === 'add') {
    writeSum(graph, writer, sum.a, id, `${output}:a`);
    writeSum(graph, writer, sum.b, id, `${output}:b`);
    writer.node(output, 'Add', [`${output}:a`, `${output}:b`]);
    return;
  }
  const a = joinedBytes(
    graph,
    writer,
    sum.segments.map((s) => ({ id: s.a, from: s.from, to: s.to })),
    sum.left,
    -1,
  );
  const b = joinedBytes(
    graph,
    writer,
    sum.segments.map((s) => ({ id: s.b, from: s.from, to: s.to })),
    sum.right,
    -2,
  );
  const [scaleA, scaleB] = writeScale(writer, sum.scale);
  const inputs = [a, b, scaleA, scaleB, writer.zeroPoint(sum.left), writer.zeroPoint(sum.right)];
  writer.node(
    output,
    'MatMulIntegerToFloat',
    sum.right === 'i8' ? inputs.slice(0, 5) : inputs,
    [],
    'com.microsoft',
  );
}

function joinedBytes(
  graph: Graph,
  writer: Writer,
  pieces: readonly { id: number; from: number; to: number }[],
  form: ByteForm,
  fromEnd: -1 | -2,
): string {
  const names = pieces.map(({ id, from, to }) => {
    const { shape } = graph.nodes[id]!.type;
    const axis = shape.length + fromEnd;
    const whole = writer.name(id, form);
    if (from === 0 && to === shape[axis]) return whole;
    const [starts, ends, axes] = [[from], [to], [axis]].map((list) =>
      writer.initializer(integersTensor(list)),
    );
    return writer.node(`${whole}:${axis}:${from}-${to}`, 'Slice', [whole, starts!, ends!, axes!]);
  });
  if (names.length === 1) return names[0]!;
  const axis = graph.nodes[pieces[0]!.id]!.type.shape.length + fromEnd;
  return writer.node(`${names.join('|')}:${axis}`, 'Concat', names, [attributeInt('axis', axis)]);
}
