/** Checks a claimed run: the form of its proof first, then segments replayed from its own checkpoints. */
import { randomBytes } from 'node:crypto';
import { GensynError, type CheckpointRecord, type Manifest } from '@gensyn/ir';
import { checkProof } from './check-proof.js';
import type { Finding } from './finding.js';
import { REFUTING_CODES, UNAVAILABLE_CODES, type ClaimedRun, type Replayer } from './replayer.js';
import type { Cost, Outcome, SegmentReport, VerificationReport, Verdict } from './report.js';
import { drawSegments, sampleSize } from './select-segments.js';

export interface VerifyOptions {
  /** Fraction of the segments to replay, 0..1, rounded up to at least one; the job's own when nothing is said. */
  readonly sample?: number;
  /** These segments, counted from 1, instead of a sample. */
  readonly segments?: readonly number[];
  /** All segments. */
  readonly all?: boolean;
  /** What the sample is drawn by; 32 random bytes in hex when nothing is said, so that the run's owner cannot foresee it. */
  readonly seed?: string;
  /** Accepts a run that was stopped at a checkpoint. */
  readonly partial?: boolean;
  readonly progress?: (event: VerifyProgress) => void;
}

export interface VerifyProgress {
  readonly segment: number;
  /** Steps replayed so far, over all segments, and in all. */
  readonly done: number;
  readonly total: number;
  /** Set once a segment is finished. */
  readonly report?: SegmentReport;
}

/**
 * Compares what a run claims with what the job computes. A proof whose form is wrong is not replayed.
 * Errors: V0301, V0302 for options that ask for what there is not, V0303 for options that contradict each other; whatever the replayer
 * throws beyond the codes that speak of the run.
 */
export async function verifyRun(
  run: ClaimedRun,
  replayer: Replayer,
  options: VerifyOptions = {},
): Promise<VerificationReport> {
  checkOptions(options);
  const { records } = run;
  const findings = checkProof(run, await replayer.initialRoot(), options.partial);
  const of = Math.max(0, records.length - 1);
  const about = { of, device: replayer.device };
  if (findings.length > 0)
    return { ...about, verdict: 'mismatch', findings, segments: [], cost: costOf([], records) };

  const { chosen, seed } = chooseSegments(run, of, options);
  const total = chosen.reduce((sum, segment) => sum + records[segment]!.step - records[segment - 1]!.step, 0);
  const segments: SegmentReport[] = [];
  let done = 0;
  for (const segment of chosen) {
    const from = records[segment - 1]!;
    const to = records[segment]!;
    const place = `segment ${segment} (steps ${from.step} to ${to.step})`;
    const { report, wrong } = await replaySegment({ segment, from, to, place }, replayer, (step) => {
      options.progress?.({ segment, done: done + step - from.step, total });
    });
    segments.push(report);
    findings.push(...wrong);
    done += report.to - report.from;
    options.progress?.({ segment, done, total, report });
  }
  return {
    ...about,
    verdict: verdictOf(findings),
    findings,
    segments,
    ...(seed === undefined ? {} : { seed }),
    cost: costOf(segments, records),
  };
}

export function checkOptions({ sample, segments, all, seed }: VerifyOptions): void {
  const ways = [sample !== undefined, segments !== undefined, all === true].filter(Boolean).length;
  if (ways > 1 || (seed !== undefined && (segments !== undefined || all === true))) {
    throw new GensynError('V0303', 'a sample, named segments and all segments exclude each other', {
      help: 'give one of them; a seed goes with a sample only',
    });
  }
}

export function chooseSegments(
  run: { readonly manifest: Pick<Manifest, 'sample'>; readonly proofRoot: string },
  of: number,
  options: VerifyOptions,
): { chosen: readonly number[]; seed?: string } {
  if (options.all) return { chosen: Array.from({ length: of }, (_, i) => i + 1) };
  if (options.segments) {
    const wrong = options.segments.find(
      (segment) => !Number.isInteger(segment) || segment < 1 || segment > of,
    );
    if (wrong !== undefined || options.segments.length === 0) {
      throw new GensynError(
        'V0302',
        wrong === undefined ? 'no segment is named' : `there is no segment ${wrong}`,
        { help: `the run has segments 1 to ${of}` },
      );
    }
    return { chosen: [...new Set(options.segments)].sort((a, b) => a - b) };
  }
  const seed = options.seed ?? randomBytes(32).toString('hex');
  const size = sampleSize(options.sample ?? run.manifest.sample, of);
  return { chosen: drawSegments(run.proofRoot, seed, of, size), seed };
}

/** What is replayed: a stretch between two records, and how people speak of it. */
interface Segment {
  readonly segment: number;
  readonly from: CheckpointRecord;
  readonly to: CheckpointRecord;
  readonly place: string;
}

export async function replaySegment(
  { segment, from, to, place }: Segment,
  replayer: Pick<Replayer, 'replay'>,
  progress: (step: number) => void,
): Promise<{ report: SegmentReport; wrong: Finding[] }> {
  const report: SegmentReport = {
    segment,
    from: from.step,
    to: to.step,
    claimed: outcome(to.stateRoot, to.loss),
    match: false,
    milliseconds: 0,
    claimedMilliseconds: to.time - from.time,
  };
  try {
    const { stateRoot, loss, milliseconds } = await replayer.replay(from, to.step, progress);
    const wrong: Finding[] = [];
    if (stateRoot !== to.stateRoot) {
      wrong.push({
        code: 'V0201',
        message: `${place} ends in another state than claimed`,
        step: to.step,
        claimed: to.stateRoot,
        expected: stateRoot,
      });
    }
    if (!Object.is(loss, to.loss)) {
      wrong.push({
        code: 'V0202',
        message: `${place} ends with another loss than claimed`,
        step: to.step,
        ...(to.loss === undefined ? {} : { claimed: to.loss }),
        ...(loss === undefined ? {} : { expected: loss }),
      });
    }
    return {
      report: { ...report, computed: outcome(stateRoot, loss), match: wrong.length === 0, milliseconds },
      wrong,
    };
  } catch (error) {
    if (!(error instanceof GensynError)) throw error;
    const about = { step: from.step, message: `${place}: ${error.message}` };
    if (UNAVAILABLE_CODES.has(error.code)) return { report, wrong: [{ code: 'V0203', ...about }] };
    if (REFUTING_CODES.has(error.code)) return { report, wrong: [{ code: 'V0204', ...about }] };
    throw error;
  }
}

function outcome(stateRoot: string, loss: number | undefined): Outcome {
  return { stateRoot, ...(loss === undefined ? {} : { loss }) };
}

export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some(({ code }) => code !== 'V0203')) return 'mismatch';
  return findings.length > 0 ? 'unavailable' : 'verified';
}

function costOf(segments: readonly SegmentReport[], records: readonly CheckpointRecord[]): Cost {
  const last = records.at(-1);
  const replayedSteps = segments.reduce((sum, { computed, from, to }) => sum + (computed ? to - from : 0), 0);
  const milliseconds = segments.reduce((sum, segment) => sum + segment.milliseconds, 0);
  const steps = last?.step ?? 0;
  const claimedMilliseconds = last?.time ?? 0;
  return {
    replayedSteps,
    steps,
    milliseconds,
    claimedMilliseconds,
    stepShare: steps > 0 ? replayedSteps / steps : 0,
    timeShare: claimedMilliseconds > 0 ? milliseconds / claimedMilliseconds : undefined,
  };
}
