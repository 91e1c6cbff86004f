/** One transaction from the wish to the receipt, whatever nodes, other processes and reorganisations do meanwhile. */
import { GensynError } from '@gensyn/ir';
import {
  formatEther,
  Transaction,
  type JsonRpcProvider,
  type TransactionReceipt,
  type TransactionRequest,
  type Wallet,
} from 'ethers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContractCall } from './market-client.js';
import { refused } from './refusal.js';

export interface Sending {
  readonly provider: JsonRpcProvider;
  readonly wallet: Wallet;
  readonly chainId: number;
  /** Blocks on top of the one with the transaction before its receipt is believed. */
  readonly confirmations: number;
  /** Milliseconds without a block that has it, after which more is paid. */
  readonly patience: number;
  /** Milliseconds after which it is given up. */
  readonly limit: number;
}

/** How often a nonce that somebody else of the same account has taken is tried anew. */
const RACES = 20;
/** In percent: nodes replace a transaction only by one that pays a tenth more. */
const BUMP = 125n;
/** How often a receipt is looked for once its nonce is used. */
const LATE = 5;
/** EIP-7825: no transaction may take more. */
export const MOST_GAS = 2n ** 24n;

/** One transaction of an account at a time until a node has it, for each counts on the nonce before it. */
const queues = new Map<string, Promise<unknown>>();
/** Nonces of transactions that are waited for, by node and account: a node that is behind, or has lost one, would give them away again. */
const waited = new Map<string, Set<number>>();

/**
 * @param what for people: "claim task 3"
 * Errors: N0401 the contract refuses, N0402 too little money for gas, N0403 it vanished, N0205 no answer.
 */
export async function sendTransaction(
  sending: Sending,
  what: string,
  call: ContractCall,
): Promise<TransactionReceipt> {
  const { to, data } = await call;
  const request = { to: to!, data: data!, from: sending.wallet.address };
  return deliver(sending, what, request);
}

/** After all of the account that came before. */
async function inTurn<T>({ chainId, wallet }: Sending, act: () => Promise<T>): Promise<T> {
  const key = `${chainId} ${wallet.address}`;
  const before = queues.get(key) ?? Promise.resolve();
  const mine = before.then(act, act);
  queues.set(key, mine);
  try {
    return await mine;
  } finally {
    if (queues.get(key) === mine) queues.delete(key);
  }
}

/** What a call would do in the next block: its gas. Errors: N0401. */
export async function simulate(
  provider: JsonRpcProvider,
  what: string,
  request: TransactionRequest,
): Promise<bigint> {
  try {
    return await provider.estimateGas({ ...request, blockTag: 'pending' });
  } catch (error) {
    throw refused(what, error) ?? error;
  }
}

async function deliver(
  sending: Sending,
  what: string,
  request: TransactionRequest,
): Promise<TransactionReceipt> {
  for (let races = 0; ; races++) {
    const sent = await inTurn(sending, async () => {
      // Simulated each time: what it was to do may have been done by now.
      const gas = await simulate(sending.provider, what, request);
      const signed = await sign(sending, what, request, gas);
      if (!(await broadcast(sending, what, signed))) return undefined;
      waitedOf(sending).add(signed.transaction.nonce);
      return signed;
    });
    if (sent) {
      try {
        const receipt = await arrival(sending, what, request, sent);
        if (receipt) return receipt;
      } finally {
        waitedOf(sending).delete(sent.transaction.nonce);
      }
    }
    if (races >= RACES)
      throw new GensynError(
        'N0403',
        `could not ${what}: other transactions of the account come first, again and again`,
      );
    await sleep(20 + Math.random() * 100 * (races + 1));
  }
}

function waitedOf({ provider, wallet }: Sending): Set<number> {
  const key = `${provider._getConnection().url} ${wallet.address}`;
  let nonces = waited.get(key);
  if (!nonces) waited.set(key, (nonces = new Set()));
  return nonces;
}

interface Signed {
  readonly transaction: Transaction;
  readonly hash: string;
  readonly bytes: string;
}

async function sign(
  sending: Sending,
  what: string,
  request: TransactionRequest,
  estimate: bigint,
): Promise<Signed> {
  const { provider, wallet, chainId } = sending;
  const [pending, fees, balance] = await Promise.all([
    provider.getTransactionCount(wallet.address, 'pending'),
    provider.getFeeData(),
    provider.getBalance(wallet.address),
  ]);
  let nonce = pending;
  while (waitedOf(sending).has(nonce)) nonce++;
  const most = (estimate * 5n) / 4n;
  const gasLimit = most > MOST_GAS && estimate <= MOST_GAS ? MOST_GAS : most;
  const price =
    fees.maxFeePerGas === null
      ? { type: 0, gasPrice: fees.gasPrice ?? 1n }
      : {
          type: 2,
          maxFeePerGas: fees.maxFeePerGas,
          maxPriorityFeePerGas: fees.maxPriorityFeePerGas ?? 0n,
        };
  const cost = gasLimit * (fees.maxFeePerGas ?? fees.gasPrice ?? 1n);
  if (balance < cost) throw tooPoor(what, wallet.address, balance, cost);
  const { to, data } = request as { to: string; data: string };
  return signed(wallet, Transaction.from({ to, data, chainId, nonce, gasLimit, ...price }));
}

function signed(wallet: Wallet, transaction: Transaction): Signed {
  transaction.signature = wallet.signingKey.sign(transaction.unsignedHash);
  return { transaction, hash: transaction.hash!, bytes: transaction.serialized };
}

