/** Runs one step a call: for states too large to hold several times, on the processor. */
import { type State, type TensorValue, allocate, elements } from '@gensyn/ir';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { cellsFor } from '../data/sources.js';
import { createSession, fromTensor, loadRuntime, runSession, toTensor } from '../device/onnxruntime.js';
import { collectGarbage } from './collect-garbage.js';
import type { Executor } from './executor.js';
import { overwritable } from './overwrite.js';
import { scalarsOf, type StepPlan } from './step-plan.js';

export async function stepExecutor(plan: StepPlan, initial: State, step: number): Promise<Executor> {
  const runtime = await loadRuntime();
  const session = await createSession(plan.model, {
    threads: plan.device.threads,
    providers: plan.device.providers(plan.model),
  });
  const inPlace = overwritable(plan.model, plan.states);
  const scalars = scalarsOf(plan);
  let cells = plan.sources.map((source) => ({ source, data: cellsFor(source, 1) }));
  let state = initial;
  // Where the next state goes: onto the present one where that is read before, else into buffers that take turns.
  const besides = (from: State): State =>
    new Map([...from].map(([name, value]) => [name, inPlace.has(name) ? value : emptyLike(value)]));
  let spare = besides(initial);
  let done = step;

  // Of the results only the scalars outlive this function, so that the rest can be collected.
  async function runScalars(
    feeds: InferenceSession.FeedsType,
    fetches: InferenceSession.FetchesType,
  ): Promise<Record<string, Float32Array>> {
    const results = await runSession(session, feeds, fetches);
    return Object.fromEntries(
      scalars.map((name) => [name, Float32Array.from(fromTensor(results[name]!, 'f32').data)]),
    );
  }

  async function one(): Promise<Record<string, Float32Array>> {
    const feeds: Record<string, Tensor> = {};
    const fetches: Record<string, Tensor | null> = {};
    for (const [name, value] of state) feeds[name] = toTensor(runtime, value);
    for (const [name, value] of spare) fetches[`next.${name}`] = toTensor(runtime, value);
    for (const { source, data } of cells) {
      source.fill(done, data, 0);
      feeds[source.name] = toTensor(runtime, { ...source.type, data });
    }
    for (const name of scalars) fetches[name] = null;
    const values = await runScalars(feeds, fetches as InferenceSession.FetchesType);
    collectGarbage();
    [state, spare] = [spare, state];
    done++;
    return values;
  }

  return {
    get step() {
      return done;
    },
    chunkLimit: 64,
    run: (count) => collectSteps(plan, done, count, one),
    restart(from, at, inputs) {
      [state, done] = [from, at];
      spare = besides(from);
      if (inputs) cells = inputs.map((source, i) => ({ source, data: cells[i]!.data }));
    },
    state: () => Promise.resolve(state),
    close: () => session.release(),
  };
}

/** Runs `count` single steps and lines their scalars up. */
export async function collectSteps(
  plan: StepPlan,
  first: number,
  count: number,
  one: () => Promise<Record<string, Float32Array>>,
): ReturnType<Executor['run']> {
  const row = (name: string | undefined): Float32Array => new Float32Array(name === undefined ? 0 : count);
  const chunk = {
    first,
    count,
    loss: row(plan.loss),
    health: row(plan.health),
    metrics: new Map(plan.metrics.map((name) => [name, row(name)])),
  };
  for (let i = 0; i < count; i++) {
    const values = await one();
    if (plan.loss !== undefined) chunk.loss[i] = values[plan.loss]![0]!;
    if (plan.health !== undefined) chunk.health[i] = values[plan.health]![0]!;
    for (const [name, data] of chunk.metrics) data[i] = values[name]![0]!;
  }
  return chunk;
}

function emptyLike(value: TensorValue): TensorValue {
  return { dtype: value.dtype, shape: value.shape, data: allocate(value.dtype, elements(value.shape)) };
}
