/** Gas and tokens for an account of one's own on a local chain. */
import { parseEther } from 'ethers';
import { GensynError } from '@gensyn/ir';
import { addressOfAccount } from '../account/open-account.js';
import type { MarketClient } from '../chain/market-client.js';
import { CHAIN_ID } from './anvil-options.js';

const GAS = parseEther('10');
const TOKENS = 10_000n * 10n ** 18n;

/** @param client of the account that gives. Errors: N0606 off a local chain, and those of `send`. */
export async function fundOnDevnet(
  client: MarketClient,
  name: string,
): Promise<{ readonly address: string; readonly tokens: bigint }> {
  if (client.chainId !== CHAIN_ID)
    throw new GensynError(
      'N0606',
      `money is given away on local chains only, not on chain ${client.chainId}`,
    );
  const address = addressOfAccount(name, client.chainId);
  const balance = await client.provider.getBalance(address);
  await client.provider.send('anvil_setBalance', [address, `0x${(balance + GAS).toString(16)}`]);
  await client.send(`give tokens to ${name}`, client.token.transfer.populateTransaction(address, TOKENS));
  return { address, tokens: TOKENS };
}
