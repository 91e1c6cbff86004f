/**
 * `npm run testfloat`: Binary32, as the chain runs it, against the arithmetic of JavaScript.
 * npm run testfloat [-- --count N --seed S --only add]: N operand pairs for each operation, a million by default.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = join(root, 'packages/protocol/dist');
if (!existsSync(join(built, 'test/binary32/compare.js'))) {
  console.error('build first: npm run build');
  process.exit(2);
}
const { startDevnet } = await import(join(built, 'src/index.js'));
const { BATCH_GAS, batchOn, compare, randomBits } = await import(join(built, 'test/binary32/compare.js'));
const { OPERATIONS } = await import(join(built, 'test/binary32/operations.js'));

const { values } = parseArgs({
  options: { count: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const count = Number(values.count ?? 1_000_000);
const seed = Number(values.seed ?? Date.now() % 1e6);
const chosen = OPERATIONS.filter(({ name }) => !values.only || values.only.split(',').includes(name));
if (!(count > 0) || !Number.isInteger(seed) || chosen.length === 0) {
  console.error(
    `--count and --seed are numbers; the operations are ${OPERATIONS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

const hex = (bits) => `0x${bits.toString(16).padStart(8, '0')}`;
const devnet = await startDevnet({ gasLimit: BATCH_GAS });
let failed = 0;
try {
  const batch = await batchOn(devnet);
  console.log(`seed ${seed}`);
  for (const operation of chosen) {
    const begun = performance.now();
    const { pairs, mismatches } = await compare(
      batch,
      operation,
      count,
      randomBits(seed * 16 + operation.number),
    );
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${operation.name.padEnd(10)} ${pairs} pairs, ${mismatches.length} mismatches, ${seconds} s`);
    for (const { a, b, wanted, got } of mismatches.slice(0, 5))
      console.log(`  ${hex(a)} ${hex(b)}: ${hex(got)} instead of ${hex(wanted)}`);
    failed += mismatches.length;
  }
} finally {
  await devnet.stop();
}
process.exitCode = failed > 0 ? 1 : 0;
