/** Installs what package-lock.json names, if node_modules lacks any of it. */
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Whether every package that the lock file requires is installed in its locked version. */
export function isInstalled() {
  try {
    const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const present = JSON.parse(readFileSync(join(root, 'node_modules/.package-lock.json'), 'utf8')).packages;
    return Object.entries(wanted).every(([path, { version, link, optional }]) => {
      if (!path.includes('node_modules/') || optional) return true;
      return link ? existsSync(join(root, path)) : present[path]?.version === version;
    });
  } catch {
    return false;
  }
}

/** @param {{ quiet?: boolean }} options */
export function install({ quiet = false } = {}) {
  if (isInstalled()) return false;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit';
  const { status, stdout, stderr } = spawnSync(npm, ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio,
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    if (quiet) process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
    console.error('\nnpm ci failed. Is the network reachable? Its messages are above.');
    process.exit(1);
  }
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) install();
