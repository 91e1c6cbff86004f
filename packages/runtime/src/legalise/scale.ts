/** Factors that are powers of two: multiplying by one commutes with every rounding, as long as nothing leaves the normal numbers. */
import { elements, F32_MAX, F32_TINY, magnitude, type Graph, type Range } from '@gensyn/ir';
import type { Writer } from './writer.js';

/** 2^exponent times the product of scalar nodes, each a power of two (or a single scalar of any value, with exponent 0). */
export interface Scale {
  readonly units: readonly number[];
  readonly exponent: number;
}

export const ONE: Scale = { units: [], exponent: 0 };

/** The scale that a scalar node is, or undefined when it is not proved to be a power of two. */
export function scaleOf(graph: Graph, id: number): Scale | undefined {
  const node = graph.nodes[id]!;
  if (elements(node.type.shape) !== 1 || !node.range.powerOfTwo) return undefined;
  if (node.range.lo === node.range.hi) return { units: [], exponent: Math.log2(node.range.lo) };
  // Kernels take no scale of more axes.
  if (node.type.shape.length > 1) return undefined;
  if (node.op === 'Mul') {
    const [a, b] = node.inputs.map((input) => scaleOf(graph, input));
    if (a && b) return times(a, b);
  }
  return { units: [id], exponent: 0 };
}

/** 1 / scale of a node, where that needs no division. */
export function inverseOf(graph: Graph, id: number): Scale | undefined {
  const node = graph.nodes[id]!;
  if (node.range.powerOfTwo && node.range.lo === node.range.hi)
    return { units: [], exponent: -Math.log2(node.range.lo) };
  if (node.op !== 'Div') return undefined;
  const [a, b] = node.inputs.map((input) => scaleOf(graph, input));
  return a && b && a.units.length === 0 ? { units: b.units, exponent: b.exponent - a.exponent } : undefined;
}

export function times(a: Scale, b: Scale): Scale {
  return { units: [...a.units, ...b.units], exponent: a.exponent + b.exponent };
}

/** Whether values of a range stay normal (or zero) and finite under the scale. */
export function staysNormal(graph: Graph, r: Range, scale: Scale): boolean {
  const hi = scale.units.reduce((product, id) => product * graph.nodes[id]!.range.hi, 2 ** scale.exponent);
  return (
    isWritable(graph, scale) && r.tiny * leastOf(graph, scale) >= F32_TINY && magnitude(r) * hi <= F32_MAX
  );
}

/** The smallest value that the scale can have. */
export function leastOf(graph: Graph, scale: Scale): number {
  return scale.units.reduce((product, id) => product * graph.nodes[id]!.range.lo, 2 ** scale.exponent);
}

/** Whether the scale is normal and finite, and so is every product of some of its factors, in whatever order they are written. */
export function isWritable(graph: Graph, { units, exponent }: Scale): boolean {
  let lo = Math.min(2 ** exponent, 1);
  let hi = Math.max(2 ** exponent, 1);
  for (const id of units) {
    lo *= Math.min(graph.nodes[id]!.range.lo, 1);
    hi *= Math.max(graph.nodes[id]!.range.hi, 1);
  }
  return lo >= F32_TINY && hi <= F32_MAX;
}

/** The scale as two scalar values to be multiplied with each other, the constant part joined to the last unit. */
export function writeScale(writer: Writer, { units, exponent }: Scale): [string, string] {
  if (units.length === 0) return [writer.scalar(1), writer.scalar(2 ** exponent)];
  const names = units.map((id) => writer.name(id, 'f32')).sort();
  while (names.length > 2) {
    const [a, b] = names.splice(0, 2);
    names.push(writeProduct(writer, a!, b!));
  }
  const last = names.pop()!;
  const scaled = exponent === 0 ? last : writeProduct(writer, last, writer.scalar(2 ** exponent));
  return [names[0] ?? writer.scalar(1), scaled];
}

/** The scale as one scalar value. */
export function writeScalar(writer: Writer, scale: Scale): string {
  if (scale.units.length === 0) return writer.scalar(2 ** scale.exponent);
  if (scale.units.length === 1) return writeScale(writer, scale)[1];
  const [a, b] = writeScale(writer, scale);
  return writeProduct(writer, a, b);
}

/** Writes a * b. The colon, which no value of a graph has in its name, keeps a job from naming one like it. */
function writeProduct(writer: Writer, a: string, b: string): string {
  return writer.node(`${a}:*${b}`, 'Mul', [a, b]);
}
