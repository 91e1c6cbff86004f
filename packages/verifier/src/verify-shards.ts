/** Checks a claimed run of a job in shards: the form of its proof, every joint between rounds, and replayed parts of shards. */
import {
  GensynError,
  meanLoss,
  proofRoot,
  shardsProofRoot,
  type CheckpointRecord,
  type Manifest,
} from '@gensyn/ir';
import { checkProof, wellFormed } from './check-proof.js';
import type { Finding } from './finding.js';
import { REFUTING_CODES, UNAVAILABLE_CODES, type Replayer } from './replayer.js';
import type { Cost, SegmentReport, VerificationReport } from './report.js';
import { checkOptions, chooseSegments, replaySegment, verdictOf, type VerifyOptions } from './verify-run.js';

/** A run in shards as its owner presents it: everything in it is a claim. */
export interface ClaimedShards {
  /** Of the undivided job, with its shards. */
  readonly manifest: Manifest;
  /** `jobRoot` that the proof names, hex. */
  readonly job: string;
  /** Of the initial state and of the state after each merge. */
  readonly records: readonly CheckpointRecord[];
  /** By shard: of the state that each merge takes. */
  readonly shards: readonly (readonly CheckpointRecord[])[];
  /** Root over all of them, the merged ones first, hex. */
  readonly proofRoot: string;
}

/** What the verifier needs of a machine that can run a job in shards; the runtime provides it. */
export interface ShardsReplayer extends Pick<Replayer, 'device' | 'initialRoot' | 'close'> {
  /** As `Replayer.replay`, for one shard, from a stored merged state. */
  replay(shard: number, ...segment: Parameters<Replayer['replay']>): ReturnType<Replayer['replay']>;
  /**
   * Loads the states of these records, one for each shard, checks them against the records' roots, and merges them.
   * @throws GensynError one of UNAVAILABLE_CODES or REFUTING_CODES
   */
  merge(records: readonly CheckpointRecord[]): Promise<{ stateRoot: string; milliseconds: number }>;
}

/**
 * Compares what a run in shards claims with what the job computes. Merges are computed again from the states that the shards claim, so
 * that each round goes on from what the one before came to. Only where the caller names the segments may the states of merges be missing,
 * which are then counted beside the verdict: whoever ran the job must not choose what a sample sees. Segments, one for each shard and
 * round, are replayed as `verifyRun` does: segment n is of round floor((n - 1) / shards) and of shard (n - 1) mod shards. Errors: as
 * `verifyRun`.
 */
export async function verifyShards(
  run: ClaimedShards,
  replayer: ShardsReplayer,
  options: VerifyOptions = {},
): Promise<VerificationReport> {
  checkOptions(options);
  const { records, shards, manifest } = run;
  const count = shards.length;
  const findings = checkForm(run, await replayer.initialRoot(), options.partial);
  const rounds = Math.max(0, records.length - 1);
  const of = rounds * count;
  const about = { of, device: replayer.device };
  if (findings.length > 0) {
    const merges = { checked: 0, unavailable: 0, of: rounds };
    return { ...about, verdict: 'mismatch', findings, segments: [], merges, cost: costOf([], run) };
  }
  const { chosen, seed } = chooseSegments(run, of, options);
  const merges = { checked: 0, unavailable: 0, of: rounds };
  for (let round = 0; round < rounds; round++) {
    const { found, wrong } = await checkMerge(run, round, replayer, options.segments === undefined);
    if (found !== 'nothing') merges[found]++;
    findings.push(...wrong);
  }
  const sync = manifest.shards!.sync;
  const total = chosen.length * sync;
  const segments: SegmentReport[] = [];
  for (const [i, segment] of chosen.entries()) {
    const [round, shard] = [Math.floor((segment - 1) / count), (segment - 1) % count];
    const from = records[round]!;
    const to = shards[shard]![round]!;
    const place = `segment ${segment} (shard ${shard}, steps ${from.step} to ${to.step})`;
    const one: Pick<Replayer, 'replay'> = { replay: (...asked) => replayer.replay(shard, ...asked) };
    const { report, wrong } = await replaySegment({ segment, from, to, place }, one, (step) =>
      options.progress?.({ segment, done: i * sync + step - from.step, total }),
    );
    const before = shards[shard]![round - 1]?.time ?? 0;
    const whole = { ...report, shard, claimedMilliseconds: to.time - before };
    segments.push(whole);
    findings.push(...wrong);
    options.progress?.({ segment, done: (i + 1) * sync, total, report: whole });
  }
  return {
    ...about,
    verdict: verdictOf(findings),
    findings,
    segments,
    merges,
    ...(seed === undefined ? {} : { seed }),
    cost: costOf(segments, run),
  };
}

