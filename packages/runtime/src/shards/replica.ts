/** Trains the replicas of a job one after the other, in one session: they differ only in their data. */
import path from 'node:path';
import { rootsOf, shardFolder, type CheckpointRecord, type State } from '@gensyn/ir';
import { checkHealth } from '../check-health.js';
import { writeCheckpoint } from '../checkpoint/checkpoint.js';
import { sourceInputs, type SourceInput } from '../data/sources.js';
import type { Device } from '../device/device.js';
import { createExecutor } from '../executor/create-executor.js';
import type { Executor, StepScalars } from '../executor/executor.js';
import { pacer } from '../executor/pacer.js';
import { checkStateRange } from '../job/load-job.js';
import type { Job } from '../job/job.js';

/** One replica's part of a round. */
export interface Stretch {
  readonly shard: number;
  /** Steps done before, and after, by the state's counter. */
  readonly from: number;
  readonly to: number;
  /** The replica's last record, if it has one: its time goes on from there. */
  readonly time: number;
  /** The run's folder, where the state reached is made durable; nowhere unless given. The same bits may be written twice. */
  readonly keepIn?: string;
}

export interface Stretched {
  readonly record: CheckpointRecord;
  readonly state: State;
  /** Of every step, in order. */
  readonly scalars: StepScalars;
  /** Milliseconds of training, hashing and writing. */
  readonly spent: { readonly train: number; readonly hash: number; readonly write: number };
}

/** What a replica has done of its stretch, with its last loss. */
export type Progress = (done: {
  readonly shard: number;
  readonly steps: number;
  readonly loss: number;
}) => void;

export interface Replicas {
  /**
   * The state is only read. One at a time; undefined where the signal ended it. Errors: those of running a step, R0401 to R0403, R0501, R0503.
   */
  run(
    state: State,
    stretch: Stretch,
    progress?: Progress,
    signal?: AbortSignal,
  ): Promise<Stretched | undefined>;
  close(): Promise<void>;
}

/** Opens the session when it is first needed. */
export function openReplicas(jobs: readonly Job[], device: Device): Replicas {
  const inputs = new Map<number, readonly SourceInput[]>();
  let opened: Executor | undefined;

  function inputsOf(shard: number): readonly SourceInput[] {
    const { step, manifest, columns } = jobs[shard]!;
    const known = inputs.get(shard) ?? sourceInputs(step, manifest, columns);
    inputs.set(shard, known);
    return known;
  }

  async function executorAt(shard: number, state: State, from: number): Promise<Executor> {
    const { step, manifest, columns } = jobs[shard]!;
    // An executor may write over the state that it starts from.
    const own = copied(state);
    if (opened) opened.restart(own, from, inputsOf(shard));
    else opened = await createExecutor(step, manifest, columns, device, own, from);
    return opened;
  }

  async function close(): Promise<void> {
    const kept = opened;
    opened = undefined;
    await kept?.close();
  }

  return {
    async run(state, { shard, from, to, time, keepIn }, progress, signal) {
      const { manifest, step } = jobs[shard]!;
      checkStateRange(step, state, `the state before step ${from}`);
      try {
        const executor = await executorAt(shard, state, from);
        const chunks: StepScalars[] = [];
        const began = performance.now();
        const pace = pacer(executor.chunkLimit);
        while (executor.step < to) {
          if (signal?.aborted) return undefined;
          const start = performance.now();
          // Rounds are short, and most like the one before: as many steps as a call takes, unless they turn out slow.
          const most = chunks.length === 0 && to - from <= FIRST ? FIRST : pace.next();
          const chunk = await executor.run(Math.min(most, executor.chunkLimit, to - executor.step));
          pace.took(chunk.count, performance.now() - start);
          checkHealth(chunk, manifest);
          chunks.push(copiedScalars(chunk));
          progress?.({ shard, steps: executor.step - from, loss: chunk.loss[chunk.count - 1]! });
        }
        const reached = copied(await executor.state());
        const train = performance.now() - began;
        const scalars = joined(chunks);
        const hashing = performance.now();
        const roots = rootsOf(reached);
        const writing = performance.now();
        if (keepIn !== undefined)
          writeCheckpoint(path.join(keepIn, shardFolder(shard)), manifest, reached, to, roots);
        const record = {
          ...{ step: to, stateRoot: roots.root, loss: scalars.loss[scalars.count - 1]! },
          ...{ cursor: to * manifest.batch, time: time + Math.round(train) },
        };
        const [hash, write] = [writing - hashing, performance.now() - writing];
        return { record, state: reached, scalars, spent: { train, hash, write } };
      } catch (error) {
        // What a failed session holds is unknown.
        await close();
        throw error;
      }
    },
    close,
  };
}

/** Rounds of up to this many steps are run in one call. */
const FIRST = 64;

function copied(state: State): State {
  return new Map([...state].map(([name, value]) => [name, { ...value, data: value.data.slice() }]));
}

function copiedScalars({ first, count, loss, health, metrics }: StepScalars): StepScalars {
  return {
    ...{ first, count, loss: loss.slice(), health: health.slice() },
    metrics: new Map([...metrics].map(([name, values]) => [name, values.slice()])),
  };
}

function joined(chunks: readonly StepScalars[]): StepScalars {
  const line = (of: (chunk: StepScalars) => Float32Array): Float32Array =>
    Float32Array.from(chunks.flatMap((chunk) => [...of(chunk)]));
  const [first] = chunks;
  return {
    first: first!.first,
    count: chunks.reduce((sum, { count }) => sum + count, 0),
    loss: line(({ loss }) => loss),
    health: line(({ health }) => health),
    metrics: new Map(
      [...first!.metrics.keys()].map((name) => [name, line(({ metrics }) => metrics.get(name)!)]),
    ),
  };
}
