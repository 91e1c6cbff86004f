/** What can be told of a proof of learning without running anything: its order, its ends, its roots. */
import {
  GensynError,
  jobRoot,
  proofRoot,
  recordDigest,
  type CheckpointRecord,
  type Manifest,
} from '@gensyn/ir';
import type { Finding } from './finding.js';
import type { ClaimedRun } from './replayer.js';

/** Step of record i of a complete run: 0, each multiple of the checkpoint interval, and the last step; undefined beyond it. */
export function recordStep(
  { steps, checkpointEvery }: Pick<Manifest, 'steps' | 'checkpointEvery'>,
  i: number,
): number | undefined {
  if (i === 0) return 0;
  return (i - 1) * checkpointEvery < steps ? Math.min(i * checkpointEvery, steps) : undefined;
}

/**
 * Everything wrong with the proof's form, V0101 to V0109, in the order of the records.
 * @param initialRoot root of the initial state as recomputed from the job
 * @param partial accepts a run that stops at a checkpoint before the last step
 */
export function checkProof(run: ClaimedRun, initialRoot: string, partial = false): Finding[] {
  const { manifest, records } = run;
  const findings: Finding[] = [];
  const job = jobRoot(manifest);
  if (run.job !== job) {
    findings.push({ code: 'V0101', message: 'the proof is of another job', claimed: run.job, expected: job });
  }
  const malformed = records.findIndex((record) => !wellFormed(record));
  if (records.length === 0) findings.push({ code: 'V0102', message: 'the proof has no records' });
  if (malformed >= 0)
    findings.push({ code: 'V0102', message: `record ${malformed} of the proof has no valid form` });
  if (records.length === 0 || malformed >= 0) return findings;

  const root = proofRoot(records);
  if (run.proofRoot !== root) {
    findings.push({
      code: 'V0103',
      message: 'the proof root is not that of the records',
      claimed: run.proofRoot,
      expected: root,
    });
  }
  findings.push(
    ...checkSteps(manifest, records, partial),
    ...records.flatMap((record, i) => checkRecord(record, records[i - 1], manifest)),
  );
  if (manifest.initRoot !== initialRoot) {
    findings.push({
      code: 'V0108',
      message: 'the initial root that the job commits to is not that of its initial state',
      claimed: manifest.initRoot,
      expected: initialRoot,
    });
  }
  const [first] = records;
  if (first!.step === 0 && first!.stateRoot !== initialRoot) {
    findings.push({
      code: 'V0109',
      message: 'the run does not start from the initial state of the job',
      step: 0,
      claimed: first!.stateRoot,
      expected: initialRoot,
    });
  }
  return findings;
}

/** Whether a record has the form that can be hashed. */
export function wellFormed(record: CheckpointRecord): boolean {
  try {
    recordDigest(record);
    return true;
  } catch (error) {
    if (error instanceof GensynError || error instanceof TypeError) return false;
    throw error;
  }
}

/** The first place where the steps leave the job's own sequence; what follows it says nothing new. */
function checkSteps(manifest: Manifest, records: readonly CheckpointRecord[], partial: boolean): Finding[] {
  const wrong = records.findIndex((record, i) => record.step !== recordStep(manifest, i));
  if (wrong >= 0) {
    const { step } = records[wrong]!;
    const expected = recordStep(manifest, wrong);
    if (expected === undefined)
      return [
        {
          code: 'V0104',
          message: `the run has a record of step ${step} beyond its last step ${manifest.steps}`,
          step,
          claimed: step,
        },
      ];
    return [
      {
        code: 'V0104',
        message: `record ${wrong} is of step ${step}, where step ${expected} is due`,
        step,
        claimed: step,
        expected,
      },
    ];
  }
  const { step } = records.at(-1)!;
  if (step === manifest.steps || partial) return [];
  return [
    {
      code: 'V0105',
      message: `the run stops at step ${step} of ${manifest.steps}`,
      step,
      claimed: step,
      expected: manifest.steps,
    },
  ];
}

function checkRecord(
  record: CheckpointRecord,
  before: CheckpointRecord | undefined,
  manifest: Manifest,
): Finding[] {
  const { step, cursor, loss, time } = record;
  const findings: Finding[] = [];
  if (cursor !== step * manifest.batch) {
    findings.push({
      code: 'V0106',
      message: `the cursor at step ${step} is ${cursor}, not ${step * manifest.batch}`,
      step,
      claimed: cursor,
      expected: step * manifest.batch,
    });
  }
  if ((loss === undefined) !== (step === 0 || manifest.predictions !== undefined)) {
    findings.push({
      code: 'V0107',
      message: `the record of step ${step} has ${loss === undefined ? 'no' : 'a'} loss`,
      step,
    });
  }
  if (before && time < before.time) {
    findings.push({
      code: 'V0107',
      message: `the time at step ${step} is ${time} ms, earlier than at step ${before.step}`,
      step,
      claimed: time,
    });
  }
  return findings;
}
