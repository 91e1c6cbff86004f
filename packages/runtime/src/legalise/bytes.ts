/** Digits as bytes: quantised straight from the float tensor, moved about as bytes, and the remainder that the next digit is cut from. */
import { emitNode, sameShape, tensorFromI8, tensorFromU8, type Graph, type Node } from '@gensyn/ir';
import { need, wantedBytes, type Demands, type Plan } from './plan.js';
import { inverseOf, isWritable, leastOf, writeScalar, type Scale } from './scale.js';
import { isUnsigned, ZERO_POINT, type ByteForm, type Writer } from './writer.js';

const MOVES: ReadonlySet<string> = new Set(['Reshape', 'Transpose', 'Slice', 'Expand', 'Concat', 'Pad']);

function constantOf(graph: Graph, id: number): number | undefined {
  const { range } = graph.nodes[id]!;
  return range.lo === range.hi && range.quantum > 0 ? range.lo : undefined;
}

function binary(graph: Graph, id: number, op: string): readonly [number, number] | undefined {
  const node = graph.nodes[id]!;
  return node.op === op ? [node.inputs[0]!, node.inputs[1]!] : undefined;
}

/** The operand of op(operand, constant), or undefined. */
function withConstant(graph: Graph, id: number, op: string, value: number): number | undefined {
  const operands = binary(graph, id, op);
  return operands &&
    constantOf(graph, operands[1]) === value &&
    graph.nodes[operands[1]]!.type.shape.length === 0
    ? operands[0]
    : undefined;
}

const ROUND = 1.5 * 2 ** 23;

/** The u of round(clamp(u, -128, 127)), spelled (min(max(u, -128), 127) + C) - C. */
export function roundedOf(graph: Graph, id: number): number | undefined {
  const sum = withConstant(graph, id, 'Sub', ROUND);
  const clamped = sum === undefined ? undefined : withConstant(graph, sum, 'Add', ROUND);
  const atLeast = clamped === undefined ? undefined : withConstant(graph, clamped, 'Min', 127);
  return atLeast === undefined ? undefined : withConstant(graph, atLeast, 'Max', -128);
}

/** u = value / unit: the float value it is made of and the unit, a power of two. */
export type Scaled =
  | { readonly kind: 'first'; readonly value: number; readonly unit: Scale }
  | { readonly kind: 'rest'; readonly of: Scaled; readonly digit: number; readonly unit: Scale };

/** u as x * inverse, or as (u' - digit) * base of an earlier u'. */
export function scaledOf(graph: Graph, id: number): Scaled | undefined {
  const operands = binary(graph, id, 'Mul');
  if (!operands) return undefined;
  const unit = inverseOf(graph, operands[1]);
  // What is quantised in place of u must be of its shape: the factor is one number for all, and adds no axes.
  if (!unit || !sameShape(graph.nodes[operands[0]]!.type.shape, graph.nodes[id]!.type.shape))
    return undefined;
  const difference = binary(graph, operands[0], 'Sub');
  const of = difference && scaledOf(graph, difference[0]);
  if (of && roundedOf(graph, difference[1]) === difference[0]) {
    const finer: Scale = { units: of.unit.units, exponent: of.unit.exponent + unit.exponent };
    const normal = leastOf(graph, of.unit) >= LEAST_UNIT && isWritable(graph, finer);
    if (normal && unit.units.length === 0) return { kind: 'rest', of, digit: difference[1], unit: finer };
  }
  return isWritable(graph, unit) ? { kind: 'first', value: operands[0], unit } : undefined;
}

/** What a digit of at least this unit leaves is normal: the value itself, or multiples of its last bit, which is 2^-25 units or more. */
const LEAST_UNIT = 2 ** -100;

/** The value that one byte step stands for. */
export function byteUnit(graph: Graph, id: number): number {
  const node = graph.nodes[id]!;
  if (node.range.tiny === Infinity) return 1;
  if (MOVES.has(node.op)) return Math.min(...node.inputs.map((input) => byteUnit(graph, input)));
  const u = roundedOf(graph, id);
  return u !== undefined && scaledOf(graph, u) ? 1 : node.range.quantum;
}

/** Whether one byte form holds every value of a digit: canonical digits reach 256 units on both sides, bytes do not. */
export function fitsByte(graph: Graph, id: number): boolean {
  const { lo, hi } = graph.nodes[id]!.range;
  const unit = byteUnit(graph, id);
  return (lo >= -128 * unit && hi <= 127 * unit) || (lo >= 0 && hi <= 255 * unit);
}

/** The byte forms that hold every value of a digit that fits one, best first. */
export function leftForm(graph: Graph, id: number): ByteForm {
  const { range } = graph.nodes[id]!;
  return range.hi > 127 * byteUnit(graph, id) ? 'u8' : 'u8z';
}

export function rightForm(graph: Graph, id: number): ByteForm {
  const { range } = graph.nodes[id]!;
  return range.hi > 127 * byteUnit(graph, id) ? 'i8z' : 'i8';
}

