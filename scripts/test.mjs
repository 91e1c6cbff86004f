/**
 * Builds, then runs the tests of all packages on two processes. `npm test -- packages/ir` runs those of one package,
 * `npm test -- --grep dropout` those whose title matches; other options are mocha's.
 */
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, compileTypes } from './build.mjs';
import { installIpfsNode } from './ipfs-node.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const args = process.argv.slice(2);
const named = args.filter((arg) => arg.startsWith('packages/')).map((arg) => arg.split('/')[1]);
const packages = named.length > 0 ? named : readdirSync(join(root, 'packages'));

// While the types are compiled, as it takes about as long.
const ipfsNode = packages.includes('protocol') ? installIpfsNode() : undefined;
if (!(await compileTypes())) {
  console.log('The build failed, so no test was run.\n0 passed, 1 failed');
  process.exit(1);
}
await bundle();
await ipfsNode;

const files = packages.flatMap((name) => testsBelow(join('packages', name, 'dist/test')));

/** A compiled test counts only while its source is there. */
function testsBelow(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .map((file) => join(folder, file))
    .filter(
      (file) =>
        file.endsWith('.test.js') && existsSync(join(root, file.replace('/dist/', '/').replace(/js$/, 'ts'))),
    );
}

const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
const { status } = spawnSync(
  process.execPath,
  [
    mocha,
    ...['--parallel', '--jobs', '2', '--timeout', '120000'],
    ...['--reporter', join(root, 'scripts/reporter.cjs')],
    ...args.filter((arg) => !arg.startsWith('packages/')),
    ...files,
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
