/** Why a contract refuses a call, in words: every error of every contract is known here. */
import { artifacts } from '@gensyn/contracts';
import { GensynError } from '@gensyn/ir';
import { Interface, toUtf8String, type ErrorDescription, type ParamType } from 'ethers';
import { CHALLENGE_STATUS, CLAIM_STATUS, PROPOSAL_STATES, TASK_STATUS } from './status.js';
import { tokens } from './tokens.js';

/** A contract's error: its name as in Solidity, and its arguments by name. */
export interface Refusal {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Always N0401. */
export class RefusedError extends GensynError {
  constructor(
    message: string,
    readonly refusal: Refusal,
    cause?: unknown,
  ) {
    super('N0401', message, { cause });
  }
}

/** The contract's error that a call ended in; undefined for failures of another kind. */
export function refusal(error: unknown): Refusal | undefined {
  return error instanceof RefusedError ? error.refusal : undefined;
}

/**
 * What ethers throws for a call that reverts, as ours; undefined for failures of another kind.
 * @param what for people: "claim task 3"
 */
export function refused(what: string, error: unknown): RefusedError | undefined {
  const found = error as { code?: string; data?: string | null; info?: { error?: { data?: unknown } } };
  if (found?.code !== 'CALL_EXCEPTION') return undefined;
  const data = found.data ?? found.info?.error?.data;
  const known = typeof data === 'string' && data.length >= 10 ? decode(data) : undefined;
  if (!known)
    return new RefusedError(
      `the contract refuses to ${what}, and does not say why`,
      { name: 'Unknown', args: { data } },
      error,
    );
  const args = Object.fromEntries(
    known.fragment.inputs.map(({ name }, i) => [name.replace(/_$/, ''), known.args[i] as unknown]),
  );
  const shown = known.fragment.inputs.map(
    (input, i) => `${input.name.replace(/_$/, '')} ${shownValue(input, known.args[i])}`,
  );
  const plain = SENTENCES[known.name]?.(args);
  const exact = `${known.name}${shown.length > 0 ? `: ${shown.join(', ')}` : ''}`;
  return new RefusedError(
    `the contract refuses to ${what}: ${plain === undefined ? exact : `${plain} (${exact})`}`,
    { name: known.name, args },
    error,
  );
}

type Arguments = Readonly<Record<string, unknown>>;
const time = (seconds: unknown): string => new Date(Number(seconds) * 1000).toISOString().slice(11, 19);
const stands = (thing: string, names: readonly string[], value: unknown): string =>
  Number(value) === 0 ? `there is no ${thing}` : `${thing} is ${names[Number(value)] ?? String(value)}`;

/** For those that people meet. */
const SENTENCES: Readonly<Record<string, (args: Arguments) => string>> = {
  TooLittle: ({ free, needed }) =>
    `${tokens(needed as bigint)} are needed in the market, and ${tokens(free as bigint)} are there`,
  ERC20InsufficientBalance: ({ balance, needed }) =>
    `${tokens(needed as bigint)} are needed in the wallet, and ${tokens(balance as bigint)} are there`,
  ERC20InsufficientAllowance: () => 'the market may not take this much from the wallet',
  WrongTaskStatus: ({ task, status: s }) => stands(`task ${String(task)}`, TASK_STATUS, s),
  WrongClaimStatus: ({ claim, status: s }) => stands(`claim ${String(claim)}`, CLAIM_STATUS, s),
  WrongChallengeStatus: ({ challenge, status: s }) =>
    stands(`challenge ${String(challenge)}`, CHALLENGE_STATUS, s),
  TooEarly: ({ now, from }) =>
    Number(from) > 1e9 ? `it is too early by ${Number(from) - Number(now)} s` : 'it is too early by a block',
  TooLate: ({ now, until }) => `it is too late by ${Number(now) - Number(until)} s (${time(until)} UTC)`,
  OtherStep: ({ expected }) => `the task has come to step ${String(expected)} by now`,
  TooLittleReward: ({ reward }) => `it pays ${tokens(reward as bigint)}`,
  NotSolver: ({ solver }) => `the claim is ${String(solver)}'s`,
  NotSubmitter: ({ submitter }) => `the task is ${String(submitter)}'s`,
  NotYourSeat: ({ owner }) => `the seat is ${String(owner)}'s`,
  NotYourTurn: ({ turn }) => `it is the turn of ${String(turn)}`,
  SeatBusy: ({ seat }) => `seat ${String(seat)} has a duty`,
  GamesRunning: ({ games }) => `${String(games)} game(s) are being played`,
  AlreadyDrawn: () => 'the sample has been drawn',
  AlreadyCommitted: () => 'a commitment has been made',
  ClockRuns: ({ used, left }) => `the player has ${Number(left) - Number(used)} s left`,
  ClockEmpty: () => 'the time of the player is used up',
  OtherDescent: () => 'the game has moved on',
  BadSubmission: ({ what }) => `its ${text(what)} is not as it must be`,
  OutOfBounds: ({ what, value, lo, hi }) =>
    `${String(what)} = ${String(value)} is not between ${String(lo)} and ${String(hi)}`,
  GovernorUnexpectedProposalState: ({ current }) =>
    `the proposal is ${PROPOSAL_STATES[Number(current)] ?? String(current)}`,
  GovernorAlreadyCastVote: ({ voter }) => `${String(voter)} has voted`,
  GovernorInsufficientProposerVotes: ({ votes, threshold }) =>
    `${tokens(threshold as bigint)} must vote with the proposer, and ${tokens(votes as bigint)} do`,
  TimelockUnexpectedOperationState: () => 'its wait in the timelock is not over',
  Error: ({ reason }) => String(reason),
};

interface Known {
  readonly name: string;
  readonly fragment: ErrorDescription['fragment'];
  readonly args: ErrorDescription['args'];
}

let interfaces: readonly Interface[] | undefined;

function decode(data: string): Known | undefined {
  interfaces ??= Object.values(artifacts).map(({ abi }) => new Interface(abi as object[]));
  for (const each of interfaces) {
    try {
      const found = each.parseError(data);
      if (found) return found;
    } catch {
      // The selector is known, its arguments are no arguments.
    }
  }
  return undefined;
}

function shownValue({ baseType, type }: ParamType, value: unknown): string {
  if (type === 'bytes32' && /^0x([2-7][0-9a-f])+(00)+$/.test(String(value))) return text(value);
  return baseType === 'array' || baseType === 'tuple' ? '...' : String(value).slice(0, 200);
}

/** Text in 32 bytes. */
function text(word: unknown): string {
  try {
    return toUtf8String(String(word).replace(/(00)+$/, ''));
  } catch {
    return String(word);
  }
}
