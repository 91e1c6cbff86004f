/**
 * `npm run testfloat`: Binary32, as the chain runs it, against the arithmetic of JavaScript.
 * npm run testfloat [-- --count N --seed S --only add]: N operand pairs for each operation, a million by default.
 * testfloat_gen f32_add | npm run testfloat -- --vectors add: against Berkeley TestFloat instead (f32_to_i32 with -rminMag).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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
  options: {
    count: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    vectors: { type: 'string' },
  },
});
const count = Number(values.count ?? 1_000_000);
const seed = Number(values.seed ?? Date.now() % 1e6);
const chosen = OPERATIONS.filter(({ name }) =>
  (values.vectors ?? values.only ?? name).split(',').includes(name),
);
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
  if (values.vectors) failed = await vectors(batch, chosen[0]);
  else console.log(`seed ${seed}`);
  for (const operation of values.vectors ? [] : chosen) {
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

/** Lines of "a b result flags" or "a result flags" in hexadecimal, from standard input. */
async function vectors(batch, { name, number, arity }) {
  // TestFloat checks no particular NaN, nor what an integer is that the value is beyond; flag 10 (invalid) marks the latter.
  const isNaN = (bits) => name !== 'toInt32' && (bits & 0x7fffffff) > 0x7f800000;
  const canonical = (bits) => (isNaN(bits) ? 0x7fc00000 : bits);
  let [pending, lines, mismatches] = [[], 0, 0];
  async function flush() {
    const padded = [...pending, ...Array.from({ length: (4 - (pending.length % 4)) % 4 }, () => pending[0])];
    const results = await batch.run(number, Uint32Array.from(padded.flatMap(({ a, b }) => [a, b])));
    for (const [i, { a, b, wanted }] of pending.entries()) {
      if (results[i] === canonical(wanted)) continue;
      mismatches += 1;
      if (mismatches <= 5) console.log(`  ${hex(a)} ${hex(b)}: ${hex(results[i])} instead of ${hex(wanted)}`);
    }
    lines += pending.length;
    pending = [];
  }
  for await (const line of createInterface({ input: process.stdin })) {
    const words = line
      .trim()
      .split(/\s+/)
      .map((word) => parseInt(word, 16));
    if (words.length !== arity + 2 || words.some(Number.isNaN))
      throw new Error(`expected ${arity + 2} hexadecimal numbers: ${line}`);
    if (name === 'toInt32' && words.at(-1) & 0x10) continue;
    pending.push({ a: words[0], b: arity === 2 ? words[1] : 0, wanted: words.at(-2) });
    if (pending.length === 16_384) await flush();
  }
  if (pending.length > 0) await flush();
  console.log(`${name.padEnd(10)} ${lines} vectors, ${mismatches} mismatches`);
  return mismatches;
}
