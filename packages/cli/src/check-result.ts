/** What a run has left, held against its own last record: the state that lies there, and the files with the predictions made of it. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { GensynError, type CheckpointRecord } from '@gensyn/ir';
import type { Job } from '@gensyn/runtime';
import type { Finding, VerificationReport } from '@gensyn/verifier';
import { csv, npy, PREDICTION_FILES, predictionsOf } from './predictions.js';

export interface ResultCheck {
  readonly findings: readonly Finding[];
  /** Names of the files with predictions that were compared; absent where the job trains or is not finished. */
  readonly predictions?: readonly string[];
}

/** Codes of a checkpoint that is missing, damaged or of another state. */
const DAMAGED: ReadonlySet<string> = new Set(['R0201', 'R0202', 'R0203']);
const CHUNK = 2 ** 20;

/** Errors: R0206 for predictions that cannot be read. */
export async function checkResult(folder: string, job: Job, last: CheckpointRecord): Promise<ResultCheck> {
  const { manifest, given } = job;
  const { readCheckpoint } = await import('@gensyn/runtime');
  let state;
  try {
    state = readCheckpoint(folder, manifest, last, given);
  } catch (error) {
    if (!(error instanceof GensynError && DAMAGED.has(error.code))) throw error;
    return { findings: [{ code: 'V0206', message: error.message, step: last.step }] };
  }
  const found = last.step === manifest.steps ? await predictionsOf(job, state) : undefined;
  if (!found) return { findings: [] };
  const findings: Finding[] = [];
  const predictions: string[] = [];
  for (const [name, pieces] of [
    [PREDICTION_FILES.npy, npy(found)],
    [PREDICTION_FILES.csv, csv(found)],
  ] as const) {
    const same = pieces && holds(join(folder, name), pieces);
    if (same === undefined) continue;
    predictions.push(name);
    if (!same)
      findings.push({
        code: 'V0207',
        message: `${name} does not hold the predictions of the last state`,
        step: last.step,
      });
  }
  return { findings, predictions };
}

/** The report with what was found besides the replay. */
export function withResult(report: VerificationReport, { findings }: ResultCheck): VerificationReport {
  const untrue = report.verdict === 'mismatch' || findings.some(({ code }) => code === 'V0207');
  const verdict = untrue ? 'mismatch' : findings.length > 0 ? 'unavailable' : report.verdict;
  return { ...report, verdict, findings: [...report.findings, ...findings] };
}

/** Whether a file consists of these pieces; undefined where there is none. Errors: R0206. */
function holds(file: string, pieces: readonly Uint8Array[]): boolean | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new GensynError('R0206', `${file} cannot be read`, { cause });
  }
  try {
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (fstatSync(descriptor).size !== bytes) return false;
    const chunk = Buffer.alloc(Math.min(CHUNK, bytes));
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; at += chunk.length) {
        const wanted = piece.subarray(at, at + chunk.length);
        const count = readSync(descriptor, chunk, 0, wanted.length, null);
        if (count !== wanted.length || Buffer.compare(chunk.subarray(0, count), wanted) !== 0) return false;
      }
    }
    return true;
  } catch (cause) {
    throw new GensynError('R0206', `${file} cannot be read`, { cause });
  } finally {
    closeSync(descriptor);
  }
}
