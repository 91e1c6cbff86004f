/** The account that a command names: a keystore, or one of a local chain's. */
import { GensynError } from '@gensyn/ir';
import { Wallet } from 'ethers';
import { CHAIN_ID } from '../devnet/anvil-options.js';
import { devnetKeys } from '../devnet/accounts.js';
import { accountsFolder, readAccount, unlockAccount } from './keystore.js';
import { passwordOf, type Passwords } from './password.js';

const DEVNET = /^devnet:([0-9])$/;

/** Unlocks it. Errors: N0601 to N0604, N0606, N0609. */
export async function openAccount(name: string, chainId: number, passwords: Passwords = {}): Promise<Wallet> {
  const local = localAccount(name, chainId);
  if (local) return local;
  readAccount(name);
  return unlockAccount(name, await passwordOf(name, passwords), accountsFolder());
}

/** Its address; needs no password. An address is its own. Errors: N0601, N0603, N0606. */
export function addressOfAccount(name: string, chainId?: number): string {
  if (/^0x[0-9a-fA-F]{40}$/.test(name)) return name;
  return (localAccount(name, chainId ?? CHAIN_ID) ?? readAccount(name)).address;
}

function localAccount(name: string, chainId: number): Wallet | undefined {
  if (!name.startsWith('devnet:')) return undefined;
  const number = DEVNET.exec(name)?.[1];
  if (number === undefined)
    throw new GensynError('N0601', `there is no account '${name}'`, {
      help: 'a local chain has devnet:0 to devnet:9',
    });
  if (chainId !== CHAIN_ID)
    throw new GensynError('N0606', `${name} is known to everybody; it is of no use on chain ${chainId}`);
  return new Wallet(devnetKeys()[Number(number)]!);
}
