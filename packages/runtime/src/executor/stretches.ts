/** Runs stretches of a job, each from a state of its own: those that come one after the other share a session. */
import type { State } from '@gensyn/ir';
import { checkHealth } from '../check-health.js';
import type { Device } from '../device/device.js';
import type { Job } from '../job/job.js';
import { createExecutor } from './create-executor.js';
import type { Executor } from './executor.js';
import { pacer } from './pacer.js';

export interface Stretch {
  readonly state: State;
  /** Of the last step; undefined where the graph has none. */
  readonly loss: number | undefined;
  /** That the steps took, without what it takes to begin. */
  readonly milliseconds: number;
}

export interface Stretches {
  /** Steps `from` .. `to - 1`; may write over `state`. Errors: R0108, R0303, R0401, R0402, R0502, and those of the data. */
  run(state: State, from: number, to: number, progress?: (step: number) => void): Promise<Stretch>;
  close(): Promise<void>;
}

/** A session takes several times the state for as long as it is kept; from this size on, one is soon made beside what a step takes. */
const KEPT_STATE_BYTES = 32 * 2 ** 20;

/** Opens nothing yet. */
export function stretchesOf({ step: graph, manifest, columns }: Job, device: Device): Stretches {
  let idle: Executor | undefined;
  let closed = false;

  async function borrow(state: State, from: number): Promise<Executor> {
    const kept = idle;
    idle = undefined;
    if (!kept) return createExecutor(graph, manifest, columns, device, state, from);
    try {
      kept.restart(state, from);
      return kept;
    } catch (error) {
      await kept.close();
      throw error;
    }
  }

  async function giveBack(executor: Executor): Promise<void> {
    // Two stretches at the same time have a session each, of which one stays.
    if (closed || idle || manifest.size.stateBytes > KEPT_STATE_BYTES) await executor.close();
    else idle = executor;
  }

  return {
    async run(state, from, to, progress) {
      const executor = await borrow(state, from);
      try {
        const began = performance.now();
        const pace = pacer(executor.chunkLimit);
        let loss: number | undefined;
        while (executor.step < to) {
          const start = performance.now();
          const chunk = await executor.run(Math.min(pace.next(), to - executor.step));
          pace.took(chunk.count, performance.now() - start);
          checkHealth(chunk, manifest);
          loss = chunk.loss[chunk.count - 1];
          progress?.(executor.step);
        }
        const reached = await executor.state();
        const milliseconds = performance.now() - began;
        await giveBack(executor);
        return { state: reached, loss, milliseconds };
      } catch (error) {
        await executor.close();
        throw error;
      }
    },
    async close() {
      closed = true;
      const kept = idle;
      idle = undefined;
      await kept?.close();
    },
  };
}
