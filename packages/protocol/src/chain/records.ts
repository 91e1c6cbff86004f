/** What the market stores, as plain objects: amounts and only these are bigints; roots and addresses 0x-prefixed; times in seconds since 1970. */
import type { MarketValues } from '../market/deployment.js';
import type { ChallengeStatus, ClaimStatus, TaskStatus } from './status.js';

/** IMarket's Task. Steps are counted in the task; `firstStep` steps were done before it by the tasks that it continues. */
export interface Task {
  readonly id: number;
  readonly submitter: string;
  readonly status: TaskStatus;
  /** Of the parameters that hold for it. */
  readonly version: number;
  readonly deadline: number;
  readonly job: string;
  readonly graph: string;
  /** Root of the state proven last. */
  readonly state: string;
  readonly entries: number;
  readonly interval: number;
  readonly firstStep: number;
  readonly steps: number;
  /** Steps proven. */
  readonly done: number;
  /** Steps of a claim. */
  readonly segment: number;
  readonly rewardMin: bigint;
  readonly rewardMax: bigint;
  readonly rise: number;
  readonly workTime: number;
  /** Since when the reward of this segment rises. */
  readonly openedAt: number;
  /** The claim at work; 0 for none. */
  readonly claim: number;
  readonly escrow: bigint;
}

/** IMarket's Claim. */
export interface Claim {
  readonly id: number;
  readonly task: number;
  readonly solver: string;
  readonly status: ClaimStatus;
  readonly stake: bigint;
  /** For all of its steps. */
  readonly reward: bigint;
  /** First step, counted in the task, and number of steps claimed and delivered. */
  readonly from: number;
  readonly steps: number;
  readonly delivered: number;
  readonly deadline: number;
  readonly provenBlock: number;
  /** Last second in which attestations may be committed, revealed, and challenges committed, revealed. */
  readonly commitEnd: number;
  readonly revealEnd: number;
  readonly challengeEnd: number;
  readonly windowsEnd: number;
  /** State roots before the first step and after the last delivered. */
  readonly before: string;
  readonly state: string;
  /** Of the tree over the state roots after each interval. */
  readonly root: string;
  /** Games that are not resolved. */
  readonly games: number;
  /** Commitments to challenges that are neither made nor taken back. */
  readonly pending: number;
  /** Zero until the sample is drawn: then the interval to attest to, counted from 0, and the committee's size. */
  readonly seed: string;
  readonly sample: number;
  readonly members: number;
  readonly unavailable: number;
  /** What each member earns, once settled or slashed. */
  readonly fee: bigint;
  /** Of a slashed claim: what is left for its challengers that were right, and how many of these are not paid yet. */
  readonly prize: bigint;
  readonly winners: number;
}

/** A seat's part in a claim. */
export interface Duty {
  readonly commitment: string;
  /** Operator list; UNAVAILABLE (1) where artefacts could not be had. */
  readonly trace: string;
  readonly assigned: boolean;
  readonly revealed: boolean;
  readonly lost: boolean;
  readonly games: number;
}

export interface Challenge {
  readonly id: number;
  readonly challenger: string;
  readonly claim: number;
  readonly status: ChallengeStatus;
  /** Of what: a claim, a seat's attestation to it, or the claim's being kept from others (a demand). */
  readonly kind: 'claim' | 'attestation' | 'demand';
  readonly bond: bigint;
  /** The seat whose attestation is challenged; else 0. */
  readonly seat: number;
  readonly game: number;
}

/** What an account has committed to against a claim and not yet said. `hash` is zero for nothing. */
export interface Commitment {
  readonly hash: string;
  readonly madeIn: number;
  readonly bond: bigint;
}

export interface Seat {
  readonly id: number;
  /** The zero address for a seat that was left. */
  readonly owner: string;
  /** Place among the idle ones, counted from 1; 0 while it has a duty. */
  readonly place: number;
  readonly stake: bigint;
}

/** Parameters of one version. */
export type Values = MarketValues;
export const ZERO_ROOT = `0x${'00'.repeat(32)}`;
/** In place of an operator list: the artefacts could not be had. */
export const UNAVAILABLE = `0x${'00'.repeat(31)}01`;
