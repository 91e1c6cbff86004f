/**
 * `npm run coverage:contracts`: the share of lines of each contract that tests reach, those in Solidity and the calls that those in
 * TypeScript make; fails below 95 % over all.
 *
 * Lines of assembly are counted as never reached by forge, however often they run. They are left out where the statement in
 * front of their block, or the function that begins with it, is reached; elsewhere they count as missed.
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
// The tests of the market and of the game are in Solidity.
const recorded = ['referee', 'pinpoint'].map((name) => join(tests, name)).filter(existsSync);
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

/** Lines that forge can see, with how often they were reached; lines of assembly that was reached are not among them. */
function visible(text, record) {
  const inside = assemblyLines(text);
  let reached = false;
  return [...record.matchAll(/^DA:(\d+),(\d+)/gm)]
    .map(([, line, hits]) => ({ line: Number(line), hits: Number(hits) }))
    .sort((a, b) => a.line - b.line)
    .filter(({ line, hits }) => {
      if (!inside.has(line)) reached = hits > 0;
      return !inside.has(line) || !reached;
    });
}

/** Numbers of the lines between the braces of assembly blocks. */
function assemblyLines(text) {
  const inside = new Set();
  let depth = 0;
  text.split('\n').forEach((line, i) => {
    const code = line.replace(/\/\/.*/, '');
    if (depth === 0 && !/^\s*assembly\b/.test(code)) return;
    if (depth > 0) inside.add(i + 1);
    depth += code.split('{').length - code.split('}').length;
  });
  return inside;
}

const total = { found: 0, hit: 0 };
for (const record of readFileSync(report, 'utf8').split('end_of_record')) {
  const file = /^SF:(.*)$/m.exec(record)?.[1].replaceAll('\\', '/');
  if (!file?.includes('contracts/src/')) continue;
  const lines = visible(readFileSync(join(root, file.slice(file.indexOf('contracts/src/'))), 'utf8'), record);
  const missed = lines.filter(({ hits }) => hits === 0).map(({ line }) => line);
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
