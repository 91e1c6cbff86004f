/** One account's view of a market: the contracts on one chain, and the way to change them. */
import type { Contracts } from '@gensyn/contracts';
import type { JsonRpcProvider, TransactionReceipt } from 'ethers';

export interface MarketClient {
  readonly url: string;
  readonly chainId: number;
  readonly provider: JsonRpcProvider;
  /** Who sends; undefined for somebody who only looks. */
  readonly account: string | undefined;
  readonly token: Contracts['GensynToken'];
  readonly market: Contracts['TaskMarket'];
  readonly parameters: Contracts['Parameters'];
  readonly pinpoint: Contracts['Pinpoint'];
  readonly referee: Contracts['GraphReferee'];
  /**
   * Sends one transaction and waits until it is in a block. It is simulated first, so that what the contract refuses costs nothing.
   * @param what for people: "claim task 3"
   * Errors: N0401 the contract refuses (its error's name in `refusal(error)`), N0402 too little money for gas, N0403 it vanished.
   */
  send(what: string, call: ContractCall): Promise<TransactionReceipt>;
  /** Seconds of the newest block. */
  now(): Promise<number>;
  close(): Promise<void>;
}

/** A contract function's populated transaction: `market.claim.populateTransaction(1, 0, 0)`. */
export type ContractCall = Promise<{ readonly to?: string | null; readonly data?: string }>;
