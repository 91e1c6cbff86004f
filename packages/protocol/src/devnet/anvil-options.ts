/** What a local chain is started with. */
import { dirname } from 'node:path';
import { accessSync, constants, statSync } from 'node:fs';
import { GensynError } from '@gensyn/ir';

export interface DevnetOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** File that the chain is read from, if it exists, and written to when it is shut down. */
  readonly state?: string;
  /** Seconds between blocks; by default each transaction gets its block at once. */
  readonly blockTime?: number;
  /** Gas of a block; 60M by default, as on Ethereum. A higher one also lifts the limit of a transaction. */
  readonly gasLimit?: number;
}

export const CHAIN_ID = 31337;
export const BLOCK_GAS = 60_000_000;
/** Rules of the chain. From Osaka on a transaction may take no more than 2^24 gas (EIP-7825). */
const HARDFORK = 'osaka';

/** Arguments of anvil. Errors: N0103 for a state file that cannot be used. */
export function anvilArguments({
  port = 0,
  state,
  blockTime,
  gasLimit = BLOCK_GAS,
}: DevnetOptions): string[] {
  if (state !== undefined) checkState(state);
  return [
    ...[
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--chain-id',
      String(CHAIN_ID),
      '--hardfork',
      HARDFORK,
      '--gas-limit',
      String(gasLimit),
    ],
    ...(gasLimit > BLOCK_GAS ? [] : ['--enable-tx-gas-limit']),
    ...(state === undefined ? [] : ['--state', state]),
    ...(blockTime === undefined ? [] : ['--block-time', String(blockTime)]),
  ];
}

/** anvil itself starts an empty chain, and says nothing, where it cannot write. */
function checkState(state: string): void {
  try {
    accessSync(dirname(state), constants.W_OK);
    if (statSync(state, { throwIfNoEntry: false })?.isFile() === false) throw new Error('it is no file');
  } catch (cause) {
    throw new GensynError('N0103', `the state of the chain cannot be kept in ${state}`, { cause });
  }
}

/** The address in what anvil has printed so far, once it listens. */
export function listeningUrl(output: string): string | undefined {
  const match = /^Listening on (\S+:\d+)\s*$/m.exec(output);
  return match ? `http://${match[1]}` : undefined;
}

/** Why anvil did not start, from what it printed. Always N0102. */
export function startFailure(output: string): GensynError {
  const said = output
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-3)
    .join('; ');
  return new GensynError('N0102', `anvil did not start${said === '' ? '' : `: ${said}`}`);
}
