/** A run's folder: what it is a run of, its checkpoints and records, and where to go on. It holds no path, so it can be moved. */
import fs from 'node:fs';
import path from 'node:path';
import {
  GensynError,
  canonicalJson,
  jobRoot,
  proofRoot,
  type CheckpointRecord,
  type Manifest,
  type State,
} from '@gensyn/ir';
import { CHECKPOINT_FOLDER, readCheckpoint } from '../checkpoint/checkpoint.js';
import { readRecords, writeRecords } from './records.js';
import { writeFileAtomic } from './write-file.js';

export const RUN_FILES = {
  run: 'run.json',
  manifest: 'job.json',
  records: 'records.jsonl',
  losses: 'losses.bin',
  proof: 'proof.json',
  holdout: 'holdout.jsonl',
} as const;

/** What run.json says: which job, and how it was run last. */
export interface RunInfo {
  readonly format: 'gensyn-run/1';
  /** `jobRoot` of the job. */
  readonly job: string;
  readonly device: string;
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** Makes the (existing, locked) folder a run of this job, or checks that it is one. Errors: R0204, R0206, R0501, R0503. */
export function openRun(folder: string, manifest: Manifest, info: Omit<RunInfo, 'format' | 'job'>): void {
  const job = jobRoot(manifest);
  const known = readRunInfo(folder);
  if (known && known.job !== job) {
    throw new GensynError('R0204', `${path.basename(folder)} is a run of another job`, {
      help: 'Give this run a folder of its own.',
    });
  }
  writeFileAtomic(path.join(folder, RUN_FILES.run), [
    json({ format: 'gensyn-run/1', job, ...info } satisfies RunInfo),
  ]);
  if (!known) writeFileAtomic(path.join(folder, RUN_FILES.manifest), [json(manifest)]);
}

/** Undefined where there is no run. Errors: R0206 for a file that is none of ours. */
export function readRunInfo(folder: string): RunInfo | undefined {
  let text: string;
  try {
    text = fs.readFileSync(path.join(folder, RUN_FILES.run), 'utf8');
  } catch {
    return undefined;
  }
  try {
    const info = JSON.parse(text) as RunInfo;
    if (info.format === 'gensyn-run/1' && typeof info.job === 'string') return info;
  } catch {
    // Falls through to the one message for all malformed files.
  }
  throw new GensynError('R0206', `${RUN_FILES.run} of the run is damaged`);
}

export interface Resumption {
  readonly state: State;
  /** Up to and including the record of `state`. */
  readonly records: readonly CheckpointRecord[];
  /** Checkpoints that were recorded but are not usable, newest first, each with the reason. */
  readonly skipped: readonly { readonly step: number; readonly reason: GensynError }[];
}

/**
 * The newest checkpoint whose root is the recorded one. Later records are dropped. Undefined when there is no record at all.
 * Errors: R0203 when there are records but no usable checkpoint, R0206.
 */
export function resumeRun(folder: string, manifest: Manifest, given?: State): Resumption | undefined {
  const file = path.join(folder, RUN_FILES.records);
  const records = readRecords(file);
  if (records.length === 0) return undefined;
  removePartial(folder);
  const skipped: { step: number; reason: GensynError }[] = [];
  for (let last = records.length - 1; last >= 0; last--) {
    const record = records[last]!;
    try {
      const state = readCheckpoint(folder, manifest, record, given);
      const kept = records.slice(0, last + 1);
      if (kept.length < records.length) writeRecords(file, kept);
      return { state, records: kept, skipped };
    } catch (error) {
      if (!(error instanceof GensynError)) throw error;
      skipped.push({ step: record.step, reason: error });
    }
  }
  throw new GensynError('R0203', "none of the run's checkpoints can be used", {
    notes: skipped.map(({ reason }) => ({ message: reason.message })),
  });
}

/** Removes what a killed run had not finished writing. */
function removePartial(folder: string): void {
  const checkpoints = path.join(folder, CHECKPOINT_FOLDER);
  if (!fs.existsSync(checkpoints)) return;
  for (const name of fs.readdirSync(checkpoints))
    if (name.endsWith('.partial')) fs.rmSync(path.join(checkpoints, name), { force: true });
}

/** Holdout results by step; those of a step that a resumed run did again replace the earlier ones. */
export function readHoldout(folder: string): Map<number, Record<string, number>> {
  const results = new Map<number, Record<string, number>>();
  let text: string;
  try {
    text = fs.readFileSync(path.join(folder, RUN_FILES.holdout), 'utf8');
  } catch {
    return results;
  }
  for (const line of text.split('\n')) {
    try {
      const { step, ...values } = JSON.parse(line) as { step: number } & Record<string, number>;
      results.set(step, values);
    } catch {
      // The last line may be empty, or cut short by a crash.
    }
  }
  return results;
}

/** Writes proof.json: the records and the root over them. Returns the root, hex. Errors: R0501, R0503. */
export function writeProof(folder: string, manifest: Manifest, records: readonly CheckpointRecord[]): string {
  const root = proofRoot(records);
  writeFileAtomic(path.join(folder, RUN_FILES.proof), [
    json({ format: 'gensyn-proof/1', job: jobRoot(manifest), root, records }),
  ]);
  return root;
}

/** What a solver claims of a run. Errors: R0206 when the proof is missing or malformed. */
export function readProof(folder: string): { job: string; root: string; records: CheckpointRecord[] } {
  try {
    const proof = JSON.parse(fs.readFileSync(path.join(folder, RUN_FILES.proof), 'utf8')) as {
      format: string;
      job: string;
      root: string;
      records: CheckpointRecord[];
    };
    if (
      proof.format === 'gensyn-proof/1' &&
      typeof proof.job === 'string' &&
      proofRoot(proof.records) === proof.root
    )
      return proof;
  } catch (cause) {
    throw new GensynError('R0206', `${RUN_FILES.proof} of the run is missing or damaged`, { cause });
  }
  throw new GensynError('R0206', `the root in ${RUN_FILES.proof} is not that of its records`);
}

function json(value: unknown): Uint8Array {
  return Buffer.from(`${canonicalJson(value)}\n`);
}