/** Everything wrong with the proof's form: what `checkProof` says of the merged records, V0103 over all, V0110 of the shards'. */
function checkForm(run: ClaimedShards, initialRoot: string, partial: boolean | undefined): Finding[] {
  const { manifest, records, shards } = run;
  const malformed = [...records, ...shards.flat()].some((record) => !wellFormed(record));
  if (malformed || records.length === 0)
    return [{ code: 'V0102', message: 'the proof has no records, or one without a valid form' }];
  const own = { manifest, records, job: run.job, proofRoot: proofRoot(records) };
  const findings = [...checkProof(own, initialRoot, partial)];
  const root = shardsProofRoot(records, shards);
  if (root !== run.proofRoot) {
    findings.unshift({
      code: 'V0103',
      message: 'the proof root is not that of the records',
      claimed: run.proofRoot,
      expected: root,
    });
  }
  const plan = manifest.shards;
  if (shards.length !== plan?.count)
    return [
      ...findings,
      { code: 'V0110', message: `the proof has records of ${shards.length} shards, not ${plan?.count}` },
    ];
  return [...findings, ...shards.flatMap((own, shard) => checkShard(run, own, shard))];
}

/** The first record of a shard that does not stand before a merge. */
function checkShard(
  { manifest, records }: ClaimedShards,
  own: readonly CheckpointRecord[],
  shard: number,
): Finding[] {
  if (own.length !== records.length - 1) {
    const message = `shard ${shard} has ${own.length} records for ${records.length - 1} merges`;
    return [{ code: 'V0110', message, claimed: own.length, expected: records.length - 1 }];
  }
  const wrong = own.findIndex(({ step, cursor, loss, time }, i) => {
    const before = own[i - 1]?.time ?? 0;
    return (
      step !== records[i + 1]!.step - 1 ||
      cursor !== step * manifest.batch ||
      loss === undefined ||
      time < before
    );
  });
  if (wrong < 0) return [];
  const { step } = own[wrong]!;
  const message = `record ${wrong} of shard ${shard} is not one of step ${records[wrong + 1]!.step - 1}`;
  return [{ code: 'V0110', message, step, claimed: step, expected: records[wrong + 1]!.step - 1 }];
}

/** Code of a merge whose states are missing: pruned checkpoints. One that is there and is another state than recorded is always told. */
const MISSING_CODE = 'R0201';

/** @param all whether a merge whose states are missing is something wrong */
async function checkMerge(
  run: ClaimedShards,
  round: number,
  replayer: ShardsReplayer,
  all: boolean,
): Promise<{ readonly found: 'checked' | 'unavailable' | 'nothing'; readonly wrong: readonly Finding[] }> {
  const merged = run.records[round + 1]!;
  const taken = run.shards.map((records) => records[round]!);
  const place = `the merge of round ${round + 1} (step ${merged.step - 1})`;
  const findings: Finding[] = [];
  let found: 'checked' | 'unavailable' | 'nothing' = 'nothing';
  try {
    const { stateRoot } = await replayer.merge(taken);
    found = 'checked';
    if (stateRoot !== merged.stateRoot) {
      findings.push({
        code: 'V0205',
        message: `${place} gives another state than claimed`,
        step: merged.step,
        claimed: merged.stateRoot,
        expected: stateRoot,
      });
    }
  } catch (error) {
    if (!(error instanceof GensynError)) throw error;
    const about = { step: merged.step, message: `${place}: ${error.message}` };
    if (UNAVAILABLE_CODES.has(error.code)) {
      found = 'unavailable';
      if (all || error.code !== MISSING_CODE) findings.push({ code: 'V0203', ...about });
    } else if (REFUTING_CODES.has(error.code)) findings.push({ code: 'V0204', ...about });
    else throw error;
  }
  const loss = meanLoss(taken);
  if (!Object.is(loss, merged.loss)) {
    findings.push({
      code: 'V0202',
      message: `${place} claims another loss than the mean of its shards'`,
      step: merged.step,
      claimed: merged.loss!,
      expected: loss,
    });
  }
  return { found, wrong: findings };
}

function costOf(segments: readonly SegmentReport[], { manifest, records, shards }: ClaimedShards): Cost {
  const replayed = segments.filter(({ computed }) => computed);
  const replayedSteps = replayed.reduce((sum, { from, to }) => sum + to - from, 0);
  const milliseconds = segments.reduce((sum, segment) => sum + segment.milliseconds, 0);
  const steps = Math.max(0, records.length - 1) * shards.length * (manifest.shards?.sync ?? 0);
  const claimedMilliseconds = shards.reduce((sum, own) => sum + (own.at(-1)?.time ?? 0), 0);
  return {
    ...{ replayedSteps, steps, milliseconds, claimedMilliseconds },
    stepShare: steps > 0 ? replayedSteps / steps : 0,
    timeShare: claimedMilliseconds > 0 ? milliseconds / claimedMilliseconds : undefined,
  };
}
