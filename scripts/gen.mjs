/**
 * `npm run gen`: writes all files that follow from definitions in the code: pages, vectors. `npm run gen -- --check` writes nothing and
 * fails where a committed file differs from what would be written.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');

const tsc = join(root, 'node_modules/typescript/bin/tsc');
const built = spawnSync(process.execPath, [tsc, '-b', 'packages/cli'], { cwd: root, stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);

const { generators, generatedFolders } = await import('./gen/index.mjs');
const paths = new Set(generators.map(({ path }) => path));
const differing = [];
for (const { path, content } of generators) {
  const wanted = await content();
  if (read(path) === wanted) continue;
  differing.push(path);
  if (!check) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), wanted);
  }
}
// Pages of what no longer exists.
for (const folder of generatedFolders) {
  for (const name of readdirSync(join(root, folder))) {
    const path = `${folder}/${name}`;
    if (paths.has(path)) continue;
    differing.push(path);
    if (!check) rmSync(join(root, path));
  }
}
for (const path of differing) console.log(`${check ? 'differs' : 'wrote'}  ${path}`);
if (check && differing.length > 0) {
  console.error('generated files are out of date: run `npm run gen`');
  process.exit(1);
}

function read(path) {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}
