/** The local chain of `gensyn devnet`: it goes on after the command that started it, and is found again through a file. */
import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GensynError } from '@gensyn/ir';
import { anvilArguments, CHAIN_ID, listeningUrl, startFailure, type DevnetOptions } from './anvil-options.js';
import { findAnvil } from './find-anvil.js';
import { isAnvil } from './process.js';

/** What the file holds. */
export interface DevnetRecord {
  readonly pid: number;
  readonly url: string;
  readonly chainId: number;
  /** Path of the file that the chain is kept in; absent if it is forgotten. */
  readonly state?: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Address of the TaskMarket that was deployed there. */
  readonly market?: string;
}

const START_LIMIT_MS = 20_000;
const END_LIMIT_MS = 10_000;
const LOCK_STALE_MS = 30_000;

/** Where the file and the log are: $GENSYN_DEVNET, else a folder of the user's. */
export function devnetFolder(env: NodeJS.ProcessEnv = process.env): string {
  return (
    env['GENSYN_DEVNET'] ||
    join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'gensyn', 'devnet')
  );
}

/** The chain that runs; undefined where none does. */
export function devnetStatus(folder = devnetFolder()): DevnetRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(recordFile(folder), 'utf8')) as DevnetRecord;
    return Number.isInteger(record.pid) && isAnvil(record.pid) ? record : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Starts the chain, unless it runs. `began` tells which.
 * @param deploy puts a market on a chain that has none noted, and returns its address
 * Errors: N0101 no anvil, N0102 it did not start, N0103 the state file, N0104 it runs with other options.
 */
export async function devnetUp(
  options: DevnetOptions = {},
  folder = devnetFolder(),
  deploy?: (url: string) => Promise<string>,
): Promise<DevnetRecord & { readonly began: boolean }> {
  const state = options.state === undefined ? undefined : resolve(options.state);
  return locked(folder, async () => {
    const running = devnetStatus(folder);
    if (running) {
      const port = options.port || undefined;
      if (
        (state !== undefined && state !== running.state) ||
        (port !== undefined && !running.url.endsWith(`:${port}`))
      ) {
        throw new GensynError('N0104', `a local chain is up already, at ${running.url}, ${kept(running)}`, {
          help: 'end it first: gensyn devnet down',
        });
      }
      return { ...(await withMarket(running, folder, deploy)), began: false };
    }
    const { pid, url } = await begin(
      { ...options, ...(state === undefined ? {} : { state }) },
      join(folder, 'anvil.log'),
    );
    const record: DevnetRecord = {
      pid,
      url,
      chainId: CHAIN_ID,
      ...(state === undefined ? {} : { state }),
      since: Date.now(),
    };
    writeRecord(folder, record);
    return { ...(await withMarket(record, folder, deploy)), began: true };
  });
}

async function withMarket(
  record: DevnetRecord,
  folder: string,
  deploy: ((url: string) => Promise<string>) | undefined,
): Promise<DevnetRecord> {
  if (!deploy || record.market !== undefined) return record;
  const complete = { ...record, market: await deploy(record.url) };
  writeRecord(folder, complete);
  return complete;
}

/** Ends the chain and gives what it was; undefined where none ran. Its state is written before. Errors: N0105. */
export async function devnetDown(folder = devnetFolder()): Promise<DevnetRecord | undefined> {
  return locked(folder, async () => {
    const running = devnetStatus(folder);
    if (running) {
      process.kill(running.pid, 'SIGTERM');
      for (const until = Date.now() + END_LIMIT_MS; isAnvil(running.pid); await sleep(20)) {
        if (Date.now() > until)
          throw new GensynError('N0105', `the local chain (process ${running.pid}) does not end`);
      }
    }
    rmSync(recordFile(folder), { force: true });
    return running;
  });
}

const recordFile = (folder: string): string => join(folder, 'devnet.json');
const kept = ({ state }: DevnetRecord): string =>
  state === undefined ? 'its state not kept' : `its state kept in ${state}`;

async function begin(options: DevnetOptions, log: string): Promise<{ pid: number; url: string }> {
  const [anvil, args] = [findAnvil(), anvilArguments(options)];
  const output = openSync(log, 'w');
  const child = spawn(anvil, args, { detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  let ended = false;
  child.once('error', () => (ended = true)).once('exit', () => (ended = true));
  child.unref();
  for (const until = Date.now() + START_LIMIT_MS; ; await sleep(10)) {
    const url = listeningUrl(readFileSync(log, 'utf8'));
    if (url !== undefined && child.pid !== undefined) return { pid: child.pid, url };
    if (!ended && Date.now() < until) continue;
    child.kill('SIGKILL');
    throw startFailure(readFileSync(log, 'utf8'));
  }
}

/** A reader never sees half a record. */
function writeRecord(folder: string, record: DevnetRecord): void {
  const partial = `${recordFile(folder)}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(record, undefined, 2)}\n`);
  renameSync(partial, recordFile(folder));
}

/** One `up` or `down` at a time. Errors: N0106. */
async function locked<T>(folder: string, action: () => Promise<T>): Promise<T> {
  const lock = join(folder, 'lock');
  for (;;) {
    try {
      mkdirSync(folder, { recursive: true });
      mkdirSync(lock);
      break;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new GensynError('N0106', `cannot write in ${folder}`, {
          help: 'GENSYN_DEVNET names another folder',
          cause,
        });
      }
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      // Left behind by a command that was killed.
      if (Date.now() - since > LOCK_STALE_MS) rmSync(lock, { recursive: true, force: true });
      else await sleep(20);
    }
  }
  try {
    return await action();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}
