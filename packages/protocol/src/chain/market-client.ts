/** One account's view of a market: the contracts on one chain, and the way to change them. */
import type { Contracts } from '@gensyn/contracts';
import type { JsonRpcProvider, TransactionReceipt, Wallet } from 'ethers';

export interface MarketClient {
  readonly url: string;
  readonly chainId: number;
  /** Of the TaskMarket. */
  readonly address: string;
  readonly provider: JsonRpcProvider;
  /** Who sends; undefined for somebody who only looks. */
  readonly account: string | undefined;
  /** Signs what is not a transaction: permits, moves that others deliver. */
  readonly wallet: Wallet | undefined;
  /** Blocks on top of something before it is believed; 0 on a local chain. */
  readonly confirmations: number;
  readonly token: Contracts['GensynToken'];
  readonly market: Contracts['TaskMarket'];
  readonly selections: Contracts['Selections'];
  readonly parameters: Contracts['Parameters'];
  readonly pinpoint: Contracts['Pinpoint'];
  readonly referee: Contracts['GraphReferee'];
  /** Block from which on the market has events; looked up once. */
  since(): Promise<number>;
  /**
   * Sends one transaction and waits until it is in a block (and, off a local chain, under two more). It is simulated first, so that what
   * the contract refuses costs nothing. The contracts above only read; changes go through here.
   * @param what for people: "claim task 3"
   * Errors: N0401 the contract refuses (its error's name in `refusal(error)`), N0402 too little money for gas, N0403 it vanished,
   * N0205 the node does not answer, N0608 without an account.
   */
  send(what: string, call: ContractCall): Promise<TransactionReceipt>;
  /** Seconds that the next block would have now: time goes on where no blocks are made. */
  now(): Promise<number>;
  close(): Promise<void>;
}

/** A contract function's populated transaction: `market.claim.populateTransaction(1, 0, 0)`. */
export type ContractCall = Promise<{ readonly to?: string | null; readonly data?: string }>;
