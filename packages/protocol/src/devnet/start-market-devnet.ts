/** A local chain with a market on it, for tests and demonstrations; it ends with the process that started it. */
import { openMarket, type MarketOptions } from '../chain/open-market.js';
import type { MarketClient } from '../chain/market-client.js';
import { deployDevnetMarket, type DevnetMarketOptions } from '../market/devnet-market.js';
import type { DevnetOptions } from './anvil-options.js';
import { passTime } from './pass-time.js';
import { startDevnet, type Devnet } from './start-devnet.js';

export interface MarketDevnet extends Devnet {
  /** Address of the TaskMarket. */
  readonly market: string;
  /** A view of it, for account `devnet:<number>`; for nobody without a number. Whoever opens it closes it. */
  client(account?: number, options?: MarketOptions): Promise<MarketClient>;
  /** Moves the clock on by so many seconds, and makes a block. Returns its time. */
  pass(seconds: number): Promise<number>;
}

/** Errors: N0101 to N0103, N0203, N0204. */
export async function startMarketDevnet(
  options: DevnetOptions & DevnetMarketOptions = {},
): Promise<MarketDevnet> {
  const devnet = await startDevnet(options);
  try {
    const market = await deployDevnetMarket(devnet.provider, options);
    return {
      ...devnet,
      market,
      client: (account, more) =>
        openMarket({
          rpc: devnet.url,
          market,
          ...(account === undefined ? {} : { account: `devnet:${account}` }),
          ...more,
        }),
      pass: (seconds) => passTime(devnet.provider, seconds),
    };
  } catch (error) {
    await devnet.stop();
    throw error;
  }
}
