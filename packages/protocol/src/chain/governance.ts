/** The council: finds it behind a market's parameters, reads its proposals, and does what a voter does. */
import { artifacts, type Contracts } from '@gensyn/contracts';
import { GensynError } from '@gensyn/ir';
import { id as hashOf, Interface, ZeroAddress } from 'ethers';
import { setTimeout as sleep } from 'node:timers/promises';
import { contractAt } from '../contracts/contract-at.js';
import { events } from './events.js';
import type { MarketClient } from './market-client.js';
import { accountOf } from './open-market.js';
import { readValues } from './read-records.js';
import type { Values } from './records.js';
import { refused } from './refusal.js';
import { PROPOSAL_STATES } from './status.js';
import { checkCode } from './same-code.js';

export interface Governance {
  readonly timelock: Contracts['Timelock'];
  readonly council: Contracts['Council'];
  /** Block from which on the timelock is in office. */
  readonly since: number;
}

export interface Proposal {
  /** Counted from 1, in the order of their making. */
  readonly number: number;
  readonly id: bigint;
  readonly proposer: string;
  readonly description: string;
  readonly state: (typeof PROPOSAL_STATES)[number];
  /** Undefined where it is about something else than the parameters of this market. */
  readonly values: Values | undefined;
  /** Seconds: the vote begins after the first and ends with the second. */
  readonly voteStart: number;
  readonly voteEnd: number;
  /** Since when it may be executed; 0 before it is queued. */
  readonly eta: number;
  readonly votes: { readonly for: bigint; readonly against: bigint; readonly abstain: bigint };
}

const PARAMETERS = new Interface(artifacts.Parameters.abi as object[]);
const COUNCIL = new Interface(artifacts.Council.abi as object[]);
const LONGEST_TEXT = 2000;
const AMOUNTS: readonly string[] = ['minStake', 'seatStake', 'demandFee'];
const SUPPORT = { against: 0, for: 1, abstain: 2 } as const;
export type Support = keyof typeof SUPPORT;

/** Errors: N0406, N0407 for contracts that are not known here, N0409 where nobody may decide, N0410. */
export async function openGovernance(client: MarketClient): Promise<Governance> {
  const at = await client.parameters.governance();
  await checkCode(client.provider, 'Timelock', at);
  const timelock = contractAt('Timelock', at, client.provider);
  const role = await timelock.PROPOSER_ROLE();
  // The timelock is older than the market; nobody knows by how much.
  const granted = await events(client, timelock, 'RoleGranted', [role], { from: 0, most: 1 });
  const holder = String(granted.at(-1)?.args['account'] ?? ZeroAddress);
  if (holder === ZeroAddress || !(await timelock.hasRole(role, holder)))
    throw new GensynError('N0409', 'nobody may decide about the parameters of this market');
  await checkCode(client.provider, 'Council', holder);
  return { timelock, council: contractAt('Council', holder, client.provider), since: granted[0]!.block };
}

/** Arguments of the event by position, for `values` is also a method of the list. */
type ProposalCreated = [
  id: bigint,
  proposer: string,
  targets: string[],
  values: unknown,
  signatures: unknown,
  calls: string[],
  voteStart: bigint,
  voteEnd: bigint,
  description: string,
];

/** Oldest first. */
export async function proposals(
  client: MarketClient,
  { council, since }: Governance,
): Promise<readonly Proposal[]> {
  const made = await events(client, council, 'ProposalCreated', [], { from: since });
  const target = await client.parameters.getAddress();
  return Promise.all(
    made.map(async ({ args }, i): Promise<Proposal> => {
      const [id, proposer, targets, , , calls, start, end, description] = args.toArray() as ProposalCreated;
      const [state, votes, eta] = await Promise.all([
        council.state(id),
        council.proposalVotes(id),
        council.proposalEta(id),
      ]);
      return {
        number: i + 1,
        id,
        proposer,
        description: description.slice(0, LONGEST_TEXT),
        state: PROPOSAL_STATES[Number(state)]!,
        values: targets.length === 1 && targets[0] === target ? valuesIn(calls[0]!) : undefined,
        voteStart: Number(start),
        voteEnd: Number(end),
        eta: Number(eta),
        votes: { against: votes[0], for: votes[1], abstain: votes[2] },
      };
    }),
  );
}

/**
 * Proposes other values of some parameters. Votes count once they are delegated: those of the account are, to itself, if they are not.
 * Errors: N0401 where a value is out of its bounds or votes are missing, N0409 for nothing to change.
 */
export async function propose(
  client: MarketClient,
  governance: Governance,
  changes: Partial<Values>,
  description: string,
): Promise<bigint> {
  const now = await readValues(client);
  const values = { ...now, ...changes };
  if (Object.entries(values).every(([key, value]) => now[key as keyof Values] === value))
    throw new GensynError('N0409', 'the parameters have these values already');
  const [target, timelock] = await Promise.all([
    client.parameters.getAddress(),
    governance.timelock.getAddress(),
  ]);
  const data = PARAMETERS.encodeFunctionData('change', [values]);
  // Better now than after a vote.
  try {
    await client.provider.call({ to: target, data, from: timelock });
  } catch (error) {
    throw refused('change the parameters so', error) ?? error;
  }
  await delegate(client);
  const receipt = await client.send(
    'propose the change',
    governance.council.propose.populateTransaction([target], [0], [data], description),
  );
  const found = receipt.logs
    .map((log) => COUNCIL.parseLog(log))
    .find((log) => log?.name === 'ProposalCreated');
  return found!.args['proposalId'] as bigint;
}

/** Errors: N0401 while there is no vote, or after it. */
export async function vote(
  client: MarketClient,
  { council }: Governance,
  { id, number }: Proposal,
  support: Support,
): Promise<void> {
  const call = council.castVote.populateTransaction(id, SUPPORT[support]);
  await client.send(`vote ${support} proposal ${number}`, call);
}

/** Puts an accepted proposal into the timelock, or carries it out once that is over. Errors: N0401. */
export async function carryOn(
  client: MarketClient,
  { council }: Governance,
  { id, number }: Proposal,
  action: 'queue' | 'execute',
): Promise<void> {
  const made = await events(client, council, 'ProposalCreated', [], { from: 0 });
  const [, , targets, , , calls, , , description] = made
    .find((event) => event.args[0] === id)!
    .args.toArray() as ProposalCreated;
  const call = council[action].populateTransaction(
    [...targets],
    targets.map(() => 0),
    [...calls],
    hashOf(description),
  );
  await client.send(`${action} proposal ${number}`, call);
}

/** Makes the tokens in the account's wallet count as its own votes, from the next second on. */
async function delegate(client: MarketClient): Promise<void> {
  const account = accountOf(client, 'propose');
  if ((await client.token.delegates(account)) !== ZeroAddress) return;
  await client.send('delegate votes to oneself', client.token.delegate.populateTransaction(account));
  const block = await client.provider.getBlock('latest');
  while ((await client.now()) < block!.timestamp + 2) await sleep(200);
}

function valuesIn(call: string): Values | undefined {
  try {
    const [values] = PARAMETERS.decodeFunctionData('change', call) as unknown as [
      { toObject(): Record<string, bigint> },
    ];
    return Object.fromEntries(
      Object.entries(values.toObject()).map(([key, value]) => [
        key,
        AMOUNTS.includes(key) ? value : Number(value),
      ]),
    ) as unknown as Values;
  } catch {
    return undefined;
  }
}
