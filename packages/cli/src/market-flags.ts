/** Options of the commands that talk to a market, and how they open it. */
import { Flags } from '@oclif/core';
import type { MarketClient, Passwords } from '@gensyn/protocol';
import { hiddenPrompt } from './ask-hidden.js';
import { readSettings, type Settings } from './settings.js';

export const chainFlags = {
  rpc: Flags.string({
    helpValue: 'url',
    description: "JSON-RPC address of the chain; the running local one's by default.",
    helpGroup: 'MARKET',
  }),
  chain: Flags.integer({
    min: 1,
    description: 'Number that the chain must have.',
    helpGroup: 'MARKET',
  }),
  market: Flags.string({
    helpValue: 'address',
    description: 'Where the market is.',
    helpGroup: 'MARKET',
  }),
};

export const accountFlags = {
  account: Flags.string({
    char: 'a',
    helpValue: 'name',
    description: 'Who acts: a name of `gensyn account list`; devnet:0 to devnet:9 on a local chain.',
    helpGroup: 'MARKET',
  }),
  'password-file': Flags.string({
    helpValue: 'file',
    description: 'File with the password of the account; asked for by default.',
    helpGroup: 'MARKET',
  }),
};

export const storeFlag = Flags.string({
  helpValue: 'places',
  description: 'Where artefacts are: folders and addresses of IPFS nodes, with commas.',
  helpGroup: 'MARKET',
});

export const homeFlag = Flags.string({
  helpValue: 'folder',
  description: 'Where work and the journal are kept.',
  helpGroup: 'MARKET',
});

export interface MarketFlags {
  readonly rpc?: string | undefined;
  readonly chain?: number | undefined;
  readonly market?: string | undefined;
  readonly account?: string | undefined;
  readonly 'password-file'?: string | undefined;
  readonly store?: string | undefined;
  readonly home?: string | undefined;
}

/** Settings with what the options of a market say before all else. */
export function marketSettings(
  flags: MarketFlags,
  more: Parameters<typeof readSettings>[0] = {},
): Promise<Settings> {
  const { rpc, chain, market, account, store, home } = flags;
  return readSettings({ ...more, rpc, chain, market, account, store, home });
}

export function passwordsOf(flags: MarketFlags): Passwords {
  return { file: flags['password-file'], ask: hiddenPrompt() };
}

/**
 * The market that the settings name. With `acts` the account is unlocked, asking for its password if need be.
 * Errors: those of `openMarket`; N0608 for nobody to act.
 */
export async function openMarketWith(
  settings: Settings,
  flags: MarketFlags,
  { acts }: { readonly acts: boolean },
): Promise<MarketClient> {
  const { accountOf, openMarket } = await import('@gensyn/protocol');
  const { rpc, chain, market, account } = settings;
  const client = await openMarket({
    rpc,
    chain,
    market,
    ...(acts ? { account, passwords: passwordsOf(flags) } : {}),
  });
  if (acts) {
    try {
      accountOf(client);
    } catch (error) {
      await client.close();
      throw error;
    }
  }
  return client;
}
