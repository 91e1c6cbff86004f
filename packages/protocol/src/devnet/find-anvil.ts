/** Where the anvil program is: named by $GENSYN_ANVIL, installed from npm, or on the PATH. */
import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { GensynError } from '@gensyn/ir';

const PLATFORMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'win32' };
const PROCESSORS: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Path of an executable anvil. Errors: N0101 where there is none. */
export function findAnvil(env: NodeJS.ProcessEnv = process.env): string {
  const program = process.platform === 'win32' ? 'anvil.exe' : 'anvil';
  const named = env['GENSYN_ANVIL'];
  if (named) {
    if (isProgram(named)) return named;
    throw new GensynError('N0101', `GENSYN_ANVIL names ${named}, which is no program`);
  }
  const candidates = [
    fromNpm(program),
    ...(env['PATH'] ?? '')
      .split(delimiter)
      .filter(Boolean)
      .map((folder) => join(folder, program)),
  ];
  const found = candidates.find((path) => path !== undefined && isProgram(path));
  if (found !== undefined) return found;
  throw new GensynError('N0101', 'there is no anvil on this machine', {
    help: 'on Linux x64 `npm install` brings it; elsewhere install Foundry (https://getfoundry.sh), or name the program in GENSYN_ANVIL',
  });
}

function fromNpm(program: string): string | undefined {
  const name = `@foundry-rs/anvil-${PLATFORMS[process.platform]}-${PROCESSORS[process.arch]}`;
  try {
    return join(createRequire(import.meta.url).resolve(`${name}/package.json`), '..', 'bin', program);
  } catch {
    return undefined;
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