/**
 * A digit as bytes.
 *
 * QuantizeLinear(x, scale, zero) is saturate(round_half_even(x / scale) + zero). For hi = round(clamp(u, -128, 127)) with u = x / unit the
 * scale is the unit itself, a power of two, and the canonical u is proved to be normal, so x / unit and x * (1 / unit) are the same exact
 * number; saturation to [0, 255] minus 128 or to [-128, 127] is the clamp, which commutes with rounding because its ends are integers;
 * and (v + C) - C rounds half to even as well. Hence the byte is the canonical digit (plus the zero point).
 *
 * The next digit is round(clamp((u - hi) * base)). The remainder is held unscaled, r = x - hi * unit: as u - hi scaled by a power of two
 * it is rounded in the same place (it stays normal: see LEAST_UNIT), so
 * r / (unit / base) is (u - hi) * base, and the first argument applies again. DequantizeLinear gives hi * unit exactly: 8 bits times a
 * power of two.
 *
 * Any other digit is a multiple k of its grid q with k a byte: x / q = k needs no rounding. Moves act on bytes as on floats; the zeros that Pad
 * adds are zero points.
 */
export function bytesPlan(graph: Graph, id: number, form: ByteForm): Plan {
  const node = graph.nodes[id]!;
  if (node.op === 'Constant') return { needs: [], write: (writer) => writeConstant(graph, writer, id, form) };
  if (MOVES.has(node.op) && node.inputs.every((input) => byteUnit(graph, input) === byteUnit(graph, id)))
    return movePlan(node, id, form);
  const u = roundedOf(graph, id);
  const scaled = u === undefined ? undefined : scaledOf(graph, u);
  if (u !== undefined && scaled) {
    const source = sourceOf(u, scaled);
    return {
      needs: [source, ...scaled.unit.units.map((unit) => need(unit, 'f32'))],
      write(writer) {
        quantize(
          writer,
          writer.name(id, form),
          writer.name(source.id, source.form),
          writeScalar(writer, scaled.unit),
          form,
        );
      },
    };
  }
  return {
    needs: [need(id, 'f32')],
    write(writer) {
      quantize(
        writer,
        writer.name(id, form),
        writer.name(id, 'f32'),
        writer.scalar(byteUnit(graph, id)),
        form,
      );
    },
  };
}

/** Where the float that a digit is rounded from is found. */
function sourceOf(u: number, scaled: Scaled) {
  return scaled.kind === 'first' ? need(scaled.value, 'f32') : need(u, 'rest');
}

/** The remainder x - hi * unit of (u - hi) * base; see bytesPlan. */
export function restPlan(graph: Graph, id: number, demands: Demands): Plan {
  const scaled = scaledOf(graph, id)!;
  if (scaled.kind !== 'rest') throw new Error('only remainders have this form');
  const before = sourceOf(graph.nodes[graph.nodes[id]!.inputs[0]!]!.inputs[0]!, scaled.of);
  const form = wantedBytes(demands, scaled.digit, 'i8');
  return {
    needs: [before, need(scaled.digit, form), ...scaled.of.unit.units.map((unit) => need(unit, 'f32'))],
    write(writer) {
      const digit = writer.node(`${writer.name(scaled.digit, 'f32')}:back`, 'DequantizeLinear', [
        writer.name(scaled.digit, form),
        writeScalar(writer, scaled.of.unit),
        writer.zeroPoint(form),
      ]);
      writer.node(writer.name(id, 'rest'), 'Sub', [writer.name(before.id, before.form), digit]);
    },
  };
}

function quantize(writer: Writer, output: string, input: string, scale: string, form: ByteForm): void {
  writer.node(output, 'QuantizeLinear', [input, scale, writer.zeroPoint(form)]);
}

function movePlan(node: Node, id: number, form: ByteForm): Plan {
  return {
    needs: node.inputs.map((input) => need(input, form)),
    write(writer) {
      const output = writer.name(id, form);
      const emitted = emitNode(
        node,
        node.inputs.map((input) => writer.name(input, form)),
        output,
        `${output}_${node.op}`,
      );
      for (const tensor of emitted.initializers) writer.initializer(tensor);
      for (const proto of emitted.nodes) {
        const zero = proto.opType === 'Pad' ? [writer.zeroPoint(form)] : [];
        writer.node(output, proto.opType!, [...proto.input!, ...zero], proto.attribute ?? []);
      }
    },
  };
}

function writeConstant(graph: Graph, writer: Writer, id: number, form: ByteForm): void {
  const node = graph.nodes[id]!;
  const unit = byteUnit(graph, id);
  const bytes = Array.from(node.data!, (value) => value / unit + ZERO_POINT[form]);
  const name = writer.name(id, form);
  const { shape } = node.type;
  writer.initializer(
    isUnsigned(form)
      ? tensorFromU8(name, shape, Uint8Array.from(bytes))
      : tensorFromI8(name, shape, Int8Array.from(bytes)),
  );
}
