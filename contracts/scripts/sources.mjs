/** Solidity sources with everything they import, by the names that the compiler knows them by. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { posix } from 'node:path';

const require = createRequire(import.meta.url);
const root = new URL('..', import.meta.url);
const IMPORT = /^\s*import\s[^;]*?["']([^"']+)["'][^;]*;/gm;

/** Names of all .sol files below `folder` ("src"), sorted, as "src/Name.sol". */
export function solidityBelow(folder) {
  return readdirSync(new URL(`${folder}/`, root), { recursive: true })
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .filter((file) => file.endsWith('.sol'))
    .sort();
}

/** Source texts by name: those named, and all that they import. Throws where a file is missing. */
export function readSources(names) {
  const sources = {};
  const pending = [...names];
  while (pending.length > 0) {
    const name = pending.pop();
    if (sources[name]) continue;
    // A name with a package in front is looked up as Node does.
    const content = readFileSync(name.startsWith('@') ? require.resolve(name) : new URL(name, root), 'utf8');
    sources[name] = { content };
    for (const [, path] of content.matchAll(IMPORT)) {
      pending.push(path.startsWith('.') ? posix.join(posix.dirname(name), path) : path);
    }
  }
  return Object.fromEntries(Object.entries(sources).sort(([a], [b]) => (a < b ? -1 : 1)));
}
