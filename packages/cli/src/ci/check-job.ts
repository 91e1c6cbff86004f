/** One job in four steps, each held against its record: compile, lint, run (or go on from the cache), verify. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GensynError,
  JOB_FILES,
  MERGE_FOLDER,
  jobRoot,
  lintModel,
  type CheckpointRecord,
  type Manifest,
} from '@gensyn/ir';
import type { Device, Job } from '@gensyn/runtime';
import type { VerificationReport, VerifyOptions } from '@gensyn/verifier';
import { readClaim, readShardsClaim } from '../claimed-run.js';
import { compileSource } from '../compile-source.js';
import type { SourceJob } from '../find-job.js';
import type { Progress } from '../progress.js';
import { asGensynError, errorDocument } from '../report-error.js';
import { clearRun, placeJob, readPlace } from '../run-place.js';
import type { Settings } from '../settings.js';
import { duration, scaled } from '../words.js';
import { goldenFile, readGolden, writeGolden, type Golden } from './golden.js';

/** `new`: everything works and nothing is recorded to compare with. `skipped`: its data is not on this machine. */
export type Status = 'passed' | 'failed' | 'error' | 'new' | 'updated' | 'skipped';

export interface JobCheck {
  readonly name: string;
  /** Path of the job's text. */
  readonly job: string;
  readonly status: Status;
  /** What is not as it should be, one line each. */
  readonly findings: readonly string[];
  /** Seconds of each part. */
  readonly compile: number;
  readonly run: number;
  readonly verify: number;
  readonly seconds: number;
  readonly steps: number;
  /** Steps that the cache held already. */
  readonly cached: number;
  readonly stateRoot: string | undefined;
}

export interface CheckRequest {
  readonly job: SourceJob;
  /** Where this job's compiled form and run are kept from one time to the next. */
  readonly cache: string;
  readonly settings: Settings;
  readonly device: Device;
  readonly fresh: boolean;
  readonly update: boolean;
  /** Whether absent data is no error. */
  readonly allowMissing: boolean;
  readonly progress: Progress;
}

