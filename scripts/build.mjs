/** Builds everything: type-checked packages by tsc, then the command in one bundle, so that it starts fast. */
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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

/** Native modules, and what oclif would load only to run TypeScript sources. */
const EXTERNAL = ['onnxruntime-node', '@chainsafe/hashtree', 'typescript', 'ts-node', 'tsx'];

// CommonJS parts of the bundle ask for Node's own modules through `require`.
const BANNER =
  "import { createRequire as gensynRequire } from 'node:module';\nconst require = gensynRequire(import.meta.url);";

export async function bundle() {
  const { build } = await import('esbuild');
  const cli = join(root, 'packages/cli');
  rmSync(join(cli, 'dist/bundle'), { recursive: true, force: true });
  await build({
    entryPoints: {
      main: join(cli, 'dist/src/main.js'),
      commands: join(cli, 'dist/src/commands/index.js'),
      // Started as a process of its own: a device that fails its probe may take the process with it.
      'probe-child': join(root, 'packages/runtime/dist/src/device/probe-child.js'),
    },
    outdir: join(cli, 'dist/bundle'),
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
  buildTemplates(root);
  chmodSync(join(cli, 'bin/run.js'), 0o755);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!(await compileTypes())) process.exit(1);
  await bundle();
}
