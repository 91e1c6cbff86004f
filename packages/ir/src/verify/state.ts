/** The state invariant: what a step is proved to hand to the next one, given what it was handed itself. */
import { partOf, type Graph, type Node } from '../graph/graph.js';
import { allows } from '../value/conform.js';
import { integerRange, quantumOf, range, within } from '../value/range.js';
import { elements, formatType, sameType } from '../value/type.js';
import type { Violations } from './violation.js';

interface StatePair {
  readonly name: string;
  readonly input: number;
  readonly output: number;
}

function pairs(graph: Graph): StatePair[] {
  const outputs = new Map(
    graph.outputs.filter(({ role }) => role === 'state').map(({ name, node }) => [name, node]),
  );
  return graph.nodes.flatMap((node, input) => {
    const output = node.source?.kind === 'state' ? outputs.get(node.name!) : undefined;
    return output === undefined ? [] : [{ name: node.name!, input, output }];
  });
}

/** What the health output bounds from above. */
interface Watched {
  /** Nodes of which no element is greater than health. */
  readonly values: ReadonlySet<number>;
  /** Nodes of which no element is greater in magnitude. */
  readonly magnitudes: ReadonlySet<number>;
  /** Whether health takes in anything that the step computes, and is not merely read off its inputs. */
  readonly computed: boolean;
}

/** Goes back from health through the operators that keep every element of their operands, or something larger. */
function watchedBy(graph: Graph): Watched {
  const magnitudes = new Set<number>();
  const values = new Set<number>();
  let computed = false;
  const open = graph.outputs.filter(({ role }) => role === 'health').map(({ node }) => node);
  while (open.length > 0) {
    const id = open.pop()!;
    if (values.has(id)) continue;
    values.add(id);
    const node = graph.nodes[id]!;
    if (KEEPING.has(node.op)) {
      open.push(...node.inputs);
      continue;
    }
    const leaf = node.op === 'Abs' ? node.inputs[0]! : id;
    if (node.op === 'Abs') magnitudes.add(leaf);
    if (partOf(graph.nodes[leaf]!) === 2) computed = true;
  }
  return { values, magnitudes, computed };
}

const KEEPING: ReadonlySet<string> = new Set([
  'Max',
  'ReduceMax',
  'Reshape',
  'Transpose',
  'Concat',
  'Expand',
  'Pad',
]);

/** An i32 that counts by one. A counter's range bounds the number of steps, and is kept by not running more. */
function isCounter(graph: Graph, { input, output }: StatePair): boolean {
  const next = graph.nodes[output]!;
  const { type, range: declared } = graph.nodes[input]!;
  if (type.dtype !== 'i32' || elements(next.type.shape) !== 1 || next.op !== 'Add') return false;
  // Counting by one keeps no coarser grid, no gap around zero, and not to powers of two.
  if (!within(integerRange(declared.lo, declared.hi), declared)) return false;
  const other = next.inputs.find((id) => id !== input);
  const step = other === undefined ? undefined : graph.nodes[other]!;
  return (
    next.inputs.includes(input) && step?.op === 'Constant' && step.data!.length === 1 && step.data![0] === 1
  );
}

/**
 * Whether every initial value keeps the declared range: where the induction starts. Given values are not part of the graph; whoever
 * loads them compares them with their root and with the range, as for any state that comes from a file.
 */
function startsWithin({ type, range: declared, source }: Node): boolean {
  if (source?.kind !== 'state' || source.init.kind === 'given') return true;
  if (source.init.kind === 'constant') {
    const { value } = source.init;
    return allows(declared, type.dtype === 'f32' ? Math.fround(value) : value);
  }
  // Multiples of the bound's own last bit times 2^-23, rounded once (see fillUniform).
  const bound = Math.fround(source.init.bound);
  const drawn = range({
    lo: -bound,
    hi: bound,
    tiny: bound * 2 ** -23,
    quantum: quantumOf(bound) * 2 ** -23,
  });
  return type.dtype === 'f32' && bound > 0 && within(drawn, declared);
}

/** The declared bounds that the step does not keep by itself. */
function openBounds(graph: Graph, pair: StatePair): { readonly low: boolean; readonly high: boolean } {
  const { range: declared } = graph.nodes[pair.input]!;
  const { range: next } = graph.nodes[pair.output]!;
  return { low: next.lo < declared.lo, high: next.hi > declared.hi };
}

/**
 * Notes every state whose next value may leave the declared range. Grid, smallest magnitude and sign of zero must be kept by
 * proof. The bounds may instead be watched: the health output is then at least the magnitude of every element, either of the
 * state that the step is given or of the one that it returns, and the run stops when it passes them. It is watched in what the step
 * is given only where health reads nothing else but inputs: what a step computes of a state beyond its bounds may be NaN, and the
 * maximum of that and the state is any of the two.
 */
export function checkStates(graph: Graph, violations: Violations): void {
  const { values, magnitudes, computed } = watchedBy(graph);
  const among = (nodes: ReadonlySet<number>, { input, output }: StatePair) =>
    (nodes.has(input) && !computed) || nodes.has(output);
  for (const pair of pairs(graph)) {
    const { range: declared, type } = graph.nodes[pair.input]!;
    const next = graph.nodes[pair.output]!;
    const at = `state '${pair.name}'`;
    if (!sameType(type, next.type)) {
      const message = `${at} is ${formatType(type)}, but its next value is ${formatType(next.type)}`;
      violations.add('structure', at, message, next.span);
      continue;
    }
    if (!startsWithin(graph.nodes[pair.input]!)) {
      violations.add('invariant', at, `${at}: its initial values do not keep the declared range`, next.span);
    }
    if (isCounter(graph, pair)) continue;
    if (!within({ ...next.range, lo: declared.lo, hi: declared.hi }, declared)) {
      const message = `${at}: the next value may leave the declared grid, smallest magnitude or sign of zero`;
      violations.add('invariant', at, message, next.span);
      continue;
    }
    const { low, high } = openBounds(graph, pair);
    const lowWatched = declared.lo <= 0 && among(magnitudes, pair);
    const highWatched = declared.hi >= 0 && (among(magnitudes, pair) || among(values, pair));
    if ((low && !lowWatched) || (high && !highWatched)) {
      const beyond = `${next.range.lo} .. ${next.range.hi}, beyond ${declared.lo} .. ${declared.hi}`;
      const message = `${at}: the next value spans ${beyond}, and the health output does not watch it`;
      violations.add('invariant', at, message, next.span);
    }
  }
}

/**
 * Largest value of the health output for which the proofs hold: the smallest declared bound that is watched. A run must stop at
 * the first step whose health is greater. Infinity when no state needs watching.
 */
export function healthLimit(graph: Graph): number {
  let limit = Infinity;
  for (const pair of pairs(graph)) {
    if (isCounter(graph, pair)) continue;
    const { range } = graph.nodes[pair.input]!;
    const { low, high } = openBounds(graph, pair);
    if (low) limit = Math.min(limit, -range.lo);
    if (high) limit = Math.min(limit, range.hi);
  }
  return limit;
}

/** Number of steps for which the proofs hold: until the first step counter leaves its declared range. */
export function stepLimit(graph: Graph): number {
  let limit = Infinity;
  for (const pair of pairs(graph)) {
    const { range, source } = graph.nodes[pair.input]!;
    if (!isCounter(graph, pair) || !openBounds(graph, pair).high) continue;
    const start = source?.kind === 'state' && source.init.kind === 'constant' ? source.init.value : range.lo;
    limit = Math.min(limit, range.hi - start + 1);
  }
  return limit;
}
