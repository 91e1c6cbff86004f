/** What every role has: an account on a market, a store, a machine, notes, and a voice. */
import type { Device } from '@gensyn/runtime';
import type { TransactionReceipt } from 'ethers';
import {
  accountOf,
  fund,
  refusal,
  sameAddress,
  type ContractCall,
  type MarketClient,
} from '../chain/index.js';
import type { Store } from '../storage/index.js';
import { openJournal, type Journal } from './journal.js';
import type { Emit, RoleEvent, RoleName } from './role-event.js';
import { openView, type View } from './view.js';

export interface PartyOptions {
  readonly client: MarketClient;
  readonly store: Store;
  readonly device: Device;
  /** Folder for notes and work of all roles. */
  readonly home: string;
  readonly emit: (event: RoleEvent) => void;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
}

export interface Party {
  readonly role: RoleName;
  readonly client: MarketClient;
  readonly account: string;
  readonly view: View;
  readonly store: Store;
  readonly device: Device;
  readonly journal: Journal;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /**
   * Sends a transaction; undefined where the contract says that it has been done, by whomever, or cannot be done any more or yet: then
   * the next look at the chain tells what to do. Errors: N0401 for other refusals, N0402, N0403 and those of the connection.
   */
  send(what: string, call: () => ContractCall, about?: About): Promise<TransactionReceipt | undefined>;
  /** Brings so much into the market and uses it; one at a time, for what lies there is everybody's. Errors: N0408, those of `send`. */
  stake<T>(amount: bigint, use: () => Promise<T>): Promise<T>;
  /** Whether that is this account. */
  isMe(address: string): boolean;
  close(): void;
}

export type About = Pick<RoleEvent, 'task' | 'claim' | 'seat' | 'challenge' | 'game'>;

/** Refusals after which looking again is all there is to do. */
const OVERTAKEN: ReadonlySet<string> = new Set([
  'WrongTaskStatus',
  'WrongClaimStatus',
  'WrongChallengeStatus',
  'OtherStep',
  'NoProgress',
  'AlreadyDrawn',
  'AlreadyRevealed',
  'AlreadyCommitted',
  'NotAssigned',
  'NothingToTakeBack',
  'GamesRunning',
  'TooEarly',
  'TooLate',
  'Ended',
  'NotYourTurn',
  'OtherDescent',
  'ClockRuns',
  'ClockEmpty',
]);

/** Errors: N0608 without an account, R0205 while another process plays the same role with it, N0702. */
export async function openParty(role: RoleName, options: PartyOptions): Promise<Party> {
  const { client, store, device, home, signal } = options;
  const account = accountOf(client, `be a ${role}`);
  const genesis = (await client.provider.getBlock(0))?.hash ?? `0x${'00'.repeat(32)}`;
  const { chainId, address } = client;
  const journal = openJournal({ home, chainId, genesis, market: address, account, role });
  const emit: Emit = (event) => options.emit({ ...event, role } as RoleEvent);
  let staking: Promise<unknown> = Promise.resolve();
  return {
    role,
    client,
    account,
    view: openView(client),
    store,
    device,
    journal,
    emit,
    signal,
    async send(what, call, about = {}) {
      signal.throwIfAborted();
      try {
        const receipt = await client.send(what, call());
        emit({ kind: 'sent', text: what, transaction: receipt.hash, gas: Number(receipt.gasUsed), ...about });
        return receipt;
      } catch (error) {
        if (OVERTAKEN.has(refusal(error)?.name ?? '')) return undefined;
        throw error;
      }
    },
    async stake(amount, use) {
      const before = staking;
      const mine = (async () => {
        await before.catch(() => undefined);
        signal.throwIfAborted();
        await fund(client, amount);
        return use();
      })();
      staking = mine;
      return mine;
    },
    isMe: (address) => sameAddress(address, account),
    close: () => journal.close(),
  };
}
