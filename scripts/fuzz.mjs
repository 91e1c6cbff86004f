// Damages real jobs and puts them through parser, checker and formatter: only diagnostics may come out.
// npm run fuzz [-- --count N --seed S]
import { readFileSync, readdirSync, writeFileSync, mkdirSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const built = join(root, 'packages/dsl/dist/test/syntax');
if (!existsSync(join(built, 'survive.js'))) {
  console.error('build first: npm run build');
  process.exit(2);
}
const { mutate, randomFrom } = await import(join(built, 'mutate.js'));
const { survive } = await import(join(built, 'survive.js'));

const { values } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' } } });
const count = Number(values.count ?? 100_000);
const seed = Number(values.seed ?? 1);

const folder = join(root, 'packages/dsl/test/snapshots/jobs');
const files = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
for (const example of readdirSync(join(root, 'examples'))) {
  const job = join(root, 'examples', example, 'job.gml');
  if (existsSync(job)) files.set(`${example}.gml`, readFileSync(job, 'utf8'));
}
const jobs = [...files.values()];

const start = performance.now();
const outcomes = { program: 0, diagnostics: 0 };
let slowest = 0;
let failures = 0;
for (let index = 0; index < count && failures < 10; index++) {
  // Each text has a seed of its own, so that one failure can be run alone: --count 1 --seed <seed + index>.
  const text = mutate(jobs, randomFrom(seed + index));
  try {
    const { outcome, ms } = survive(text, files);
    outcomes[outcome] += 1;
    slowest = Math.max(slowest, ms);
  } catch (error) {
    failures += 1;
    const saved = join(root, 'build', `fuzz-${seed + index}.gml`);
    mkdirSync(dirname(saved), { recursive: true });
    writeFileSync(saved, text);
    console.error(`seed ${seed + index}: ${error.stack}\n  text in ${saved}`);
  }
}
const seconds = (performance.now() - start) / 1000;
const done = outcomes.program + outcomes.diagnostics + failures;
console.log(
  `${done} texts in ${seconds.toFixed(1)} s (${Math.round(done / seconds)}/s): ${outcomes.diagnostics} ended in diagnostics, ` +
    `${outcomes.program} were still jobs, ${failures} broke something; slowest ${slowest.toFixed(0)} ms`,
);
process.exitCode = failures > 0 ? 1 : 0;
