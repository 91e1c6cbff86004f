/** The machine of CountingReferee.sol, for somebody who tells the truth about it or one lie. */
import { listRoot, sha256, tensorRoot } from '@gensyn/ir';
import { concat } from 'ethers';
import {
  nodesOver,
  nodeTree,
  stepEntry,
  type Descent,
  type NodeTree,
  type Segment,
  type Witness,
} from '../../src/pinpoint/index.js';

export interface Run {
  readonly elements: number;
  readonly terms: number;
  readonly steps: number;
  readonly interval: number;
}

export interface Lie {
  readonly step: number;
  /** 0 the input, 1 the sum, 2 what becomes the next state, 3 the state itself, whose elements are its two entries. */
  readonly operator: number;
  readonly element: number;
  readonly term: number;
}

const F32 = 1;
const words = (values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const nameOf = (p: number): Uint8Array => {
  const name = new Uint8Array(32);
  name[31] = p;
  return name;
};

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setBigUint64(24, BigInt(value));
  return bytes;
}

const STATE_ENTRY_TAG = new Uint8Array(32);
STATE_ENTRY_TAG.set(new TextEncoder().encode('gensyn/state-entry/v1'));

/** A function that computes each of its values once. */
function once<T>(compute: (a: number, b: number) => T): (a: number, b?: number) => T {
  const known = new Map<string, T>();
  return (a, b = 0) => {
    const key = `${a} ${b}`;
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = compute(a, b)));
    return value;
  };
}

export interface CountingWitness extends Witness {
  stateRoot(steps: number): Uint8Array;
  /** For the judge. */
  proof(descent: Descent): Promise<string>;
}

export function countingWitness(run: Run, lie?: Lie): CountingWitness {
  const { elements, terms, steps, interval } = run;
  function value(step: number, operator: number, e: number): number {
    const here = lie?.element === e ? lie : undefined;
    const now = here?.step === step ? here.operator : undefined;
    if (operator === 1) return terms + (now === 1 ? 1 : 0);
    const x = step * terms + e + (here && step > here.step ? 1 : 0) + (now === 0 ? 1 : 0);
    return operator === 0 ? x : x + value(step, 1, e) + (now === 2 ? 1 : 0);
  }
  const bytes = (step: number, operator: number): Uint8Array =>
    words(Array.from({ length: elements }, (_, e) => value(step, operator, e)));
  const root = once((step, operator) => tensorRoot('f32', [elements], bytes(step, operator)));
  const stateEntries = (after: number): Uint8Array[] =>
    [0, 1].map((p) => {
      const tensor = after === 0 ? root(0, 0) : root(after - 1, 2 - p);
      const entry = sha256(STATE_ENTRY_TAG, nameOf(p), word(F32), word(1), word(elements), tensor);
      const wrong = lie?.operator === 3 && lie.step + 1 === after && lie.element === p;
      return wrong ? sha256(entry) : entry;
    });
  const stateRoot = once((after) => listRoot(stateEntries(after)));
  const operatorEntries = (step: number): Uint8Array[] => [
    ...[0, 1, 2].map((n) => root(step, n)),
    stateRoot(step + 1),
  ];

  const segment = once((from, count): Segment => {
    const each = Array.from({ length: count }, (_, i) => from + i);
    const states = each.map((step) => stateRoot(step + 1));
    const traces = each.map((step) => listRoot(operatorEntries(step)));
    return { tree: nodeTree(states.map((state, i) => stepEntry(state, traces[i]!))), states, traces };
  });
  const operators = once((step) => nodeTree(operatorEntries(step)));
  return {
    stateRoot,
    async run(): Promise<NodeTree> {
      const count = Math.ceil(steps / interval);
      return nodeTree(
        Array.from({ length: count }, (_, i) => stateRoot(Math.min((i + 1) * interval, steps))),
      );
    },
    segment: async (from, count) => segment(from, count),
    operators: async (step) => operators(step),
    state: async (step) => nodeTree(stateEntries(step + 1)),
    tensor: async (step, operator) => nodesOver(bytes(step, operator)),
    async partials(step, operator, element) {
      const wrong =
        lie?.step === step && lie.operator === operator && lie.element === element ? lie.term : terms;
      return nodesOver(words(Array.from({ length: terms }, (_, k) => k + 1 + (k >= wrong ? 1 : 0))));
    },
    layout: async (operator) =>
      operator === 3
        ? { dtype: 0, elements: 2, terms: 0 }
        : { dtype: F32, elements, terms: operator === 1 ? terms : 0 },
    layoutProof: async () => '0x',
    async proof({ step, operator, element }) {
      if (operator !== 3) return '0x';
      const [tree, node] = [operators(step), 2 - element];
      return concat([tree.entry(node), ...tree.path(node)]);
    },
  };
}
