/** An account's money: in its wallet, and in the market, where stakes and escrows come from. */
import { GensynError } from '@gensyn/ir';
import { Signature } from 'ethers';
import type { MarketClient } from './market-client.js';
import { accountOf } from './open-market.js';
import { tokens } from './tokens.js';

export interface Money {
  /** For gas, in wei. */
  readonly gas: bigint;
  readonly wallet: bigint;
  /** What the market holds and the account may stake or withdraw. */
  readonly free: bigint;
}

export async function moneyOf({ provider, token, market }: MarketClient, address: string): Promise<Money> {
  const [gas, wallet, free] = await Promise.all([
    provider.getBalance(address),
    token.balanceOf(address),
    market.free(address),
  ]);
  return { gas, wallet, free };
}

/** Seconds that a permit holds. */
const PERMIT_TIME = 3600;

/** Brings tokens from the wallet into the market, by a signature in place of an approval. Errors: N0408 too few, and those of `send`. */
export async function deposit(client: MarketClient, amount: bigint): Promise<void> {
  if (amount === 0n) return;
  const { wallet: signer, token, market, chainId } = client;
  const owner = accountOf(client, 'deposit');
  const { wallet } = await moneyOf(client, owner);
  if (wallet < amount) {
    throw new GensynError(
      'N0408',
      `${tokens(amount)} are to be deposited, and the wallet of ${owner} has ${tokens(wallet)}`,
    );
  }
  const [nonce, now] = await Promise.all([token.nonces(owner), client.now()]);
  const deadline = now + PERMIT_TIME;
  const permit = { owner, spender: client.address, value: amount, nonce, deadline };
  const { v, r, s } = Signature.from(
    await signer!.signTypedData(
      { name: 'Gensyn', version: '1', chainId, verifyingContract: await token.getAddress() },
      PERMIT,
      permit,
    ),
  );
  await client.send(
    `deposit ${tokens(amount)}`,
    market.depositWithPermit.populateTransaction(amount, deadline, v, r, s),
  );
}

/** Makes sure that so much is free in the market; returns what was deposited. Errors: N0408, and those of `send`. */
export async function fund(client: MarketClient, needed: bigint): Promise<bigint> {
  const { free } = await moneyOf(client, accountOf(client, 'deposit'));
  if (free >= needed) return 0n;
  await deposit(client, needed - free);
  return needed - free;
}

/** Takes tokens out into the wallet; all there are by default. Returns how many. Errors: those of `send`. */
export async function withdraw(client: MarketClient, amount?: bigint): Promise<bigint> {
  const { free } = await moneyOf(client, accountOf(client, 'withdraw'));
  const taken = amount ?? free;
  if (taken > 0n)
    await client.send(`withdraw ${tokens(taken)}`, client.market.withdraw.populateTransaction(taken));
  return taken;
}

const PERMIT = {
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
};
