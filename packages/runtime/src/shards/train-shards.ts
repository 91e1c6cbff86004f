/** Trains a job in shards: rounds of all replicas and a merge, each durable before the next begins. */
import path from 'node:path';
import { GensynError, initialState, meanLoss, rootsOf, shardFolder, type CheckpointRecord } from '@gensyn/ir';
import { pruneCheckpoints } from '../checkpoint/checkpoint.js';
import { commitState } from '../commit/committer.js';
import { installFastHash } from '../commit/hash.js';
import { openCpu } from '../device/cpu.js';
import { holdoutEvaluator } from '../evaluate-holdout.js';
import { memoryEstimate } from '../executor/create-executor.js';
import { lockFolder } from '../run/lock.js';
import { writeLosses } from '../run/losses.js';
import { appendRecord, readRecords, writeRecords } from '../run/records.js';
import { openRun, resumeRun, RUN_FILES } from '../run/run-directory.js';
import { versions } from '../run/versions.js';
import { appendLine } from '../run/write-file.js';
import type { Spent, TrainEvent, TrainOptions } from '../train-event.js';
import { openMerger } from './merger.js';
import { bell, meanOf, progressOf } from './round-figures.js';
import { roundSteps, type ShardsJob } from './shards-job.js';
import { writeShardsProof } from './shards-proof.js';
import { openTeam } from './team.js';

export interface TrainShardsOptions extends Omit<TrainOptions, 'start' | 'until'> {
  /** Processes that train replicas side by side; 1 unless given: this one. */
  readonly processes?: number;
  /** Kernel of exact products in other processes, where the device was opened with one. */
  readonly products?: 'integer' | 'float';
}

/**
 * As `train`, with the same events: a round is what is a chunk and a checkpoint there, and records are of merged states. The folder holds the
 * job (`placeJob`); each shard's states and records lie in its own folder below. Errors: those of `train`, G0024, R0701.
 */
