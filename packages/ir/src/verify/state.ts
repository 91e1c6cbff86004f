/** The state invariant: what a step is proved to hand to the next one, given what it was handed itself. */
import type { Graph, Node } from '../graph/graph.js';
import { within } from '../value/range.js';
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

/** Nodes whose elements are all at most `health` in magnitude: it is reached from them by Abs, then ReduceMax, Max and moves. */
function watched(graph: Graph, health: number): Set<number> {
  const magnitudes = new Set<number>();
  const seen = new Set<number>();
  const open = [health];
  while (open.length > 0) {
    const id = open.pop()!;
    if (seen.has(id)) continue;
    seen.add(id);
    const node = graph.nodes[id]!;
    if (node.op === 'Abs') magnitudes.add(node.inputs[0]!);
    // Each of these keeps every element of its operands, or something larger.
    else if (['Max', 'ReduceMax', 'Reshape', 'Transpose', 'Concat', 'Expand', 'Pad'].includes(node.op))
      open.push(...node.inputs);
  }
  return magnitudes;
}

/** A counter's range bounds the number of steps, and is kept by not running more. */
function isCounter(graph: Graph, { input, output }: StatePair): boolean {
  const next = graph.nodes[output]!;
  if (graph.nodes[input]!.type.dtype !== 'i32' || elements(next.type.shape) !== 1 || next.op !== 'Add')
    return false;
  const other = next.inputs.find((id) => id !== input);
  const step = other === undefined ? undefined : graph.nodes[other]!;
  return (
    next.inputs.includes(input) && step?.op === 'Constant' && step.data!.length === 1 && step.data![0] === 1
  );
}

interface Watch {
  readonly magnitudes: ReadonlySet<number>;
}

function watchOf(graph: Graph): Watch {
  const health = graph.outputs.find(({ role }) => role === 'health');
  return { magnitudes: health ? watched(graph, health.node) : new Set() };
}

/** Whether declared bounds need no watching: the step keeps them by itself. */
function keepsBounds(graph: Graph, pair: StatePair): boolean {
  const { range: declared } = graph.nodes[pair.input]!;
  const { range: next } = graph.nodes[pair.output]!;
  return next.lo >= declared.lo && next.hi <= declared.hi;
}

/**
 * Notes every state whose next value may leave the declared range. Grid, smallest magnitude and sign of zero must be kept by
 * proof. The bounds may instead be watched: the health output is then at least the magnitude of every element, either of the
 * state that the step is given or of the one that it returns, and the run stops when it passes them.
 */
export function checkStates(graph: Graph, violations: Violations): void {
  const { magnitudes } = watchOf(graph);
  for (const pair of pairs(graph)) {
    const { range: declared, type } = graph.nodes[pair.input]!;
    const next: Node = graph.nodes[pair.output]!;
    const at = `state '${pair.name}'`;
    if (!sameType(type, next.type)) {
      violations.add(
        'structure',
        at,
        `${at} is ${formatType(type)}, but its next value is ${formatType(next.type)}`,
        next.span,
      );
      continue;
    }
    if (isCounter(graph, pair)) continue;
    if (!within({ ...next.range, lo: declared.lo, hi: declared.hi }, declared)) {
      violations.add(
        'invariant',
        at,
        `${at}: the next value may leave the declared grid, smallest magnitude or sign of zero`,
        next.span,
      );
    } else if (!keepsBounds(graph, pair) && !magnitudes.has(pair.input) && !magnitudes.has(pair.output)) {
      const { lo, hi } = next.range;
      violations.add(
        'invariant',
        at,
        `${at}: the next value spans ${lo} .. ${hi}, beyond ${declared.lo} .. ${declared.hi}, and the health output does not watch it`,
        next.span,
      );
    } else if (!keepsBounds(graph, pair) && (declared.lo > 0 || declared.hi < 0)) {
      violations.add(
        'invariant',
        at,
        `${at}: watching a magnitude cannot keep ${declared.lo} .. ${declared.hi}, which excludes zero`,
        next.span,
      );
    }
  }
}

/**
 * Largest value of the health output for which the proofs hold: the smallest declared bound of a watched state. A run must stop at
 * the first step whose health is greater. Infinity when no state needs watching.
 */
export function healthLimit(graph: Graph): number {
  let limit = Infinity;
  for (const pair of pairs(graph)) {
    if (keepsBounds(graph, pair) || isCounter(graph, pair)) continue;
    const { range } = graph.nodes[pair.input]!;
    limit = Math.min(limit, Math.max(0, -range.lo), Math.max(0, range.hi));
  }
  return limit;
}

/** Number of steps for which the proofs hold: until the first step counter leaves its declared range. */
export function stepLimit(graph: Graph): number {
  let limit = Infinity;
  for (const pair of pairs(graph)) {
    const { range, source } = graph.nodes[pair.input]!;
    if (!isCounter(graph, pair) || keepsBounds(graph, pair)) continue;
    const start = source?.kind === 'state' && source.init.kind === 'constant' ? source.init.value : range.lo;
    limit = Math.min(limit, range.hi - start + 1);
  }
  return limit;
}
