/** What a verification found, as plain data: the command line prints it, a chain attests to it. */
import type { Finding } from './finding.js';

/** `mismatch`: something claimed is not true. `unavailable`: nothing untrue was found, but not all that was asked could be replayed. */
export type Verdict = 'verified' | 'mismatch' | 'unavailable';

export interface Outcome {
  readonly stateRoot: string;
  /** None of a job that predicts. */
  readonly loss?: number;
}

/** The replay of one segment. */
export interface SegmentReport {
  /** Counted from 1; segment k leads from record k - 1 to record k. */
  readonly segment: number;
  /** Of a job in shards: whose segment it is. */
  readonly shard?: number;
  /** Steps done at its start and end. */
  readonly from: number;
  readonly to: number;
  readonly claimed: Outcome;
  /** Absent when the replay did not reach the end. */
  readonly computed?: Outcome;
  readonly match: boolean;
  /** Time the replay took; 0 when it did not take place. */
  readonly milliseconds: number;
  /** Time that the run claims for the same steps. */
  readonly claimedMilliseconds: number;
}

export interface Cost {
  readonly replayedSteps: number;
  /** Steps of the whole claimed run. */
  readonly steps: number;
  readonly milliseconds: number;
  /** Training time that the run claims. */
  readonly claimedMilliseconds: number;
  /** replayedSteps / steps, and the same of the times (undefined when the run claims none). */
  readonly stepShare: number;
  readonly timeShare: number | undefined;
}

export interface VerificationReport {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  /** Only those replayed or tried, ascending. */
  readonly segments: readonly SegmentReport[];
  /** Number of segments of the claimed run. */
  readonly of: number;
  /** Of a job in shards: merges computed again, those whose states are not there, of how many. */
  readonly merges?: { readonly checked: number; readonly unavailable: number; readonly of: number };
  /** The seed that picked the segments, absent when they were named. */
  readonly seed?: string;
  readonly device: string;
  readonly cost: Cost;
}
