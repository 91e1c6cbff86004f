/** Runs many steps a call on the processor: the step graph inside an ONNX Loop. For states that are small beside the memory. */
import { type State } from '@gensyn/ir';
import { cellsFor, type SourceInput } from '../data/sources.js';
import { createSession, fromTensor, loadRuntime, runSession, toTensor } from '../device/onnxruntime.js';
import type { Executor, StepScalars } from './executor.js';
import { LOOP, loopModel } from './loop-model.js';
import { scalarsOf, type StepPlan } from './step-plan.js';

/** Bytes of stacked inputs of one call, and most steps of one call. */
const STACK_BYTES = 64 * 2 ** 20;
const MAX_STEPS = 4096;

export async function loopExecutor(plan: StepPlan, initial: State, step: number): Promise<Executor> {
  const runtime = await loadRuntime();
  const scalars = scalarsOf(plan);
  const model = loopModel(plan.model, {
    states: plan.states,
    sources: plan.sources.map((s) => s.name),
    scalars,
  });
  const session = await createSession(model, {
    threads: plan.device.threads,
    providers: plan.device.providers(plan.model),
  });
  const stepBytes = plan.sources.reduce((sum, source) => sum + source.size * 4, 0);
  const chunkLimit = Math.max(1, Math.min(MAX_STEPS, Math.floor(STACK_BYTES / Math.max(1, stepBytes))));
  const stacks = new Map<string, ReturnType<typeof cellsFor>>();
  let { sources } = plan;
  let room = 0;
  let state = initial;
  let done = step;

  function stackOf(source: SourceInput, count: number): ReturnType<typeof cellsFor> {
    const known = stacks.get(source.name);
    if (known && known.length >= source.size * count) return known;
    const fresh = cellsFor(source, room);
    stacks.set(source.name, fresh);
    return fresh;
  }

  return {
    get step() {
      return done;
    },
    chunkLimit,
    async run(count) {
      if (count > room) room = Math.min(chunkLimit, Math.max(count, room * 2));
      const feeds: Record<string, import('onnxruntime-node').Tensor> = {
        [LOOP.trips]: new runtime.Tensor('int64', BigInt64Array.of(BigInt(count)), []),
      };
      for (const [name, value] of state) feeds[LOOP.stateIn(name)] = toTensor(runtime, value);
      for (const source of sources) {
        const stack = stackOf(source, count);
        for (let i = 0; i < count; i++) source.fill(done + i, stack, i * source.size);
        feeds[LOOP.stack(source.name)] = toTensor(runtime, {
          dtype: source.type.dtype,
          shape: [count, ...source.type.shape],
          data: stack.subarray(0, count * source.size),
        });
      }
      const results = await runSession(session, feeds);
      state = new Map(
        [...state].map(([name, { dtype }]) => [name, fromTensor(results[LOOP.stateOut(name)]!, dtype)]),
      );
      const scan = (name: string | undefined): Float32Array =>
        name === undefined ? new Float32Array(0) : (results[LOOP.scan(name)]!.data as Float32Array);
      const chunk: StepScalars = {
        first: done,
        count,
        loss: scan(plan.loss),
        health: scan(plan.health),
        metrics: new Map(plan.metrics.map((name) => [name, scan(name)])),
      };
      done += count;
      return chunk;
    },
    restart(from, at, inputs = sources) {
      [state, done, sources] = [from, at, inputs];
    },
    state: () => Promise.resolve(state),
    close: () => session.release(),
  };
}
