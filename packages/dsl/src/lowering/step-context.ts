/** The graph of one training (or evaluation) step under construction: its state, its sources, what it stores. */
import { GraphBuilder, range, within, type Range, type Shape, type StateInit, type Value } from '@gensyn/ir';
import type { PreparedDataset } from '../data/prepared.js';
import { isFloat, onGrid } from './arithmetic.js';
import type { LoweringContext, Precision } from './context.js';
import { largestMagnitude } from './digits.js';
import { columnInputs } from './source.js';

/** Weights stay below this; `health` reports when one does not, and the run has diverged. */
export const HEALTH_BOUND = 2 ** 20;
/** Weights are multiples of 2^WEIGHT_GRID. */
export const WEIGHT_GRID = -104;

/** A state tensor: how it starts, and what is promised of it before and after each step. */
export interface StateTensor {
  readonly name: string;
  readonly init: StateInit;
  readonly value: Value;
  /** Its range follows from itself, so nothing needs watching. */
  readonly inductive: boolean;
  next?: Value;
}

export interface StepContext extends LoweringContext {
  /** False in the evaluation graph: dropout passes everything. */
  readonly training: boolean;
  readonly steps: number;
  /** The step counter, i32[]: 0 in the first step. */
  readonly step: Value;
  readonly states: Map<string, StateTensor>;
  /** Declares a weight. */
  weight(name: string, shape: Shape, init: StateInit): Value;
  /** Declares optimiser state that starts at zero; `declared` must be kept by what is stored. */
  extraState(name: string, shape: Shape, declared: Range): Value;
  /** Sets the value of a state tensor after this step. */
  store(name: string, value: Value): void;
}

export interface StepOptions {
  readonly precision: Precision;
  readonly training: boolean;
  readonly steps: number;
  readonly datasets: readonly PreparedDataset[];
}

export function stepContext(options: StepOptions, builder = new GraphBuilder()): StepContext {
  const states = new Map<string, StateTensor>();
  const step = builder.input(
    'step',
    { dtype: 'i32', shape: [] },
    range({ lo: 0, hi: Math.max(options.steps - 1, 0), quantum: 1 }),
    {
      kind: 'state',
      init: { kind: 'constant', value: 0 },
    },
  );
  const masks = new Map<number, Value>();

  function declare(name: string, shape: Shape, init: StateInit, declared: Range, inductive: boolean): Value {
    const value = builder.input(name, { dtype: 'f32', shape }, declared, { kind: 'state', init });
    states.set(name, { name, init, value, inductive });
    return value;
  }

  const ctx: StepContext = {
    precision: options.precision,
    training: options.training,
    steps: options.steps,
    builder,
    step,
    states,
    column: (tensor) => column(tensor),
    running: (name, shape, init, declared) =>
      states.get(name)?.value ?? declare(name, shape, init, range(declared), true),
    follow: (name, next) => ctx.store(name, next),
    state: (name) => states.get(name)!.value,
    weight: (name, shape, init) =>
      declare(
        name,
        shape,
        init,
        range({ lo: -HEALTH_BOUND, hi: HEALTH_BOUND, quantum: 2 ** WEIGHT_GRID }),
        false,
      ),
    extraState: (name, shape, declared) =>
      declare(name, shape, { kind: 'constant', value: 0 }, declared, true),
    store(name, value) {
      states.get(name)!.next = value;
    },
    dropoutMask(stream, keep, shape) {
      const known = masks.get(stream);
      if (known) return known;
      const scale = Math.fround(1 / keep);
      const mask = builder.input(
        `dropout.${stream}`,
        { dtype: 'f32', shape },
        range({ lo: 0, hi: scale, tiny: scale, quantum: Math.fround(scale) === 2 ? 2 : 0 }),
        {
          kind: 'dropout',
          stream,
          keep,
        },
      );
      masks.set(stream, mask);
      return mask;
    },
  };
  const column = columnInputs(ctx, options.datasets);
  return ctx;
}

/** Writes the state outputs, and `health`: the largest magnitude among the state tensors whose range is not its own invariant. */
export function finishState(ctx: StepContext): void {
  const { builder } = ctx;
  const one = builder.constant(Int32Array.of(1), []);
  builder.output('step', builder.add('Add', [ctx.step, one]), 'state');
  let health: Value | undefined;
  for (const state of ctx.states.values()) {
    const declared = state.value.range;
    let next = state.next ?? state.value;
    if (!within({ ...next.range, lo: declared.lo, hi: declared.hi }, declared))
      next = onGrid(ctx, next, Math.log2(declared.quantum));
    builder.output(state.name, next, 'state');
    if (state.inductive || isFloat(ctx)) continue;
    const largest = largestMagnitude(ctx, state.value);
    health = health ? builder.add('Max', [health, largest]) : largest;
  }
  builder.output('health', health ?? builder.scalar(0), 'health');
}
