/** Trains a job: chunks of steps, checkpoints with their roots, records, and events for whoever watches. */
import os from 'node:os';
import path from 'node:path';
import { GensynError, initialState, rootsOf, type CheckpointRecord, type Manifest } from '@gensyn/ir';
import { inlineCommitter, type Committed, type Committer } from './commit/committer.js';
import { installFastHash } from './commit/hash.js';
import { workerCommitter } from './commit/worker-committer.js';
import { openCpu } from './device/cpu.js';
import { holdoutEvaluator } from './evaluate-holdout.js';
import { createExecutor, LOOP_STATE_BYTES, memoryEstimate } from './executor/create-executor.js';
import { pacer } from './executor/pacer.js';
import type { Job } from './job/job.js';
import { lockFolder } from './run/lock.js';
import { writeLosses } from './run/losses.js';
import { appendRecord, readRecords } from './run/records.js';
import { openRun, resumeRun, RUN_FILES, writeProof } from './run/run-directory.js';
import { versions } from './run/versions.js';
import { appendLine } from './run/write-file.js';
import { checkHealth } from './check-health.js';
import type { Spent, TrainEvent, TrainOptions } from './train-event.js';

/**
 * Runs the job from its initial state, or from where the folder's run stands, to its last step. Checkpoints are taken at
 * multiples of `checkpointEvery` and at the end. Leaving the loop over the events ends the run after the chunk in progress.
 * Errors: R0203 to R0207, R0301 to R0303, R0401 and R0402 (with the step) when training diverges, R0501 to R0503.
 */
export async function* train(job: Job, options: TrainOptions): AsyncGenerator<TrainEvent, void, void> {
  const { manifest } = job;
  const { folder, device } = options;
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
    let state = found?.state ?? initialState(manifest, job.given);
    if (!found) {
      const { root } = rootsOf(state);
      if (root !== manifest.initRoot)
        throw new GensynError('R0106', 'the initial state is not the one that the manifest commits to');
      const record: CheckpointRecord = { step: 0, stateRoot: root, cursor: 0, time: 0 };
      appendRecord(file('records'), record);
      records.push(record);
    }
    const start = records.at(-1)!;
    const spent: Spent = { train: start.time, hash: 0, write: 0, commit: 0, holdout: 0 };
    yield {
      kind: 'start',
      step: start.step,
      steps: manifest.steps,
      resumed: found !== undefined,
      skipped: found?.skipped ?? [],
      memoryBytes: memoryEstimate(job.step, manifest),
      hash,
    };
    if (start.step >= manifest.steps) {
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
    const committer = committerFor(folder, manifest);
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

    while (executor.step < manifest.steps && !options.signal?.aborted) {
      const target = Math.min(
        manifest.steps,
        (Math.floor(executor.step / manifest.checkpointEvery) + 1) * manifest.checkpointEvery,
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
        secondsLeft: (manifest.steps - executor.step) / pace.rate(),
      };
      if (pending?.durable) yield await settle(pending);
      if (executor.step < target) continue;

      state = await timed(spent, 'train', () => executor.state());
      if (pending) yield await settle(pending);
      const record = {
        step: executor.step,
        loss: chunk.loss[chunk.count - 1]!,
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
        evaluator &&
        (executor.step === manifest.steps || (every === undefined ? cheap : checkpoints % every === 0));
      checkpoints++;
      if (due) current.holdout = await timed(spent, 'holdout', () => evaluator.evaluate(state));
    }
    if (pending) yield await settle(pending);

    const last = records.at(-1)!;
    const proofRoot = await timed(spent, 'commit', () => writeProof(folder, manifest, records));
    yield {
      kind: 'end',
      finished: last.step === manifest.steps,
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

/** A checkpoint that is being hashed and written while training goes on. */
interface Pending {
  readonly commitment: Promise<Committed>;
  durable: boolean;
  holdout: Record<string, number> | undefined;
}

/** States below this are committed faster than another thread starts. */
const ASIDE_BYTES = 256 * 2 ** 10;

/** Another thread where there is a processor for it and the state is worth copying, and small enough for that. */
function committerFor(folder: string, manifest: Manifest): Committer {
  const { stateBytes } = manifest.size;
  const aside = stateBytes >= ASIDE_BYTES && stateBytes <= LOOP_STATE_BYTES && os.availableParallelism() > 1;
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
