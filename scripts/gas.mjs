/** `npm run gas`: gas of everything that has a ceiling and the size of every contract; fails above one. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = join(root, 'packages/protocol/dist');
if (!existsSync(join(built, 'test/gas/measure.js'))) {
  console.error('build first: npm run build');
  process.exit(2);
}
const { startDevnet } = await import(join(built, 'src/index.js'));
const { MEASUREMENTS } = await import(join(built, 'test/gas/measure.js'));

let exceeded = 0;
function row(name, value, ceiling, of) {
  const over = value >= ceiling;
  if (over) exceeded += 1;
  console.log(
    `${over ? 'ABOVE ' : '      '}${name.padEnd(28)}${String(value).padStart(9)}  < ${String(ceiling).padEnd(9)} ${of}`,
  );
}

const devnet = await startDevnet();
try {
  for (const [group, measure] of Object.entries(MEASUREMENTS)) {
    console.log(`gas, ${group}`);
    for (const { name, gas, ceiling, of } of await measure(devnet)) row(name, gas, ceiling, of);
  }
} finally {
  await devnet.stop();
}

const artifacts = join(root, 'contracts/dist/artifacts');
console.log('bytes of code');
for (const file of readdirSync(artifacts)) {
  const { contractName, deployedBytecode, sourceName } = JSON.parse(
    readFileSync(join(artifacts, file), 'utf8'),
  );
  row(contractName, (deployedBytecode.length - 2) / 2, 24_576, sourceName);
}
process.exitCode = exceeded > 0 ? 1 : 0;
