/** Names of the states of tasks, claims and challenges, by their number in IMarket.sol, and of proposals. */

export const TASK_STATUS = ['none', 'open', 'taken', 'done', 'closed'] as const;
export type TaskStatus = (typeof TASK_STATUS)[number];

export const CLAIM_STATUS = ['none', 'working', 'proven', 'settled', 'slashed', 'abandoned'] as const;
export type ClaimStatus = (typeof CLAIM_STATUS)[number];

export const CHALLENGE_STATUS = ['none', 'playing', 'resolved'] as const;
export type ChallengeStatus = (typeof CHALLENGE_STATUS)[number];

/** Settled, slashed and abandoned are final. */
export const claimEnded = (status: ClaimStatus): boolean => CLAIM_STATUS.indexOf(status) >= 3;

/** Of a proposal, as OpenZeppelin's Governor numbers them. */
export const PROPOSAL_STATES = [
  'pending',
  'active',
  'canceled',
  'defeated',
  'succeeded',
  'queued',
  'expired',
  'executed',
] as const;