export async function* trainShards(
  job: ShardsJob,
  options: TrainShardsOptions,
): AsyncGenerator<TrainEvent, void, void> {
  const { whole, plan } = job;
  const { manifest } = whole;
  const { folder, device } = options;
  const hash = await installFastHash();
  const lock = lockFolder(folder);
  const closing: (() => Promise<void>)[] = [];
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, ...(options.signal ? [options.signal] : [])]);
  let pending: Promise<unknown> | undefined;
  const file = (name: keyof typeof RUN_FILES): string => path.join(folder, RUN_FILES[name]);
  const length = roundSteps(plan);
  try {
    if (!options.resume && readRecords(file('records')).length > 0) {
      throw new GensynError('R0207', `${path.basename(folder)} already holds a run`, {
        help: 'Go on with it by --resume, or give this run a folder of its own.',
      });
    }
    openRun(folder, manifest, { device: device.name, threads: device.threads, versions: await versions() });
    const merged = readRecords(file('records'));
    // Merges that the records of a shard do not reach, as they were lost, are done again.
    const reach = Math.min(...job.shards.map((_, shard) => reachOf(folder, shard, merged)));
    if (reach + 1 < merged.length) writeRecords(file('records'), merged.slice(0, reach + 1));
    const found = resumeRun(folder, manifest, whole.given);
    const records = [...(found?.records ?? [])];
    let state = found?.state ?? initialState(manifest, whole.given);
    if (records.length === 0) {
      const { root } = rootsOf(state);
      if (root !== manifest.initRoot)
        throw new GensynError('R0106', 'the initial state is not the one that the manifest commits to');
      records.push({ step: 0, stateRoot: root, cursor: 0, time: 0 });
      appendRecord(file('records'), records[0]!);
    }
    const parts = job.shards.map((_, shard) => settled(folder, shard, records));
    const start = records.at(-1)!;
    const spent: Spent = { train: start.time, hash: 0, write: 0, commit: 0, holdout: 0 };
    yield {
      kind: 'start',
      step: start.step,
      steps: manifest.steps,
      resumed: found !== undefined,
      skipped: found?.skipped ?? [],
      memoryBytes:
        (options.processes ?? 1) * memoryEstimate(whole.step, manifest) +
        memoryEstimate(job.merge.step, job.merge.manifest),
      hash,
    };
    const team = openTeam(job, {
      ...{ folder, device, products: options.products },
      processes: options.processes ?? 1,
    });
    closing.push(() => team.close());
    const merger = openMerger(job.merge, device);
    closing.push(() => merger.close());
    const every = options.holdoutEvery;
    const [first, ...more] = job.shards;
    const evaluator =
      every === 0 || start.step >= manifest.steps
        ? undefined
        : await holdoutEvaluator(
            ...([whole.evaluation, first!.manifest, first!.columns] as const),
            device.name === 'cpu' ? device : await openCpu(),
            more,
          );
    if (evaluator) closing.push(() => evaluator.close());
    const keep = keepOf(options, job);

    while (records.at(-1)!.step < manifest.steps && !signal.aborted) {
      const { step: from } = records.at(-1)!;
      const to = from + plan.sync;
      const began = performance.now();
      const stretches = job.shards.map((_, shard) => ({
        ...{ shard, from, to, time: parts[shard]!.at(-1)?.time ?? 0 },
        keepIn: folder,
      }));
      const far = new Map<number, { readonly steps: number; readonly loss: number }>();
      const told = bell();
      const running = (pending = team.round(
        state,
        stretches,
        (done) => {
          far.set(done.shard, done);
          told.ring();
        },
        signal,
      ));
      let over = false;
      const end = (): void => {
        over = true;
        told.ring();
      };
      running.then(end, end);
      for (await told.rung(); !over; await told.rung()) {
        lock.beat();
        const seconds = (performance.now() - began) / 1000;
        const event = progressOf(far, plan.count, from, manifest.steps, seconds);
        if (event) yield event;
      }
      const results = await running;
      if (!results) break;
      results.forEach(({ record }, shard) => {
        const [own, home] = [parts[shard]!, path.join(folder, shardFolder(shard))];
        own.push(record);
        appendRecord(path.join(home, RUN_FILES.records), record);
        if (keep !== 'all')
          pruneCheckpoints(
            home,
            own.map(({ step }) => step),
            keep,
          );
      });
      state = await merger.merge(
        results.map((result) => result.state),
        to,
      );
      const seconds = (performance.now() - began) / 1000;
      spent.train += seconds * 1000;
      const scalars = meanOf(results);
      writeLosses(file('losses'), scalars);
      const {
        record,
        hash: hashing,
        write,
      } = commitState(folder, manifest, {
        state,
        record: {
          ...{ step: from + length, loss: meanLoss(results.map((result) => result.record)) },
          ...{ cursor: (from + length) * manifest.batch, time: Math.round(spent.train) },
        },
        steps: records.map(({ step }) => step).filter((step) => step > 0),
        keep,
      });
      records.push(record);
      spent.hash += hashing + results.reduce((sum, result) => sum + result.spent.hash, 0);
      spent.write += write + results.reduce((sum, result) => sum + result.spent.write, 0);
      lock.beat();
      yield {
        ...{ kind: 'progress', step: record.step, scalars, stepsPerSecond: length / seconds },
        secondsLeft: ((manifest.steps - record.step) * seconds) / length,
      };
      const round = record.step / length;
      const cheap = spent.holdout <= 0.1 * (spent.train - start.time);
      const last = record.step === manifest.steps;
      const due = evaluator && (last || (every === undefined ? cheap : (round - 1) % every === 0));
      let holdout: Record<string, number> | undefined;
      if (due) {
        const asked = performance.now();
        holdout = await evaluator.evaluate(state);
        spent.holdout += performance.now() - asked;
        appendLine(file('holdout'), JSON.stringify({ step: record.step, ...holdout }));
      }
      yield { kind: 'checkpoint', record, ...(holdout ? { holdout } : {}), spent: { ...spent } };
    }

    const last = records.at(-1)!;
    const root = writeShardsProof(folder, manifest, records, parts);
    yield {
      ...{ kind: 'end', finished: last.step === manifest.steps, step: last.step, stateRoot: last.stateRoot },
      ...{ proofRoot: root, records, spent },
    };
  } finally {
    // A round under way ends before what it works with.
    ending.abort();
    await pending?.catch(() => undefined);
    for (const close of closing) await close();
    lock.release();
  }
}

/** How many merges a shard's records reach, of these. */
function reachOf(folder: string, shard: number, merged: readonly CheckpointRecord[]): number {
  const records = readRecords(path.join(folder, shardFolder(shard), RUN_FILES.records));
  const wrong = merged.slice(1).findIndex(({ step }, i) => records[i]?.step !== step - 1);
  return wrong < 0 ? merged.length - 1 : wrong;
}

/** A shard's records up to the last merge; what a stopped round left behind is done again. */
function settled(folder: string, shard: number, merged: readonly CheckpointRecord[]): CheckpointRecord[] {
  const file = path.join(folder, shardFolder(shard), RUN_FILES.records);
  const records = readRecords(file);
  const kept = records.slice(0, merged.length - 1);
  if (kept.length < records.length) writeRecords(file, kept);
  return kept;
}

/** Bytes of states below which all are kept. */
const KEEP_ALL_BYTES = 2 ** 30;

function keepOf({ keep }: TrainShardsOptions, { whole: { manifest }, plan }: ShardsJob): number | 'all' {
  if (keep !== undefined) return keep === 'all' ? 'all' : Math.max(1, keep);
  const states = (manifest.steps / roundSteps(plan)) * (plan.count + 1);
  return states * manifest.size.stateBytes <= KEEP_ALL_BYTES ? 'all' : 3;
}
