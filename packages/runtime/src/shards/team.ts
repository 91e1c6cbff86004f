/** Who runs the replicas of a round: this process, one after the other, or several processes side by side. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GensynError, type ErrorDetail, type State, type TensorValue } from '@gensyn/ir';
import type { Device, DeviceName } from '../device/device.js';
import type { StepScalars } from '../executor/executor.js';
import { openReplicas, type Progress, type Stretch, type Stretched } from './replica.js';
import type { ShardsJob } from './shards-job.js';

export interface Team {
  /** All stretches from one state; results in their order; undefined where the signal ended it. Errors: those of `Replicas.run`, R0701. */
  round(
    state: State,
    stretches: readonly Stretch[],
    progress?: Progress,
    signal?: AbortSignal,
  ): Promise<readonly Stretched[] | undefined>;
  close(): Promise<void>;
}

export interface TeamOptions {
  /** Of the job, from which other processes load it. */
  readonly folder: string;
  readonly device: Device;
  /** Kernel of exact products on the processor. */
  readonly products?: 'integer' | 'float' | undefined;
  readonly processes: number;
}

export function openTeam(job: ShardsJob, options: TeamOptions): Team {
  const processes = Math.min(options.processes, job.plan.count);
  return processes > 1 ? processTeam({ ...options, processes }) : ownTeam(job, options.device);
}

function ownTeam(job: ShardsJob, device: Device): Team {
  const replicas = openReplicas(job.shards, device);
  return {
    async round(state, stretches, progress, signal) {
      const results: Stretched[] = [];
      for (const stretch of stretches) {
        const done = await replicas.run(state, stretch, progress, signal);
        if (!done) return undefined;
        results.push(done);
      }
      return results;
    },
    close: () => replicas.close(),
  };
}

type Tensors = readonly (readonly [string, TensorValue])[];

export type TeamTask =
  | {
      readonly kind: 'open';
      readonly folder: string;
      readonly device: DeviceName;
      readonly threads: number;
      readonly products: 'integer' | 'float' | undefined;
    }
  | { readonly kind: 'run'; readonly state: Tensors; readonly stretches: readonly Stretch[] };

export type TeamAnswer =
  | { readonly kind: 'progress'; readonly shard: number; readonly steps: number; readonly loss: number }
  | { readonly kind: 'done'; readonly results: readonly SentStretch[] }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly detail: Pick<ErrorDetail, 'notes' | 'help'>;
    };

/** Maps and typed arrays go through as they are. */
export type SentStretch = Omit<Stretched, 'state'> & {
  readonly state: Tensors;
  readonly scalars: StepScalars;
};

function processTeam({ folder, device, products, processes }: TeamOptions): Team {
  const open: TeamTask = {
    ...{ kind: 'open', folder, device: device.name, products },
    threads: Math.max(1, Math.floor(device.threads / processes)),
  };
  const members = Array.from({ length: processes }, () => startMember(open));
  return {
    async round(state, stretches, progress, signal) {
      const results = new Map<number, Stretched>();
      const all = Promise.all(
        members.map(async (member, i) => {
          const own = stretches.filter((_, s) => s % processes === i);
          if (own.length === 0) return;
          const sent = await member.run({ kind: 'run', state: [...state], stretches: own }, progress);
          sent.forEach((result, s) =>
            results.set(own[s]!.shard, { ...result, state: new Map(result.state) }),
          );
        }),
      );
      // Whoever ends it closes the team, and what is under way with it.
      return (await unlessAborted(all, signal)) && stretches.map(({ shard }) => results.get(shard)!);
    },
    close: async () => void (await Promise.all(members.map((member) => member.close()))),
  };
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const end = (): void => resolve(undefined);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

interface Member {
  run(task: TeamTask, progress: Progress | undefined): Promise<readonly SentStretch[]>;
  close(): Promise<void>;
}

const CHILD = fileURLToPath(new URL('./team-child.js', import.meta.url));

function startMember(open: TeamTask): Member {
  const child: ChildProcess = fork(CHILD, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.send(open);
  return {
    run: (task, progress) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void): void => {
          child.off('message', answered);
          child.off('exit', broke);
          settle();
        };
        const broke = (): void =>
          finish(() =>
            reject(
              new GensynError('R0701', 'a process that trains replicas has ended before its work was done'),
            ),
          );
        const answered = (answer: TeamAnswer): void => {
          if (answer.kind === 'progress') progress?.(answer);
          else if (answer.kind === 'done') finish(() => resolve(answer.results));
          else finish(() => reject(new GensynError(answer.code, answer.message, answer.detail)));
        };
        child.on('message', answered);
        child.on('exit', broke);
        if (!child.connected) broke();
        else child.send(task);
      }),
    async close() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}
