/** What the commands of roles share: their options, one line for each event, a clean end when told to stop. */
import { Flags } from '@oclif/core';
import type { MarketClient, PartyOptions, RoleEvent, Store } from '@gensyn/protocol';
import type { Device } from '@gensyn/runtime';
import { chooseDevice } from './choose-device.js';
import { EXIT } from './exit-code.js';
import { deviceFlags, deviceOptions, type DeviceFlags } from './flags.js';
import {
  accountFlags,
  chainFlags,
  homeFlag,
  marketSettings,
  openMarketWith,
  storeFlag,
  type MarketFlags,
} from './market-flags.js';
import { homeOf, storeOf, type Settings } from './settings.js';

export const roleFlags = {
  ...deviceFlags,
  ...accountFlags,
  ...chainFlags,
  store: storeFlag,
  home: homeFlag,
};

export const looseSample = Flags.string({
  helpValue: '10%',
  description: 'Fraction of the claims to replay; all by default.',
});

/** Who plays a role, and where. */
export interface Stage {
  readonly client: MarketClient;
  readonly store: Store;
  readonly device: Device;
  readonly settings: Settings;
  readonly home: string;
  readonly signal: AbortSignal;
}

export interface Played {
  readonly events: number;
  readonly interrupted: boolean;
}

/**
 * Opens market, store and device, and closes them again. The first Ctrl-C ends the work, the second ends the process.
 * Errors: those of `openMarket`, `openStore` and `openDevice`.
 */
export async function onStage<T>(
  flags: MarketFlags & DeviceFlags,
  work: (stage: Stage) => Promise<T>,
  { acts = true }: { readonly acts?: boolean } = {},
): Promise<T | undefined> {
  const settings = await marketSettings(flags, deviceOptions(flags));
  const ending = new AbortController();
  const stop = (): void => {
    if (ending.signal.aborted) process.exit(EXIT.interrupted);
    process.exitCode = EXIT.interrupted;
    ending.abort();
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, stop);
  try {
    const client = await openMarketWith(settings, flags, { acts });
    try {
      const { openStore } = await import('@gensyn/protocol');
      const store = await openStore(storeOf(settings));
      try {
        const device = await chooseDevice(settings);
        return await work({ client, store, device, settings, home: homeOf(settings), signal: ending.signal });
      } finally {
        await store.close();
      }
    } finally {
      await client.close();
    }
  } catch (error) {
    if (ending.signal.aborted) return undefined;
    throw error;
  } finally {
    for (const name of names) process.off(name, stop);
    // Work that cannot be called back must not keep an interrupted process.
    if (ending.signal.aborted) setTimeout(() => process.exit(), 500).unref();
  }
}

/** Options of a role that tells its events: as lines for people on stdout, or one JSON object a line. */
export function partyOf(stage: Stage, json: boolean): PartyOptions {
  const { client, store, device, home, signal } = stage;
  return { client, store, device, home, signal, emit: json ? jsonLine : plainLine };
}

/** Bigints as text. */
export function jsonLine(value: unknown): void {
  const text = JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each));
  process.stdout.write(`${text}\n`);
}

const COLOURS: Partial<Record<RoleEvent['kind'], string>> = {
  wrong: '31',
  error: '31',
  matches: '32',
  verdict: '1',
  ended: '1',
  retry: '33',
  unavailable: '33',
  refused: '2',
  progress: '2',
};

function plainLine({ kind, text }: RoleEvent): void {
  const coloured = process.env['FORCE_COLOR'] !== '0';
  const style = (code: string, what: string): string => (coloured ? `\u001b[${code}m${what}\u001b[0m` : what);
  const colour = COLOURS[kind];
  const line = printable(text);
  process.stdout.write(
    `${style('2', new Date().toISOString().slice(11, 19))}  ${colour === undefined ? line : style(colour, line)}\n`,
  );
}

/** What others have named may hold anything; a line stays a line. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}
