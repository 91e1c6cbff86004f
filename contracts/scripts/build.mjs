/**
 * Builds the package: contracts/src to dist/artifacts/<Contract>.json, dist/index.js and dist/index.d.ts; contracts/test/harness,
 * which tests deploy and nobody else, to dist/harness/<Contract>.json.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bindings, moduleText } from './bindings.mjs';
import { compile } from './compile.mjs';
import { solidityBelow } from './sources.mjs';

const DIST = new URL('../dist/', import.meta.url);
/** EIP-170. */
const SIZE_LIMIT = 24_576;

/** Returns whether everything compiled; prints why not. With `strict` a warning is an error. */
export async function buildContracts(options = {}) {
  try {
    const all = await compile([...solidityBelow('src'), ...solidityBelow('test/harness')], options);
    const artifacts = withCode(all, 'src/');
    const harness = withCode(all, 'test/');
    for (const { contractName, deployedBytecode } of Object.values(artifacts)) {
      const size = (deployedBytecode.length - 2) / 2;
      if (size > SIZE_LIMIT)
        throw new Error(`${contractName} has ${size} bytes of code; a chain takes ${SIZE_LIMIT}`);
    }
    writeFolder('artifacts', artifacts);
    writeFolder('harness', harness);
    write('index.js', moduleText(artifacts));
    write('index.d.ts', bindings(artifacts));
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  }
}

/** Those whose sources lie in `folder`, without libraries whose functions all end up inside other contracts. */
function withCode(artifacts, folder) {
  return Object.fromEntries(
    Object.entries(artifacts).filter(
      ([, { abi, sourceName }]) =>
        abi.some(({ type }) => type === 'function') && sourceName.startsWith(folder),
    ),
  );
}

function writeFolder(folder, artifacts) {
  const at = new URL(`${folder}/`, DIST);
  mkdirSync(at, { recursive: true });
  for (const name of readdirSync(at)) if (!artifacts[name.replace(/\.json$/, '')]) rmSync(new URL(name, at));
  for (const artifact of Object.values(artifacts))
    write(`${folder}/${artifact.contractName}.json`, `${JSON.stringify(artifact, undefined, 2)}\n`);
}

/** Leaves the file alone, time included, if it has this text. */
function write(path, text) {
  const at = new URL(path, DIST);
  try {
    if (readFileSync(at, 'utf8') === text) return;
  } catch {
    // Not there yet.
  }
  const partial = new URL(`${path}.${process.pid}.partial`, DIST);
  writeFileSync(partial, text);
  renameSync(partial, at);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = (await buildContracts({ strict: process.argv.includes('--strict') })) ? 0 : 1;
