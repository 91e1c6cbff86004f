/** Trains a job: chunks of steps, checkpoints with their roots, records, and events for whoever watches. */
import os from 'node:os';
import path from 'node:path';
import {
  GensynError,
  initialState,
  rootsOf,
  type CheckpointRecord,
  type Manifest,
  type State,
} from '@gensyn/ir';
import { stateOf, writeCheckpoint } from './checkpoint/checkpoint.js';
import { inlineCommitter, type Committed, type Committer } from './commit/committer.js';
import { installFastHash } from './commit/hash.js';
import { workerCommitter } from './commit/worker-committer.js';
import { openCpu } from './device/cpu.js';
import { holdoutEvaluator } from './evaluate-holdout.js';
import { createExecutor, LOOP_STATE_BYTES, memoryEstimate } from './executor/create-executor.js';
import { pacer } from './executor/pacer.js';
import type { Job } from './job/job.js';
import { checkStateRange } from './job/load-job.js';
import { lockFolder } from './run/lock.js';
import { writeLosses } from './run/losses.js';
import { appendRecord, readRecords } from './run/records.js';
import { openRun, resumeRun, RUN_FILES, writeProof } from './run/run-directory.js';
import { versions } from './run/versions.js';
import { appendLine } from './run/write-file.js';
import { checkHealth } from './check-health.js';
import type { Spent, TrainEvent, TrainOptions } from './train-event.js';

/**
 * Runs the job from its initial state (or from `start`), or from where the folder's run stands, to its last step (or to `until`).
 * Checkpoints are taken every `checkpointEvery` steps from the start of the run and at its end. Leaving the loop over the events ends the run after the chunk in progress.
 * Errors: R0110 for a job in shards, R0203 to R0208, R0301 to R0303, R0401 and R0402 (with the step) when training diverges, R0501 to R0503.
 */
export async function* train(job: Job, options: TrainOptions): AsyncGenerator<TrainEvent, void, void> {
  const { manifest } = job;
  const { folder, device } = options;
  if (manifest.shards)
    throw new GensynError('R0110', `${manifest.name} is trained in shards, not as a whole`);
  const hash = await installFastHash();
  const lock = lockFolder(folder);
  const closing: (() => Promise<void>)[] = [];
  let pending: Pending | undefined;
  const file = (name: keyof typeof RUN_FILES): string => path.join(folder, RUN_FILES[name]);
  try {
    if (!options.resume && readRecords(file('records')).length > 0) {
      throw new GensynError('R0207', `${path.basename(folder)} already holds a run`, {
        help: 'Go on with it by --resume, or give this run a folder of its own.',
      });
    }
    openRun(folder, manifest, { device: device.name, threads: device.threads, versions: await versions() });
    const found = resumeRun(folder, manifest, job.given);
    const records = [...(found?.records ?? [])];
    const first = records[0]?.step ?? options.start?.step ?? 0;
    const end = endOf(manifest, first, options.until);
    let state: State;
    if (found) {
      state = found.state;
      checkBeginning(records[0]!, options);
    } else {
      const { step, state: given } = options.start ?? { step: 0, state: initialState(manifest, job.given) };
      state = stateOf(given, manifest, step);
      records.push(begin(job, folder, state, step));
    }
    const start = records.at(-1)!;
    const spent: Spent = { train: start.time, hash: 0, write: 0, commit: 0, holdout: 0 };
    yield {
      kind: 'start',
      step: start.step,
      steps: end,
      resumed: found !== undefined,
      skipped: found?.skipped ?? [],
      memoryBytes: memoryEstimate(job.step, manifest),
      hash,
    };
    if (start.step >= end) {
      yield {
        kind: 'end',
        finished: true,
        step: start.step,
        stateRoot: start.stateRoot,
        proofRoot: writeProof(folder, manifest, records),
        records,
        spent,
      };
      return;
    }

    // Before anything slow: another thread takes a while to start.
    const committer = committerFor(folder, manifest, end - start.step);
    closing.push(() => committer.close());
    const executor = await createExecutor(job.step, manifest, job.columns, device, state, start.step);
    closing.push(() => executor.close());
    const every = options.holdoutEvery;
    const evaluator =
      every === 0
        ? undefined
        : await holdoutEvaluator(
            job.evaluation,
            manifest,
            job.columns,
            device.name === 'cpu' ? device : await openCpu(),
          );
    if (evaluator) closing.push(() => evaluator.close());
    const keep = keepOf(options, manifest);
    const pace = pacer(executor.chunkLimit);
    let checkpoints = 0;

    /** Takes note of a commitment that is durable. */
    const settle = async ({ commitment, holdout }: Pending): Promise<TrainEvent> => {
      const { record, hash, write } = await timed(spent, 'commit', () => commitment);
      pending = undefined;
      records.push(record);
      spent.hash += hash;
      spent.write += write;
      if (holdout) appendLine(file('holdout'), JSON.stringify({ step: record.step, ...holdout }));
      return { kind: 'checkpoint', record, ...(holdout ? { holdout } : {}), spent: { ...spent } };
    };

    while (executor.step < end && !options.signal?.aborted) {
      const target = Math.min(
        end,
        first +
          (Math.floor((executor.step - first) / manifest.checkpointEvery) + 1) * manifest.checkpointEvery,
      );
      const began = performance.now();
      const chunk = await executor.run(Math.min(pace.next(), target - executor.step));
      const milliseconds = performance.now() - began;
      spent.train += milliseconds;
      pace.took(chunk.count, milliseconds);
      writeLosses(file('losses'), chunk);
      checkHealth(chunk, manifest);
      lock.beat();
      yield {
        kind: 'progress',
        step: executor.step,
        scalars: chunk,
        stepsPerSecond: pace.rate(),
        secondsLeft: (end - executor.step) / pace.rate(),
      };
      if (pending?.durable) yield await settle(pending);
      if (executor.step < target) continue;

      state = await timed(spent, 'train', () => executor.state());
      if (pending) yield await settle(pending);
      const record = {
        step: executor.step,
        ...(chunk.loss.length > 0 ? { loss: chunk.loss[chunk.count - 1]! } : {}),
        cursor: executor.step * manifest.batch,
        time: Math.round(spent.train),
      };
      const posted = performance.now();
      const commitment = committer.commit({
        state,
        record,
        steps: records.map(({ step }) => step).filter((step) => step > 0),
        keep,
      });
      const current: Pending = (pending = { commitment, durable: false, holdout: undefined });
      commitment.then(
        () => (current.durable = true),
        // Reported where it is awaited.
        () => (current.durable = true),
      );
      spent.commit += performance.now() - posted;
      const cheap = spent.holdout <= 0.1 * (spent.train - start.time);
      const due =
        evaluator && (executor.step === end || (every === undefined ? cheap : checkpoints % every === 0));
      checkpoints++;
      if (due) current.holdout = await timed(spent, 'holdout', () => evaluator.evaluate(state));
    }
    if (pending) yield await settle(pending);

    const last = records.at(-1)!;
    const proofRoot = await timed(spent, 'commit', () => writeProof(folder, manifest, records));
    yield {
      kind: 'end',
      finished: last.step === end,
      step: last.step,
      stateRoot: last.stateRoot,
      proofRoot,
      records,
      spent,
    };
  } finally {
    // A checkpoint on its way to the disk gets there, whatever ended the run.
    await pending?.commitment.catch(() => undefined);
    for (const close of closing) await close();
    lock.release();
  }
}

