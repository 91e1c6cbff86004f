/** The market of a local chain: deployed, its council in office, tokens in the wallet of every account. */
import { NonceManager, Wallet, type JsonRpcProvider } from 'ethers';
import { contractAt } from '../contracts/contract-at.js';
import { deployAll } from '../deploy/deploy.js';
import { devnetKeys } from '../devnet/accounts.js';
import { devnetValues, marketSteps, type MarketSettings, type MarketValues } from './deployment.js';

export interface DevnetMarketOptions {
  /** Seconds of each window after a proof; 60 by default. At least 10. */
  readonly windows?: number;
  /** Seconds of a player for all moves; ten windows by default. */
  readonly clock?: number;
  /** Parameters other than `devnetValues` has them; before `windows` and `clock`. */
  readonly values?: Partial<MarketValues>;
  /** Seconds between the blocks of the chain: for the deployment blocks are made at once, and then so again. */
  readonly blockTime?: number;
}

const TOKEN = 10n ** 18n;
const SUPPLY = 10_000_000n * TOKEN;
/** Of each of the ten accounts; the first one keeps the rest. */
const SHARE = 100_000n * TOKEN;

/** What the market of a local chain is deployed with. */
export function devnetSettings({ windows, clock, values }: DevnetMarketOptions): MarketSettings {
  const founder = new Wallet(devnetKeys()[0]!).address;
  const times =
    windows === undefined
      ? {}
      : { commitTime: windows, revealTime: windows, challengeTime: windows, clock: clock ?? 10 * windows };
  return {
    founder,
    supply: SUPPLY,
    values: { ...devnetValues, ...times, ...(clock === undefined ? {} : { clock }), ...values },
    governance: { wait: 30, delay: 10, period: 60, threshold: 100n * TOKEN },
  };
}

/** Deploys what is missing, and returns the address of the TaskMarket. Errors: N0203, N0204. */
export async function deployDevnetMarket(
  provider: JsonRpcProvider,
  options: DevnetMarketOptions = {},
): Promise<string> {
  const { blockTime } = options;
  if (blockTime !== undefined) await provider.send('evm_setAutomine', [true]);
  try {
    return await deployAndShare(provider, options);
  } finally {
    if (blockTime !== undefined) await provider.send('evm_setIntervalMining', [blockTime]);
  }
}

async function deployAndShare(provider: JsonRpcProvider, options: DevnetMarketOptions): Promise<string> {
  const signer = new NonceManager(new Wallet(devnetKeys()[0]!, provider));
  const deployed = await deployAll(signer, marketSteps(devnetSettings(options)));
  const at = (name: string): string => deployed[name]!.address;
  const timelock = contractAt('Timelock', at('Timelock'), signer);
  const sent = [];
  if (!(await timelock.hasRole(await timelock.PROPOSER_ROLE(), at('Council'))))
    sent.push(await timelock.appoint(at('Council')));
  const token = contractAt('GensynToken', at('GensynToken'), signer);
  for (const key of devnetKeys().slice(1)) {
    const { address } = new Wallet(key);
    // New ones only: what was spent is not given again.
    if (deployed['GensynToken']!.gas > 0n) sent.push(await token.transfer(address, SHARE));
  }
  await Promise.all(sent.map((each) => each.wait()));
  return at('TaskMarket');
}
