/** Builds everything: type-checked packages by tsc, then the command in one bundle, so that it starts fast. */
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildTemplates } from './templates.mjs';
import { buildContracts } from '../contracts/scripts/build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiles the contracts and all packages that changed. Returns whether there were no errors. */
export async function compileTypes() {
  if (!(await buildContracts())) return false;
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return spawnSync(process.execPath, [tsc, '-b'], { cwd: root, stdio: 'inherit' }).status === 0;
}

/** Native modules, modules that find their parts at run time, and what oclif would load only to run TypeScript sources. */
const EXTERNAL = [
  'onnxruntime-node',
  '@chainsafe/hashtree',
  'ipfs-http-client',
  'typescript',
  'ts-node',
  'tsx',
];

// CommonJS parts of the bundle ask for Node's own modules through `require`.
const BANNER =
  "import { createRequire as gensynRequire } from 'node:module';\nconst require = gensynRequire(import.meta.url);";

/** Modules that the runtime starts as processes or threads of their own: `new URL('./x.js', import.meta.url)`. */
function startedByPath() {
  const entries = {};
  const sources = join(root, 'packages/runtime/dist/src');
  for (const file of readdirSync(sources, { recursive: true }).filter((name) => name.endsWith('.js'))) {
    for (const [, name] of readFileSync(join(sources, file), 'utf8').matchAll(
      /new URL\('\.\/([\w-]+)\.js', import\.meta\.url\)/g,
    )) {
      entries[name] = join(sources, dirname(file), `${name}.js`);
    }
  }
  return entries;
}

export async function bundle() {
  const { build } = await import('esbuild');
  const cli = join(root, 'packages/cli');
  const outdir = join(cli, 'dist/bundle');
  const { metafile } = await build({
    entryPoints: {
      main: join(cli, 'dist/src/main.js'),
      commands: join(cli, 'dist/src/commands/index.js'),
      ...startedByPath(),
    },
    outdir,
    metafile: true,
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: EXTERNAL,
    banner: { js: BANNER },
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'error',
    legalComments: 'none',
  });
  // Only now, so that a command running meanwhile finds its parts.
  const written = new Set(Object.keys(metafile.outputs).map((file) => basename(file)));
  for (const file of readdirSync(outdir)) if (!written.has(file)) rmSync(join(outdir, file));
  buildTemplates(root);
  chmodSync(join(cli, 'bin/run.js'), 0o755);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!(await compileTypes())) process.exit(1);
  await bundle();
}
