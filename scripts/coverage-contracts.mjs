/**
 * `npm run coverage:contracts`: the share of lines of each contract that tests reach, those in Solidity and the calls that those in
 * TypeScript make; fails below 95 % over all.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forge } from './forge.mjs';

const FLOOR = 0.95;
const root = fileURLToPath(new URL('..', import.meta.url));
const report = join(root, '.cache/forge/lcov.info');
rmSync(report, { force: true });
mkdirSync(join(root, '.cache/forge'), { recursive: true });

const tests = join(root, 'packages/protocol/dist/test');
if (!existsSync(tests)) {
  console.error('build first: npm run build');
  process.exit(2);
}
const recorded = ['referee', 'pinpoint', 'market', 'roles']
  .map((name) => join(tests, name))
  .filter(existsSync);
const files = recorded.flatMap((folder) =>
  readdirSync(folder, { recursive: true }).map((file) => join(folder, file)),
);
const mocha = [
  join(root, 'node_modules/mocha/bin/mocha.js'),
  '--require',
  join(root, 'scripts/record-calls.mjs'),
];
const env = { ...process.env, GENSYN_CALLS: join(root, '.cache/forge/calls.txt') };
const chosen = files.filter((file) => file.endsWith('.test.js'));
const run = spawnSync(process.execPath, [...mocha, '--reporter', 'dot', '--timeout', '600000', ...chosen], {
  cwd: root,
  stdio: 'inherit',
  env,
});
if (run.status !== 0) process.exit(run.status ?? 1);

const status = forge(
  ['coverage', '--ir-minimum', '--report', 'lcov', '--report-file', report, ...process.argv.slice(2)],
  { FOUNDRY_PROFILE: 'coverage' },
);
if (status !== 0 || !existsSync(report)) process.exit(status);

const total = { found: 0, hit: 0 };
for (const record of readFileSync(report, 'utf8').split('end_of_record')) {
  const file = /^SF:(.*)$/m.exec(record)?.[1].replaceAll('\\', '/');
  if (!file?.includes('contracts/src/')) continue;
  const lines = [...record.matchAll(/^DA:(\d+),(\d+)/gm)];
  const missed = lines.filter(([, , hits]) => hits === '0').map(([, line]) => line);
  total.found += lines.length;
  total.hit += lines.length - missed.length;
  const share = lines.length === 0 ? 1 : 1 - missed.length / lines.length;
  console.log(
    `${(share * 100).toFixed(1).padStart(6)} %  ${file}${missed.length > 0 ? `  not reached: ${missed.join(' ')}` : ''}`,
  );
}
const share = total.found === 0 ? 0 : total.hit / total.found;
console.log(`${(share * 100).toFixed(1).padStart(6)} %  ${total.hit} of ${total.found} lines`);
if (share < FLOOR) {
  console.error(`less than ${FLOOR * 100} %`);
  process.exit(1);
}