/** Never throws for what is wrong with the job: that is a finding. */
export async function checkJob(request: CheckRequest): Promise<JobCheck> {
  const { job, allowMissing } = request;
  const began = performance.now();
  const done: Mutable<Partial<JobCheck>> = {};
  const finish = (status: Status, findings: readonly string[]): JobCheck => ({
    ...{
      name: job.name,
      job: job.path,
      compile: 0,
      run: 0,
      verify: 0,
      steps: 0,
      cached: 0,
      stateRoot: undefined,
    },
    ...done,
    ...{ status, findings, seconds: (performance.now() - began) / 1000 },
  });
  try {
    const golden = readGolden(job.path);
    const findings = await check(request, golden, done);
    if (findings.length > 0) return finish('failed', findings);
    return finish(request.update ? 'updated' : golden ? 'passed' : 'new', []);
  } catch (thrown) {
    const error = asGensynError(thrown, 'ci');
    if (error.code === 'D0101' && allowMissing) return finish('skipped', [error.message]);
    const { error: document } = await errorDocument(error);
    const all = document['diagnostics'] as { code: string; message: string }[] | undefined;
    return finish(
      'error',
      (all ?? [document]).map(({ code, message }) => `error[${code}]: ${message}`),
    );
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

async function check(
  request: CheckRequest,
  golden: Golden | undefined,
  done: Mutable<Partial<JobCheck>>,
): Promise<string[]> {
  const { job, cache, settings, device, update, progress } = request;
  const clock = stopwatch();
  const [build, run] = [join(cache, 'job'), join(cache, 'run')];
  mkdirSync(cache, { recursive: true });
  progress.update(0, 1, [`${job.name}: compiling`]);
  const { manifest } = await compileSource({ job, settings, set: golden?.set ?? {}, out: build });
  done.steps = manifest.steps;
  done.compile = clock();
  const findings = [...lint(build, manifest), ...(golden && !update ? compareRoots(manifest, golden) : [])];
  if (findings.length > 0) return findings;

  const loaded = await placed(build, run, manifest, request.fresh);
  done.cached = loaded.done;
  const records = await trained(loaded.job, run, device, job.name, progress);
  done.stateRoot = records.at(-1)!.stateRoot;
  done.run = clock();
  const options: VerifyOptions = {
    progress: ({ done: at, total }) => progress.update(at, total, [`${job.name}: verifying`]),
  };
  const report = await verified(run, manifest, device, options);
  done.verify = clock();
  findings.push(...report.findings.map(({ code, message }) => `error[${code}]: ${message}`));
  if (update && findings.length === 0) writeGolden(job.path, manifest, records, golden?.set);
  else if (golden) findings.push(...compareStates(records, golden));
  return findings;
}

/** Seconds since it was asked last. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = (now - last) / 1000;
    last = now;
    return seconds;
  };
}

function lint(build: string, { shards }: Manifest): string[] {
  const merge = shards ? [join(MERGE_FOLDER, JOB_FILES.step)] : [];
  return [JOB_FILES.step, JOB_FILES.evaluation, ...merge].flatMap((file) =>
    lintModel(readFileSync(join(build, file))).violations.map(
      ({ code, node, message }) =>
        `error[${code}]: ${file}${node === undefined ? '' : `, ${node}`}: ${message}`,
    ),
  );
}

function compareRoots(manifest: Manifest, golden: Golden): string[] {
  return (['graphRoot', 'evalRoot', 'dataRoot'] as const).flatMap((key) =>
    manifest[key] === golden[key]
      ? []
      : [`${WORDS[key]} root is ${manifest[key]}, recorded is ${golden[key]}`],
  );
}

const WORDS = { graphRoot: 'graph', evalRoot: 'evaluation', dataRoot: 'data' } as const;

function compareStates(records: readonly CheckpointRecord[], golden: Golden): string[] {
  const found = new Map(records.map(({ step, stateRoot }) => [step, stateRoot]));
  return Object.entries(golden.states).flatMap(([step, root]) => {
    const here = found.get(Number(step));
    return here === root
      ? []
      : [`state root after ${step} steps is ${here ?? 'missing'}, recorded is ${root}`];
  });
}

/** Replays the sample that the job asks for. */
async function verified(
  run: string,
  manifest: Manifest,
  device: Device,
  options: VerifyOptions,
): Promise<VerificationReport> {
  const { loadJob, loadShards, makeReplayer, makeShardsReplayer } = await import('@gensyn/runtime');
  const { verifyRun, verifyShards } = await import('@gensyn/verifier');
  const full = { full: true };
  if (!manifest.shards) {
    const { run: claim } = await readClaim(run, manifest);
    return verifyRun(claim, makeReplayer(await loadJob(run, full), run, device), options);
  }
  const { run: claim } = await readShardsClaim(run, manifest);
  const replayer = makeShardsReplayer(await loadShards(run, full), run, device);
  try {
    return await verifyShards(claim, replayer, options);
  } finally {
    await replayer.close();
  }
}

/** The job in the folder of its run, which is kept if it is of the same job. */
async function placed(
  build: string,
  run: string,
  manifest: Manifest,
  fresh: boolean,
): Promise<{ job: Job; done: number }> {
  const { loadJob } = await import('@gensyn/runtime');
  let place = await readPlace(run).catch(() => undefined);
  if (!place || (place.info && (fresh || place.info.job !== jobRoot(manifest)))) {
    await clearRun(run);
    place = undefined;
  }
  placeJob(build, run, manifest);
  return { job: await loadJob(run), done: place?.done ?? 0 };
}

async function trained(
  job: Job,
  folder: string,
  device: Device,
  name: string,
  progress: Progress,
): Promise<readonly CheckpointRecord[]> {
  const { loadShards, train, trainShards } = await import('@gensyn/runtime');
  const options = { folder, device, resume: true, keep: 'all', holdoutEvery: 0 } as const;
  const events = job.manifest.shards ? trainShards(await loadShards(folder), options) : train(job, options);
  for await (const event of events) {
    if (event.kind === 'progress') {
      const facts = [
        `${name}: training`,
        `${scaled(event.stepsPerSecond)} steps/s`,
        `${duration(event.secondsLeft)} left`,
      ];
      progress.update(event.step, job.manifest.steps, facts);
    }
    if (event.kind === 'end') return event.records;
  }
  throw new GensynError('R0206', `the run of ${name} did not end`, { help: goldenFile(name) });
}
