/** Keeps two runs out of one folder; a lock whose process is dead is taken over. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { GensynError } from '@gensyn/ir';
import { guard } from './write-file.js';

export interface Lock {
  /** Says that the run is alive, for onlookers on other machines that share the folder. */
  beat(): void;
  release(): void;
}

/** Without a sign of life for this long, the lock of another machine is stale (the folder was moved, or that machine is gone). */
const FOREIGN_SILENCE_MS = 10 * 60_000;

/** Takes the lock of a folder, which is created when missing. Errors: R0205 when a living process holds it, R0501, R0503. */
export function lockFolder(folder: string): Lock {
  guard(folder, () => fs.mkdirSync(folder, { recursive: true }));
  const file = path.join(folder, 'lock');
  const mine = JSON.stringify({ pid: process.pid, host: os.hostname(), start: startOf(process.pid) });
  for (let attempt = 0; ; attempt++) {
    try {
      fs.writeFileSync(file, mine, { flag: 'wx' });
      return {
        // Only our own: somebody may have taken over a lock that looked stale.
        beat: () => void (readOr(file) === mine && fs.utimesSync(file, new Date(), new Date())),
        release: () => void (readOr(file) === mine && fs.rmSync(file, { force: true })),
      };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
        guard(file, () => {
          throw cause;
        });
    }
    const holder = readOr(file);
    if (attempt >= 3 || (holder !== undefined && isAlive(holder, file))) {
      throw new GensynError('R0205', `another run is using ${path.basename(folder)}`, {
        help: 'Wait for it to end, or give this run a folder of its own.',
      });
    }
    fs.rmSync(file, { force: true });
  }
}

function isAlive(text: string, file: string): boolean {
  let holder: { pid?: unknown; host?: unknown; start?: unknown };
  try {
    holder = JSON.parse(text) as typeof holder;
  } catch {
    // Written by a process that died in the middle of it.
    return false;
  }
  const { pid, host, start } = holder ?? {};
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 0) return false;
  if (host !== os.hostname())
    return Date.now() - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < FOREIGN_SILENCE_MS;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
  // A number can be given to another process after its owner died.
  return start === startOf(pid) && !(pid === process.pid && start === undefined);
}

/** When a process started, in clock ticks since boot, where the system tells. */
function startOf(pid: number): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function readOr(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
