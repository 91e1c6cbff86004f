/** Does the steps of a claim and keeps the states after its intervals: by training, or interval by interval on a machine that lies. */
import fs from 'node:fs';
import path from 'node:path';
import { rootsOf, type CheckpointRecord, type Manifest, type State } from '@gensyn/ir';
import {
  readCheckpoint,
  readRecords,
  RUN_FILES,
  train,
  writeCheckpoint,
  type Device,
  type Machine,
} from '@gensyn/runtime';
import type { ClaimRecord } from '../artefacts/index.js';
import type { OpenJob, Stretch } from './shelf.js';

export interface RunOptions {
  readonly open: OpenJob;
  readonly folder: string;
  readonly stretch: Stretch;
  readonly device: Device;
  /** The state before; asked for only where the folder holds none. */
  readonly before: () => Promise<State>;
  /** Ends it after the steps in progress. */
  readonly signal: AbortSignal;
  readonly progress: (step: number, stepsPerSecond: number) => void;
  /** Machine that computes something else. */
  readonly liar?: Machine;
}

/** Those of a run that a folder holds: one for each interval done. */
export function recordsOfRun(folder: string, from: number): ClaimRecord[] {
  return readRecords(path.join(folder, RUN_FILES.records))
    .filter(({ step }) => step > from)
    .map(({ step, stateRoot, loss }) => ({ step, stateRoot, ...(loss === undefined ? {} : { loss }) }));
}

/** Yields each record as its state is durable; begins with those that the folder holds. Errors: those of training. */
export async function* runClaim(options: RunOptions): AsyncGenerator<ClaimRecord, void, void> {
  const { folder, stretch, liar } = options;
  const { from, steps } = stretch;
  const known = recordsOfRun(folder, from);
  yield* known;
  if (known.at(-1)?.step === from + steps) return;
  if (liar) yield* lie(options, liar);
  else yield* honestly(options);
}

async function* honestly(options: RunOptions): AsyncGenerator<ClaimRecord, void, void> {
  const { open, folder, stretch, device, before, signal, progress } = options;
  const { from, steps } = stretch;
  const begun = readRecords(path.join(folder, RUN_FILES.records)).length > 0;
  const start = begun || from === 0 ? {} : { start: { step: from, state: await before() } };
  const events = train(open.job, {
    folder,
    device,
    resume: true,
    until: from + steps,
    keep: 'all',
    holdoutEvery: 0,
    signal,
    ...start,
  });
  for await (const event of events) {
    if (event.kind === 'progress') progress(event.step, event.stepsPerSecond);
    if (event.kind !== 'checkpoint') continue;
    const { step, stateRoot, loss } = event.record;
    yield { step, stateRoot, ...(loss === undefined ? {} : { loss }) };
  }
}

/** Each interval from its start on, which some lies need; a kill costs one interval. */
async function* lie(options: RunOptions, machine: Machine): AsyncGenerator<ClaimRecord, void, void> {
  const { open, folder, stretch, before, signal, progress } = options;
  const { manifest, given } = open.job;
  const { from, steps, interval } = stretch;
  const file = path.join(folder, RUN_FILES.records);
  let state = stateIn(folder, manifest, file, given);
  if (!state) {
    const first = await before();
    keep(folder, manifest, file, from, first);
    state = { step: from, state: first };
  }
  while (state.step < from + steps && !signal.aborted) {
    const to = Math.min(state.step + interval, from + steps);
    const after: State = await machine.advance(state.state, state.step, to, (step) => progress(step, 0));
    state = { step: to, state: after };
    yield { step: to, stateRoot: keep(folder, manifest, file, to, after) };
  }
}

function stateIn(
  folder: string,
  manifest: Manifest,
  file: string,
  given: State | undefined,
): { step: number; state: State } | undefined {
  const last = readRecords(file).at(-1);
  return last && { step: last.step, state: readCheckpoint(folder, manifest, last, given) };
}

function keep(folder: string, manifest: Manifest, file: string, step: number, state: State): string {
  const roots = rootsOf(state);
  if (step > 0) writeCheckpoint(folder, manifest, state, step, roots);
  const record: CheckpointRecord = { step, stateRoot: roots.root, cursor: step * manifest.batch, time: 0 };
  fs.appendFileSync(file, `${JSON.stringify(record)}\n`);
  return roots.root;
}
