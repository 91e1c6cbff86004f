/** Names of the states of tasks, claims and challenges, by their number in IMarket.sol, and of proposals. */

export const TASK_STATUS = ['none', 'open', 'taken', 'done', 'closed'] as const;
export type TaskStatus = (typeof TASK_STATUS)[number];

export const CLAIM_STATUS = ['none', 'working', 'proven', 'settled', 'slashed', 'abandoned'] as const;
export type ClaimStatus = (typeof CLAIM_STATUS)[number];

/** Won: right against a claim, and not paid its share of the prize yet. */
export const CHALLENGE_STATUS = ['none', 'playing', 'won', 'resolved'] as const;
export type ChallengeStatus = (typeof CHALLENGE_STATUS)[number];

/** Settled, slashed and abandoned are final; against a slashed claim games may still go on, for the prize. */
export const claimEnded = (status: ClaimStatus): boolean => CLAIM_STATUS.indexOf(status) >= 3;

/** Whether no game against a claim that has fallen runs or can begin: who shares its prize is known then. */
export const prizeDecided = (
  {
    games,
    pending,
    windowsEnd,
  }: { readonly games: number; readonly pending: number; readonly windowsEnd: number },
  now: number,
): boolean => games === 0 && (pending === 0 || now > windowsEnd);

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