/** Makes the first record of a run durable, after the state that it names. Errors: R0106, R0208, R0403, R0501, R0503. */
function begin(job: Job, folder: string, state: State, step: number): CheckpointRecord {
  const { manifest } = job;
  if (!Number.isInteger(step) || step < 0 || step > manifest.steps)
    throw new GensynError('R0208', `a run of ${manifest.steps} steps cannot begin after ${step}`);
  const roots = rootsOf(state);
  if (step === 0 && roots.root !== manifest.initRoot)
    throw new GensynError('R0106', 'the initial state is not the one that the manifest commits to');
  // The initial state is computed again where it is needed.
  if (step > 0) {
    checkStateRange(job.step, state, `the state before step ${step}`);
    writeCheckpoint(folder, manifest, state, step, roots);
  }
  const record = { step, stateRoot: roots.root, cursor: step * manifest.batch, time: 0 };
  appendRecord(path.join(folder, RUN_FILES.records), record);
  return record;
}

/** Errors: R0208 for a run that began elsewhere. */
function checkBeginning(first: CheckpointRecord, { start }: TrainOptions): void {
  if (!start || (start.step === first.step && rootsOf(start.state).root === first.stateRoot)) return;
  throw new GensynError('R0208', `the folder's run begins after step ${first.step}, from another state`, {
    help: 'Give this run a folder of its own.',
  });
}

/** Errors: R0208 */
function endOf(manifest: Manifest, first: number, until = manifest.steps): number {
  const whole = Number.isInteger(until) && (until - first) % manifest.checkpointEvery === 0;
  if (until === manifest.steps || (until >= first && until < manifest.steps && whole)) return until;
  throw new GensynError(
    'R0208',
    `a run from step ${first} of ${manifest.steps} in intervals of ${manifest.checkpointEvery} cannot end at ${until}`,
  );
}

/** A checkpoint that is being hashed and written while training goes on. */
interface Pending {
  readonly commitment: Promise<Committed>;
  durable: boolean;
  holdout: Record<string, number> | undefined;
}

/** A state below the first, or states that add up to less than the second, are committed before another thread would be up. */
const ASIDE_BYTES = 256 * 2 ** 10;
const ASIDE_BYTES_IN_ALL = 12 * 2 ** 20;

/** Another thread where there is a processor for it and the states are worth copying, and small enough for that. */
function committerFor(folder: string, manifest: Manifest, steps: number): Committer {
  const { stateBytes } = manifest.size;
  const all = Math.ceil(steps / manifest.checkpointEvery) * stateBytes;
  const worth = stateBytes >= ASIDE_BYTES && all >= ASIDE_BYTES_IN_ALL;
  const aside = worth && stateBytes <= LOOP_STATE_BYTES && os.availableParallelism() > 1;
  return aside ? workerCommitter(folder, manifest) : inlineCommitter(folder, manifest);
}

async function timed<T>(spent: Spent, purpose: keyof Spent, work: () => T | Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    spent[purpose] += performance.now() - began;
  }
}

/** Bytes of checkpoints below which all are kept. */
const KEEP_ALL_BYTES = 2 ** 30;

function keepOf({ keep }: TrainOptions, manifest: Manifest): number | 'all' {
  if (keep !== undefined) return keep === 'all' ? 'all' : Math.max(1, keep);
  const count = Math.ceil(manifest.steps / manifest.checkpointEvery);
  return count * manifest.size.stateBytes <= KEEP_ALL_BYTES ? 'all' : 3;
}
