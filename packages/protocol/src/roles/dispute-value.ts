/** The places and the value that a descent has come to, in words and numbers. */
import { committedTypes, formatPlace, formatType, nodeName, type DType, type Graph } from '@gensyn/ir';
import { LEVELS, type Descent, type Level } from '../pinpoint/index.js';
import { valueOfBits } from '../referee/index.js';
import type { DisputedValue, DisputePlace, ShownValue } from './dispute-record.js';

/** What of a job adds names to a dispute. */
export interface DisputeJob {
  readonly graph: Graph;
  /** Text of the job, where it is known. */
  readonly source?: string | undefined;
}

const below = ({ level }: Descent, other: Level): boolean => LEVELS.indexOf(level) > LEVELS.indexOf(other);

/** Type of an element; undefined for the digests of a state. */
export function typeOf({ dtype }: Pick<Descent, 'dtype'>): DType | undefined {
  return (Object.keys(committedTypes) as DType[]).find((name) => committedTypes[name].code === dtype);
}

export function shownValue(descent: Descent, word: string): ShownValue {
  const type = typeOf(descent);
  if (type === undefined) return { bits: word, value: undefined };
  const bits = `0x${word.slice(-8)}`;
  return { bits, value: valueOfBits(type, Number(bits)) };
}

/** From the standings after each move, the first of which is the challenge's. */
export function placesOf(standings: readonly Descent[], job: DisputeJob | undefined): DisputePlace[] {
  const places: DisputePlace[] = [];
  const add = (at: Descent, then: Descent | undefined): void => {
    if (at.level === 'value') return;
    const { level, index, count, nodes } = at;
    places.push({ level, index, of: count, nodes, label: labelOf(at, then, job) });
  };
  standings.slice(1).forEach((then, i) => {
    if (then.level !== standings[i]!.level) add(standings[i]!, then);
  });
  const last = standings.at(-1);
  if (last?.depth === 0) add(last, undefined);
  return places;
}

function labelOf(at: Descent, then: Descent | undefined, job: DisputeJob | undefined): string {
  const { level, index, count, step } = at;
  switch (level) {
    case 'run':
      return `checkpoint ${index + 1} of ${count}`;
    case 'attestation':
      return 'the list that was attested to';
    case 'segment':
      return `step ${step + index}`;
    case 'step': {
      if (index === count - 1) return 'the state after the step';
      const node = job?.graph.nodes[index];
      if (!node) return `operator ${index} of ${count - 1}`;
      return `${node.op}${node.span ? ` in ${formatPlace(node.span)}` : ` ${nodeName(job!.graph, index)}`}`;
    }
    case 'state':
      return `state entry ${stateName(job?.graph, index) ?? index}`;
    case 'tensor': {
      if (!then) return `chunk ${index + 1} of ${count}`;
      const at = indicesOf(job?.graph, then.operator, then.element);
      return `element ${at ? `[${at.join(', ')}]` : then.element}`;
    }
    case 'element':
      return 'the partial results of the element';
    case 'terms':
      return then?.term === undefined ? `chunk ${index + 1} of ${count}` : `term ${then.term}`;
    case 'value':
      return 'the value';
  }
}

const stateName = (graph: Graph | undefined, index: number): string | undefined =>
  graph?.outputs.filter(({ role }) => role === 'state')[index]?.name;

function indicesOf(graph: Graph | undefined, operator: number, element: number): number[] | undefined {
  const shape = graph?.nodes[operator]?.type.shape;
  if (!shape) return undefined;
  const at: number[] = [];
  for (const size of [...shape].reverse()) {
    at.unshift(element % size);
    element = Math.floor(element / size);
  }
  return at;
}

/** What is known of the value by now. */
export function disputedValue(d: Descent, job: DisputeJob | undefined): DisputedValue {
  const deepest = d.level === 'element' || d.level === 'terms' || d.level === 'value';
  return {
    step: below(d, 'segment') ? d.step : undefined,
    operator: below(d, 'step') ? operatorOf(d, job) : undefined,
    element: deepest
      ? { index: d.element, of: d.elements, indices: indicesOf(job?.graph, d.operator, d.element) }
      : undefined,
    term: d.level === 'value' && d.term !== undefined ? { index: d.term, of: d.terms } : undefined,
  };
}

function operatorOf({ operator, entries }: Descent, job: DisputeJob | undefined): DisputedValue['operator'] {
  const state = operator === entries - 1;
  const node = job?.graph.nodes[operator];
  return {
    node: operator,
    name: state ? 'state' : node && nodeName(job!.graph, operator),
    op: node?.op,
    type: node && formatType(node.type),
    span: node?.span,
    source: node?.span && job?.source?.split('\n')[node.span.line - 1]?.trimEnd(),
  };
}
