/** Runs one step a call on a GPU, with the state kept in its memory between steps. */
import {
  BOOL_RANGE,
  F32_MAX,
  F32_TINY,
  GraphBuilder,
  I32_MAX,
  I32_MIN,
  integerRange,
  range,
  toOnnx,
  type DType,
  type Range,
  type State,
} from '@gensyn/ir';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { cellsFor } from '../data/sources.js';
import { createSession, fromTensor, loadRuntime, runSession, toTensor } from '../device/onnxruntime.js';
import type { Executor } from './executor.js';
import { scalarsOf, type StepPlan } from './step-plan.js';
import { collectSteps } from './step-executor.js';

export async function deviceExecutor(plan: StepPlan, initial: State, step: number): Promise<Executor> {
  const runtime = await loadRuntime();
  const providers = plan.device.providers(plan.model);
  const scalars = scalarsOf(plan);
  const outputs = Object.fromEntries([
    ...plan.states.map((name) => [`next.${name}`, 'gpu-buffer'] as const),
    ...scalars.map((name) => [name, 'cpu'] as const),
  ]);
  const session = await createSession(plan.model, { threads: plan.device.threads, providers, outputs });
  // A tensor in the GPU's memory cannot be read directly; a session that copies it and puts its result in main memory can.
  const reader = await createSession(identityModel(initial), { threads: 1, providers, outputs: 'cpu' });
  let cells = plan.sources.map((source) => ({ source, data: cellsFor(source, 1) }));
  const uploaded = (from: State): Map<string, Tensor> =>
    new Map([...from].map(([name, value]) => [name, toTensor(runtime, value)]));
  let state = uploaded(initial);
  let done = step;

  async function one(): Promise<Record<string, Float32Array>> {
    const feeds: Record<string, Tensor> = Object.fromEntries(state);
    for (const { source, data } of cells) {
      source.fill(done, data, 0);
      feeds[source.name] = toTensor(runtime, { ...source.type, data });
    }
    const results: InferenceSession.ReturnType = await runSession(session, feeds);
    for (const tensor of state.values()) if (tensor.location === 'gpu-buffer') tensor.dispose();
    state = new Map(plan.states.map((name) => [name, results[`next.${name}`]!]));
    done++;
    return Object.fromEntries(
      scalars.map((name) => [name, fromTensor(results[name]!, 'f32').data as Float32Array]),
    );
  }

  return {
    get step() {
      return done;
    },
    chunkLimit: 64,
    run: (count) => collectSteps(plan, done, count, one),
    restart(from, at, inputs) {
      for (const tensor of state.values()) if (tensor.location === 'gpu-buffer') tensor.dispose();
      [state, done] = [uploaded(from), at];
      if (inputs) cells = inputs.map((source, i) => ({ source, data: cells[i]!.data }));
    },
    async state() {
      const results = await runSession(reader, Object.fromEntries(state));
      return new Map(
        [...initial].map(([name, value]) => [name, fromTensor(results[`next.${name}`]!, value.dtype)]),
      );
    },
    async close() {
      for (const tensor of state.values()) if (tensor.location === 'gpu-buffer') tensor.dispose();
      await session.release();
      await reader.release();
    },
  };
}

/** Every value that a type can hold in a canonical graph. */
const ANY: Readonly<Record<DType, Range>> = {
  f32: range({ lo: -F32_MAX, hi: F32_MAX, tiny: F32_TINY, negativeZero: true }),
  i32: integerRange(I32_MIN, I32_MAX),
  bool: BOOL_RANGE,
};

/** A model that copies a state. */
function identityModel(state: State): ReturnType<typeof toOnnx> {
  const builder = new GraphBuilder();
  for (const [name, { dtype, shape }] of state) {
    const value = builder.input(name, { dtype, shape }, ANY[dtype], {
      kind: 'state',
      init: { kind: 'constant', value: 0 },
    });
    builder.output(name, value, 'state');
  }
  return toOnnx(builder.build(), { name: 'read' });
}
