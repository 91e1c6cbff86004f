/** Whether a process is an anvil that runs: a number from a file may by now belong to another program. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export function isAnvil(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const command = commandOf(pid);
  // Other programs may have the word in the name of a file.
  return /anvil/.test(command) && (process.platform === 'win32' || command.includes('--chain-id'));
}

/** The command line of a process; empty for one that has ended. */
function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    if (process.platform === 'win32')
      return execFileSync('tasklist', ['/fi', `pid eq ${pid}`, '/nh'], { encoding: 'utf8' });
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