/** Whether the node has it; false if another transaction has its nonce. */
async function broadcast(
  { provider, wallet }: Sending,
  what: string,
  { hash, bytes }: Signed,
): Promise<boolean> {
  try {
    await provider.send('eth_sendRawTransaction', [bytes]);
    return true;
  } catch (error) {
    const said = sayings(error);
    if (/already known|already imported|known transaction/i.test(said)) return true;
    if (/nonce too low|nonce has already been used|invalid nonce|replacement|underpriced/i.test(said))
      // Also said of a transaction that got into a block while its sender waited for an answer.
      return (await provider.getTransaction(hash)) !== null;
    if (/insufficient funds/i.test(said))
      throw tooPoor(what, wallet.address, await provider.getBalance(wallet.address));
    throw refused(what, error) ?? unwilling(what, error, said);
  }
}

/**
 * Waits for the receipt, pays more if it takes long, sends it again if the chain has lost it. Undefined where another transaction of
 * the account has taken its place, so that it can never count any more.
 */
async function arrival(
  sending: Sending,
  what: string,
  request: TransactionRequest,
  first: Signed,
): Promise<TransactionReceipt | undefined> {
  const { provider, wallet, confirmations } = sending;
  const nonce = first.transaction.nonce;
  const sent = [first];
  const began = performance.now();
  let bumped = began;
  let [foreign, seen] = [0, false];
  for (let pause = provider.pollingInterval; ; await sleep(pause)) {
    const receipt = await receiptOf(provider, sent);
    if (receipt) {
      seen = true;
      if (receipt.status === 0) throw await reverted(sending, what, request, receipt);
      if (confirmations === 0) return receipt;
      if ((await provider.getBlockNumber()) >= receipt.blockNumber + confirmations) return receipt;
      continue;
    }
    const now = performance.now();
    if ((await provider.getTransactionCount(wallet.address, 'latest')) > nonce) {
      // Its nonce is used, and not by it: unless the receipt is only late.
      if (++foreign > LATE) {
        if (!seen) return undefined;
        throw vanished(what, sent.at(-1)!.hash, 'it was in a block, and another one has taken its place');
      }
      pause = Math.max(200, provider.pollingInterval);
      continue;
    }
    foreign = 0;
    if (now - began > sending.limit)
      throw vanished(what, sent.at(-1)!.hash, `no block has it after ${Math.round((now - began) / 1000)} s`);
    const latest = sent.at(-1)!;
    if (now - bumped > sending.patience) {
      bumped = now;
      const dearer = await withMoreFee(sending, latest);
      if (dearer && (await broadcast(sending, what, dearer))) sent.push(dearer);
    } else if ((await provider.getTransaction(latest.hash)) === null) {
      // Lost, as by a reorganisation. The same bytes again can never count twice.
      await broadcast(sending, what, latest);
    }
    pause = Math.min(2000, pause * 1.5);
  }
}

async function receiptOf(
  provider: JsonRpcProvider,
  sent: readonly Signed[],
): Promise<TransactionReceipt | undefined> {
  for (const { hash } of sent.toReversed()) {
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt) return receipt;
  }
  return undefined;
}

/** The same at a higher price; undefined where the account cannot pay it. */
async function withMoreFee(
  { provider, wallet }: Sending,
  { transaction }: Signed,
): Promise<Signed | undefined> {
  const fees = await provider.getFeeData();
  const more = (was: bigint, market: bigint | null): bigint => {
    const least = (was * BUMP) / 100n + 1n;
    return market !== null && market > least ? market : least;
  };
  const next = transaction.clone();
  if (transaction.type === 2) {
    next.maxFeePerGas = more(transaction.maxFeePerGas!, fees.maxFeePerGas);
    next.maxPriorityFeePerGas = more(transaction.maxPriorityFeePerGas!, fees.maxPriorityFeePerGas);
  } else next.gasPrice = more(transaction.gasPrice!, fees.gasPrice);
  const cost = next.gasLimit * (next.maxFeePerGas ?? next.gasPrice!);
  if ((await provider.getBalance(wallet.address)) < cost) return undefined;
  return signed(wallet, next);
}

/** It got into a block and was refused there, though not when it was simulated. */
async function reverted(
  { provider }: Sending,
  what: string,
  request: TransactionRequest,
  receipt: TransactionReceipt,
): Promise<unknown> {
  try {
    await provider.call({ ...request, blockTag: receipt.blockNumber });
  } catch (error) {
    const why = refused(what, error);
    if (why) return why;
  }
  return refused(what, { code: 'CALL_EXCEPTION' });
}

const vanished = (what: string, hash: string, why: string): GensynError =>
  new GensynError('N0403', `the transaction to ${what} has vanished: ${why}`, {
    notes: [{ message: `it was ${hash}` }],
    help: 'doing the same again looks first at what has happened',
  });

function tooPoor(what: string, address: string, balance: bigint, cost?: bigint): GensynError {
  const needed = cost === undefined ? '' : `, up to ${formatEther(cost)} are needed`;
  return new GensynError(
    'N0402',
    `${address} cannot pay the gas to ${what}: it has ${formatEther(balance)} ETH${needed}`,
    { help: 'send it some of the currency of the chain (which is not the token of the market)' },
  );
}

const unwilling = (what: string, error: unknown, said: string): unknown =>
  error instanceof GensynError
    ? error
    : new GensynError('N0204', `the node did not take the transaction to ${what}: ${said.slice(0, 300)}`, {
        cause: error,
      });

/** All that a node's answer says, whichever way ethers has wrapped it. */
function sayings(error: unknown): string {
  const {
    message = '',
    shortMessage = '',
    error: inner,
    info,
  } = error as {
    message?: string;
    shortMessage?: string;
    error?: { message?: string };
    info?: { error?: { message?: string } };
  };
  return [inner?.message, info?.error?.message, shortMessage, message].filter(Boolean).join('; ');
}
