/** Machines that compute one thing wrong and everything after it right: for liars on purpose, and for tests of those who catch them. */
import { GensynError, rootsOf, type State, type TensorValue } from '@gensyn/ir';
import type { Job, Machine } from '@gensyn/runtime';
import { partialResults } from '../referee/partials.js';
import { MAX_TERMS, termsOf } from '../referee/query.js';
import { stateAfter, stateInputs } from '../referee/step.js';
import { chooser, type Choose } from './chooser.js';
import type { Lies } from './job-witness.js';
import { firstDifference, recomputed, rolled, withElement } from './tamper.js';
import { wrongValue } from './wrong-value.js';

/**
 * weight: one element of the state is another after a step. batch: a step reads other rows. initial: a run starts from another state.
 * skip: steps are not done. operator: one element of one operator is wrong. partial: the same of a long reduction, from one of its
 * terms on. stale: the state after an interval is the one before it.
 */
export const FAULT_KINDS = ['weight', 'batch', 'initial', 'skip', 'operator', 'partial', 'stale'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Global. Of `skip` the first that is not done; of `stale` the last of the interval. */
  readonly step: number;
  /** Of `skip`: how many are not done. Of `stale`: those of the interval. 1 for all others. */
  readonly steps: number;
  /** Chooses what is left open below. */
  readonly seed: number;
  /** Of `operator` and `partial`: number of the node; of `weight`: of the state's entry. */
  readonly operator?: number;
  readonly element?: number;
  /** Of a long reduction; the last unless given, but for `partial`. */
  readonly term?: number;
}

/** The first thing that is wrong, as the chain finds it. */
export interface Planted {
  readonly step: number;
  /** The number of nodes stands for the state. */
  readonly operator: number;
  /** Of the state: the number of its entry. */
  readonly element: number;
  readonly term: number | undefined;
}

export interface Liar {
  readonly machine: Machine;
  readonly lies: Lies;
  /** Undefined until the step has been computed. */
  planted(): Planted | undefined;
}

/** A fault at a random place of a run. */
export function randomFault(
  kind: FaultKind,
  run: { readonly from: number; readonly steps: number; readonly interval: number },
  seed: number,
): Fault {
  const choose = chooser(seed);
  const offset = choose(run.steps);
  const start = offset - (offset % run.interval);
  const end = Math.min(start + run.interval, run.steps);
  const at = (step: number, steps = 1): Fault => ({ kind, step: run.from + step, steps, seed });
  if (kind === 'initial') return at(0);
  if (kind === 'skip') return at(offset, end - offset);
  return kind === 'stale' ? at(end - 1, end - start) : at(offset);
}

interface FalseStep {
  readonly values: readonly TensorValue[];
  readonly planted: Planted;
  readonly term: number | undefined;
}

/** Places that are tried for one whose state after the step is another. */
const ATTEMPTS = 64;

/**
 * `operator` and `partial` without a place find one that changes the state after the step, for nothing else of a run is committed to.
 * A `stale` machine has to be asked for the interval from its start on.
 * Errors of its functions: N0304 where the job has no place for such a fault, and those of the machine.
 */
