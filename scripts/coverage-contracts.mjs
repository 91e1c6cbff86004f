/** `npm run coverage:contracts`: the share of lines of each contract that the tests in Solidity reach; fails below 95 % over all. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forge } from './forge.mjs';

const FLOOR = 0.95;
const root = fileURLToPath(new URL('..', import.meta.url));
const report = join(root, '.cache/forge/lcov.info');
rmSync(report, { force: true });
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
