/** Finds a market, makes sure that it is one, and gives an account its view of it. */
import type { Contracts } from '@gensyn/contracts';
import { GensynError } from '@gensyn/ir';
import { getAddress, isAddress, type JsonRpcProvider } from 'ethers';
import { openAccount } from '../account/open-account.js';
import type { Passwords } from '../account/password.js';
import { contractAt } from '../contracts/contract-at.js';
import { CHAIN_ID } from '../devnet/anvil-options.js';
import { devnetStatus } from '../devnet/background.js';
import { connect } from '../devnet/connect.js';
import type { MarketClient } from './market-client.js';
import { checkCode } from './same-code.js';
import { sendTransaction } from './send-transaction.js';

export interface MarketOptions {
  /** JSON-RPC address; the running local chain's by default. */
  readonly rpc?: string | undefined;
  /** Number that the chain must have. */
  readonly chain?: number | undefined;
  /** Of the TaskMarket; the running local chain's by default. */
  readonly market?: string | undefined;
  /** A keystore's name, or `devnet:0` to `devnet:9`; nobody by default, who can only look. */
  readonly account?: string | undefined;
  readonly passwords?: Passwords | undefined;
  /** Blocks on top of a receipt's before it is believed; 0 on a local chain, else 2. */
  readonly confirmations?: number | undefined;
  /** Milliseconds without a block before a transaction's fee is raised; 60,000 by default. */
  readonly patience?: number | undefined;
  /** Milliseconds before a transaction is given up; 900,000 by default. */
  readonly limit?: number | undefined;
}

/**
 * Errors: N0201 no chain, N0202 another chain, N0205 no answer, N0405 no market named, N0406 and N0407 no market there, and those of
 * `openAccount`.
 */
export async function openMarket(options: MarketOptions = {}): Promise<MarketClient> {
  const local = devnetStatus();
  const url = options.rpc ?? local?.url;
  if (url === undefined) {
    throw new GensynError('N0201', 'no chain is named, and no local one is up', {
      help: '`gensyn devnet up` starts a local one; --rpc, GENSYN_RPC or `rpc` in gensyn.toml name another',
    });
  }
  const provider = await connect(url, options.chain);
  try {
    const chainId = Number((await provider.getNetwork()).chainId);
    const address = marketAddress(options.market ?? (url === local?.url ? local.market : undefined));
    const contracts = await checkedContracts(provider, address);
    const wallet =
      options.account === undefined
        ? undefined
        : (await openAccount(options.account, chainId, options.passwords)).connect(provider);
    let since: Promise<number> | undefined;
    const { confirmations = chainId === CHAIN_ID ? 0 : 2, patience = 60_000, limit = 900_000 } = options;
    return {
      url,
      chainId,
      address,
      provider,
      account: wallet?.address,
      wallet,
      confirmations,
      ...contracts,
      since: () => (since ??= firstBlock(provider, address)),
      send(what, call) {
        if (!wallet) {
          // The call is a promise that nobody waits for now.
          call.catch(() => undefined);
          return Promise.reject(noAccount(what));
        }
        return sendTransaction({ provider, wallet, chainId, confirmations, patience, limit }, what, call);
      },
      async now() {
        const block = (await provider.getBlock('pending')) ?? (await provider.getBlock('latest'));
        return block!.timestamp;
      },
      close() {
        provider.destroy();
        return Promise.resolve();
      },
    };
  } catch (error) {
    provider.destroy();
    throw error;
  }
}

/** Who acts. Errors: N0608. */
export function accountOf(client: MarketClient, what = 'do this'): string {
  if (client.account === undefined) throw noAccount(what);
  return client.account;
}

const noAccount = (what: string): GensynError =>
  new GensynError('N0608', `it must be said which account is to ${what}`, {
    help: '--account, GENSYN_ACCOUNT or `account` in gensyn.toml; on a local chain there are devnet:0 to devnet:9',
  });

function marketAddress(market: string | undefined): string {
  if (market === undefined) {
    throw new GensynError('N0405', 'it must be said where the market is', {
      help: '--market, GENSYN_MARKET or `market` in gensyn.toml: the address of its TaskMarket; `gensyn devnet up` deploys one on a local chain',
    });
  }
  if (!isAddress(market)) throw new GensynError('N0405', `'${market}' is not the address of a market`);
  return getAddress(market);
}

type Known = Pick<MarketClient, 'token' | 'market' | 'parameters' | 'pinpoint' | 'referee' | 'selections'>;

async function checkedContracts(provider: JsonRpcProvider, address: string): Promise<Known> {
  const checked = async <Name extends keyof Contracts>(name: Name, at: string): Promise<Contracts[Name]> => {
    await checkCode(provider, name, at);
    return contractAt(name, at, provider);
  };
  const market = await checked('TaskMarket', address);
  const [token, parameters, pinpoint, selections] = await Promise.all([
    market.token().then((at) => checked('GensynToken', at)),
    market.parameters().then((at) => checked('Parameters', at)),
    market.pinpoint().then((at) => checked('Pinpoint', at)),
    market.selections().then((at) => checked('Selections', at)),
  ]);
  const referee = await checked('GraphReferee', await pinpoint.referee());
  return { token, market, parameters, pinpoint, referee, selections };
}

/** The block with which the contract came; 0 where the node does not remember old states. */
async function firstBlock(provider: JsonRpcProvider, address: string): Promise<number> {
  let [without, has] = [-1, await provider.getBlockNumber()];
  try {
    while (has - without > 1) {
      const middle = Math.floor((without + has) / 2);
      if ((await provider.getCode(address, middle)) === '0x') without = middle;
      else has = middle;
    }
    return has;
  } catch (error) {
    if (error instanceof GensynError) throw error;
    return 0;
  }
}
