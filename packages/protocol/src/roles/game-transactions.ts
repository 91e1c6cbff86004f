/** What the chain has kept of the transactions of a game: who sent them, when, for how much gas, and what they said. */
import { GensynError } from '@gensyn/ir';
import type { TransactionReceipt } from 'ethers';
import { sameAddress, type Game, type MarketClient } from '../chain/index.js';
import type { Side } from '../pinpoint/index.js';
import type { DisputeAction, DisputeTransaction } from './dispute-record.js';

/** Transactions of one game, each read once. */
export function gameTransactions({ provider, pinpoint }: MarketClient, { players }: Game) {
  const receipts = new Map<string, Promise<TransactionReceipt>>();
  const times = new Map<number, Promise<number>>();
  const receipt = (hash: string): Promise<TransactionReceipt> => {
    let reading = receipts.get(hash);
    if (!reading) {
      reading = provider.getTransactionReceipt(hash).then((found) => {
        if (found) return found;
        throw new GensynError('N0412', `the node does not know the transaction ${hash}`);
      });
      receipts.set(hash, reading);
    }
    return reading;
  };
  const timeOf = (block: number): Promise<number> => {
    let reading = times.get(block);
    if (!reading) times.set(block, (reading = provider.getBlock(block).then((found) => found!.timestamp)));
    return reading;
  };
  const call = async (hash: string) => {
    const data = (await provider.getTransaction(hash))?.data;
    try {
      return data === undefined ? null : pinpoint.interface.parseTransaction({ data });
    } catch {
      return null;
    }
  };
  return {
    receipt,
    call,
    async transaction(action: DisputeAction, hash: string): Promise<DisputeTransaction> {
      const { blockNumber, from, gasUsed } = await receipt(hash);
      const side = players.findIndex((player) => sameAddress(player, from));
      return {
        action,
        hash,
        block: blockNumber,
        time: await timeOf(blockNumber),
        sender: from,
        side: side < 0 ? undefined : (side as Side),
        gas: Number(gasUsed),
      };
    },
    async branch(hash: string): Promise<number | undefined> {
      const move = (await call(hash))?.args['move_'] as { branch?: bigint } | undefined;
      return move?.branch === undefined ? undefined : Number(move.branch);
    },
    /** Of the transaction that ended the game. */
    async actionOf(hash: string): Promise<'judge' | 'flag' | 'move'> {
      const name = (await call(hash))?.name;
      return name === 'judge' || name === 'flag' ? name : 'move';
    },
  };
}
