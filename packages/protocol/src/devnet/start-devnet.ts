/** A local chain that lives no longer than the process that started it, however that ends. */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { JsonRpcProvider, type NonceManager } from 'ethers';
import { devnetAccounts } from './accounts.js';
import { anvilArguments, CHAIN_ID, listeningUrl, startFailure, type DevnetOptions } from './anvil-options.js';
import { findAnvil } from './find-anvil.js';
import { connect } from './connect.js';

export interface Devnet {
  readonly url: string;
  readonly provider: JsonRpcProvider;
  /** Ten accounts with 10,000 ETH each, the same every time. */
  readonly accounts: readonly NonceManager[];
  /** The first of them. */
  readonly signer: NonceManager;
  /** Ends the chain, after it has written its state. Calling it again does nothing. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 20_000;

/**
 * anvil outlives a parent that is killed, so a shell stands between: it ends anvil when its standard input closes, which the
 * operating system does when this process ends. anvil's standard input is empty.
 */
const GUARD =
  '"$@" </dev/null & child=$!; exec >/dev/null 2>&1; trap "" INT HUP; read -r _; kill "$child"; wait "$child"';

/** Errors: N0101 no anvil, N0102 it did not start, N0103 the state file. */
export async function startDevnet(options: DevnetOptions = {}): Promise<Devnet> {
  const anvil = findAnvil();
  const args = anvilArguments(options);
  const guarded = process.platform !== 'win32';
  const child = guarded
    ? spawn('/bin/sh', ['-c', GUARD, 'sh', anvil, ...args], {
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
      })
    : spawn(anvil, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // Whether the process that started the chain keeps running for its sake.
  const hold = (how: 'ref' | 'unref'): void => {
    child[how]();
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as Socket)[how]();
  };
  const end = async (): Promise<void> => {
    hold('ref');
    if (guarded) child.stdin.end();
    else child.kill();
    await ended;
  };

  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (): void => {
      clearTimeout(timer);
      reject(startFailure(output));
      void end();
    };
    const timer = setTimeout(fail, START_LIMIT_MS);
    const read = (bytes: Buffer): void => {
      output += bytes.toString();
      const found = listeningUrl(output);
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    // The guard keeps waiting for this process; that its output has ended means that anvil has.
    child.stdout.once('end', fail);
    child.once('error', fail);
  });
  output = '';
  child.stdout.removeAllListeners('data').resume();
  child.stderr.removeAllListeners('data').resume();
  hold('unref');

  const provider = await connect(url, CHAIN_ID);
  const accounts = devnetAccounts(provider);
  return {
    url,
    provider,
    accounts,
    signer: accounts[0]!,
    async stop() {
      provider.destroy();
      await end();
    },
  };
}
