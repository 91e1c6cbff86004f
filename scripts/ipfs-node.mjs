/** Installs the real IPFS node that tests of storage run against. `npm run test:ipfs` installs it, builds, and runs those tests alone. */
import './node-version.mjs';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'packages/protocol/test/ipfs-node');
const [lock, installed] = [
  join(folder, 'package-lock.json'),
  join(folder, 'node_modules/.installed-lock.json'),
];

/** Resolves to whether the node is there; what went wrong is printed. */
export async function installIpfsNode() {
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(lock))) return true;
  const begun = performance.now();
  const windows = process.platform === 'win32';
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1'];
  const npm = spawn(windows ? 'npm.cmd' : 'npm', args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: windows,
    timeout: 300_000,
  });
  let messages = '';
  npm.stderr.on('data', (piece) => (messages += piece));
  const status = await new Promise((resolve) => {
    npm.once('error', () => resolve(1));
    npm.once('close', resolve);
  });
  if (status !== 0) {
    console.log(
      `${messages}\nThe IPFS node for tests could not be installed, so tests against it are left out.`,
    );
    return false;
  }
  copyFileSync(lock, installed);
  console.log(`Installed an IPFS node for tests (${((performance.now() - begun) / 1000).toFixed(0)} s).`);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { compileTypes } = await import('./build.mjs');
  if (!(await installIpfsNode()) || !(await compileTypes())) process.exit(1);
  const tests = join(root, 'packages/protocol/dist/test');
  const files = readdirSync(tests, { recursive: true })
    .map(String)
    .filter((file) => /ipfs[^/\\]*\.test\.js$/.test(file))
    .map((file) => join(tests, file));
  const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
  const { status } = spawnSync(process.execPath, [mocha, '--timeout', '120000', ...files], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}
