/** Everything that can be said about the sources without running them: types, lint and import rules, format, generated files. */
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = (path) => join(root, 'node_modules', path);

const checks = [
  ['contracts', [join(root, 'contracts/scripts/build.mjs'), '--strict']],
  ['types', [modules('typescript/bin/tsc'), '-b']],
  ['lint and imports', [modules('eslint/bin/eslint.js'), '--max-warnings', '0', '.']],
  ['format', [modules('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']],
  ['generated files', [join(root, 'scripts/gen.mjs'), '--check']],
];

let failed = 0;
for (const [name, command] of checks) {
  const begun = performance.now();
  const ok =
    existsSync(command[0]) &&
    spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status === 0;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
  if (!ok) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
