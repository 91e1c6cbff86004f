/** What is told of a round: how far it is while it goes on, and what its replicas came to together. */
import type { StepScalars } from '../executor/executor.js';
import type { TrainEvent } from '../train-event.js';
import type { Stretched } from './replica.js';

/** Wakes whoever waits for it, or will; rung again before that, it wakes once. */
export function bell(): { ring(): void; rung(): Promise<void> } {
  let wake: () => void = () => undefined;
  let rung = new Promise<void>((resolve) => (wake = resolve));
  return {
    ring: () => wake(),
    async rung() {
      await rung;
      rung = new Promise((resolve) => (wake = resolve));
    },
  };
}

/** How far a round is: the mean of what its replicas have done. */
export function progressOf(
  far: ReadonlyMap<number, { readonly steps: number; readonly loss: number }>,
  count: number,
  from: number,
  steps: number,
  seconds: number,
): Extract<TrainEvent, { kind: 'progress' }> | undefined {
  const all = [...far.values()];
  const done = Math.floor(all.reduce((sum, each) => sum + each.steps, 0) / count);
  if (done === 0) return undefined;
  const loss = all.reduce((sum, each) => sum + each.loss, 0) / all.length;
  const stepsPerSecond = done / seconds;
  return {
    ...{ kind: 'progress', step: from + done, stepsPerSecond },
    scalars: {
      ...{ first: from + done - 1, count: 1, loss: Float32Array.of(loss) },
      ...{ health: new Float32Array(0), metrics: new Map() },
    },
    secondsLeft: (steps - from - done) / stepsPerSecond,
  };
}

/** Means over the replicas, step by step; the merge's own place repeats the last. */
export function meanOf(results: readonly Stretched[]): StepScalars {
  const [{ scalars }] = results as readonly [Stretched, ...Stretched[]];
  const mean = (of: (scalars: StepScalars) => Float32Array): Float32Array =>
    Float32Array.from({ length: scalars.count + 1 }, (_, i) => {
      const at = Math.min(i, scalars.count - 1);
      return results.reduce((sum, result) => sum + of(result.scalars)[at]!, 0) / results.length;
    });
  return {
    ...{ first: scalars.first, count: scalars.count + 1, loss: mean(({ loss }) => loss) },
    health: new Float32Array(0),
    metrics: new Map(
      [...scalars.metrics.keys()].map((name) => [name, mean(({ metrics }) => metrics.get(name)!)]),
    ),
  };
}
