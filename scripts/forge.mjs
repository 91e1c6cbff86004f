/** `npm run test:forge`: fuzz and invariant tests of the contracts. Options are forge's: `npm run test:forge -- --match-test order`. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Path of forge: named by $GENSYN_FORGE, installed from npm, or on the PATH; undefined where there is none. */
function findForge() {
  const program = process.platform === 'win32' ? 'forge.exe' : 'forge';
  if (process.env.GENSYN_FORGE) return process.env.GENSYN_FORGE;
  const candidates = (process.env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, program));
  try {
    const name = `@foundry-rs/forge-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
    candidates.unshift(
      join(createRequire(import.meta.url).resolve(`${name}/package.json`), '..', 'bin', program),
    );
  } catch {
    // Not for this platform, or left out.
  }
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs forge in the repository. Returns its exit code; 0, with a message, where there is no forge. */
export function forge(args, env = {}) {
  const program = findForge();
  if (program === undefined) {
    console.log(
      'skipped: there is no forge on this machine (https://getfoundry.sh; on Linux x64 `npm install` brings it)',
    );
    return 0;
  }
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    // Nothing is asked of the network: no signatures of unknown functions, no reminder of new versions.
    env: { ...process.env, FOUNDRY_DISABLE_NIGHTLY_WARNING: '1', FOUNDRY_OFFLINE: 'true', ...env },
  });
  if (error) console.error(`${program}: ${error.message}`);
  return status ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Only coverage has calls to repeat.
  process.exitCode = forge(['test', '--no-match-path', '**/Replay.t.sol', ...process.argv.slice(2)]);
}