export function faulty(machine: Machine, job: Pick<Job, 'manifest' | 'step'>, fault: Fault): Liar {
  const { step: graph, manifest } = job;
  const types = { values: graph.nodes.map(({ type }) => type) };
  const longTerms = (node: number): number => {
    const terms = termsOf(types, graph.nodes[node]!);
    return terms > MAX_TERMS ? terms : 0;
  };
  const first = fault.kind === 'stale' ? fault.step - fault.steps + 1 : fault.step;
  const last = fault.kind === 'skip' ? fault.step + fault.steps - 1 : fault.step;
  const isFalse = (step: number): boolean => step >= fault.step && step <= last;
  let planted: Planted | undefined;
  let told: FalseStep | undefined;
  let before: State | undefined;
  let known: { readonly key: string; readonly result: Promise<FalseStep> } | undefined;

  const nothing = (): GensynError =>
    new GensynError(
      'N0304',
      `the job has no place for a fault of the kind '${fault.kind}' in step ${fault.step}`,
    );

  /** What is wrong first, where `values` are said and `right` are right. */
  function placeOf(
    step: number,
    right: readonly TensorValue[],
    values: readonly TensorValue[],
    term: number | undefined,
  ): Planted {
    const operator = values.findIndex((value, id) => firstDifference(value, right[id]!) >= 0);
    if (operator < 0) throw nothing();
    const element = firstDifference(values[operator]!, right[operator]!);
    if (longTerms(operator) === 0) return { step, operator, element, term: undefined };
    const partials = partialResults({ job: { graph }, values: right }, operator, element);
    const said = saidPartials(operator, partials, values[operator]!.data[element]!, term);
    const place = [...said].findIndex((value, k) => !Object.is(value, partials[k]));
    return { step, operator, element, term: place };
  }

  /** The partial results of somebody whose element is `value`: right up to `term`, the last unless given. */
  function saidPartials(
    operator: number,
    right: Float32Array,
    value: number,
    term = right.length - 1,
  ): Float32Array {
    const error = value - right.at(-1)!;
    const sum = graph.nodes[operator]!.op === 'Dot';
    return right.map((p, k) => (k < term ? p : k === right.length - 1 || !sum ? value : p + error));
  }

  function oneElement(choose: Choose, right: readonly TensorValue[]): FalseStep {
    const nodes = graph.nodes.flatMap((node, id) => {
      const fits = fault.kind === 'partial' ? longTerms(id) > 0 : right[id]!.data.length > 0;
      return fits && node.op !== 'Constant' ? [id] : [];
    });
    const operator = fault.operator ?? nodes[choose(nodes.length)];
    if (operator === undefined || !graph.nodes[operator]) throw nothing();
    const node = graph.nodes[operator]!;
    const element = fault.element ?? choose(right[operator]!.data.length);
    const terms = longTerms(operator);
    const term = fault.term ?? (fault.kind === 'partial' && terms > 0 ? choose(terms) : undefined);
    const wrong = wrongValue(node, right[operator]!.data, element, choose);
    const value = withElement(right[operator]!, element, wrong.value);
    // Nothing is proved of what follows from a value that cannot be.
    const values = wrong.possible
      ? recomputed(graph, right, new Map([[operator, value]]))
      : right.map((each, id) => (id === operator ? value : each));
    const place = placeOf(fault.step, right, values, term);
    return { values, planted: place, term };
  }

  async function falseStep(state: State, step: number): Promise<FalseStep> {
    const choose = chooser(fault.seed, 1);
    const done = (right: readonly TensorValue[], values: readonly TensorValue[]): FalseStep => ({
      values,
      planted: placeOf(step, right, values, undefined),
      term: undefined,
    });
    const right = await machine.values(state, step);
    if (fault.kind === 'skip') {
      const values = [...right];
      for (const { name, node } of stateInputs(graph)) {
        const output = graph.outputs.find((each) => each.role === 'state' && each.name === name)!;
        values[output.node] = right[node]!;
      }
      return done(right, values);
    }
    if (fault.kind === 'initial') return done(right, await machine.values(otherState(state, choose), step));
    if (fault.kind === 'batch') {
      const batches = graph.nodes.flatMap(({ source }, id) => (source?.kind === 'batch' ? [id] : []));
      const other = step === 0 ? Math.min(1, manifest.steps - 1) : step - 1;
      const rows = await machine.values(state, other);
      let changed = new Map(batches.map((id) => [id, rows[id]!]));
      const same = ([id, value]: readonly [number, TensorValue]): boolean =>
        firstDifference(value, right[id]!) < 0;
      if ([...changed].every(same)) changed = new Map(batches.map((id) => [id, rolled(right[id]!)]));
      return done(right, recomputed(graph, right, changed));
    }
    const reached = rootsOf(stateAfter(graph, right)).root;
    const placed = fault.operator !== undefined && fault.element !== undefined;
    for (let i = 0; i < ATTEMPTS; i++) {
      const found = oneElement(choose, right);
      if (placed || rootsOf(stateAfter(graph, found.values)).root !== reached) return found;
    }
    throw nothing();
  }

  /** Another state of the same tensors: their elements one place on, or one of them another. */
  function otherState(state: State, choose: Choose): State {
    const other = new Map([...state].map(([name, value]) => [name, rolled(value)]));
    if (rootsOf(other).root !== rootsOf(state).root) return other;
    return withOtherElement(state, choose).state;
  }

  function withOtherElement(state: State, choose: Choose): { state: State; entry: number } {
    const inputs = stateInputs(graph);
    const floats = inputs.flatMap(({ node }, i) => (graph.nodes[node]!.type.dtype === 'f32' ? [i] : []));
    const all = floats.length > 0 ? floats : inputs.map((_, i) => i);
    const entry = (fault.kind === 'weight' ? fault.operator : undefined) ?? all[choose(all.length)]!;
    const { name, node } = inputs[entry] ?? { name: '', node: -1 };
    const value = state.get(name);
    if (!value) throw nothing();
    const element = (fault.kind === 'weight' ? fault.element : undefined) ?? choose(value.data.length);
    const wrong = wrongValue(graph.nodes[node]!, value.data, element, choose).value;
    return { state: new Map(state).set(name, withElement(value, element, wrong)), entry };
  }

  function after(step: number, state: State): State {
    if (!isFalse(step) || (fault.kind !== 'weight' && fault.kind !== 'stale')) return state;
    const operator = graph.nodes.length;
    const place = (element: number): Planted => ({ step, operator, element, term: undefined });
    if (fault.kind === 'weight') {
      const { state: other, entry } = withOtherElement(state, chooser(fault.seed, 1));
      planted = place(entry);
      return other;
    }
    if (!before) return state;
    const names = [...state.keys()];
    planted = place(names.findIndex((name) => firstDifference(state.get(name)!, before!.get(name)!) >= 0));
    return before;
  }

  async function values(state: State, step: number): Promise<readonly TensorValue[]> {
    if (fault.kind === 'stale' && step === first) before = copied(state);
    if (!isFalse(step) || fault.kind === 'weight' || fault.kind === 'stale')
      return machine.values(state, step);
    const key = `${step} ${rootsOf(state).root}`;
    if (known?.key !== key) known = { key, result: falseStep(state, step) };
    const result = await known.result;
    if (step === fault.step) [told, planted] = [result, result.planted];
    return result.values;
  }

  return {
    planted: () => planted,
    lies: {
      after,
      partials(step, operator, element, right) {
        const value = step === fault.step ? told?.values[operator]?.data[element] : undefined;
        if (value === undefined || Object.is(value, right.at(-1))) return right;
        const here = told!.planted.operator === operator && told!.planted.element === element;
        return saidPartials(operator, right, value, here ? told!.term : undefined);
      },
    },
    machine: {
      device: machine.device,
      values,
      async advance(state, from, to, progress) {
        let [at, now] = [from, state];
        const until = async (step: number): Promise<void> => {
          if (step > at) now = await machine.advance(now, at, step, progress);
          at = Math.max(at, step);
        };
        if (fault.kind === 'stale' && from <= first && first < to) {
          await until(first);
          before = copied(now);
        }
        for (let step = Math.max(from, fault.step); step <= last && step < to; step++) {
          await until(step);
          now = after(step, stateAfter(graph, await values(now, step)));
          at = step + 1;
        }
        await until(to);
        return now;
      },
      close: () => machine.close(),
    },
  };
}

function copied(state: State): State {
  return new Map([...state].map(([name, value]) => [name, { ...value, data: value.data.slice() }]));
}
