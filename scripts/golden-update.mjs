/**
 * `npm run golden:update`: compiles and trains every example and writes its roots to examples/<name>/golden.json, and those of another job
 * there that has a record to <job>.golden.json. The tests compare with them, so a change of these files is a change of the bits that jobs
 * compute. fashion-mnist is left as it is where its data is not found: in its folder, where Debian's package puts it, or in the folder that
 * FASHION_MNIST names. Names of examples as arguments: only those.
 */
import './node-version.mjs';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileTypes } from './build.mjs';
import { EXAMPLES, settingsOf } from './examples.mjs';

if (!(await compileTypes())) process.exit(1);
const { compileJob } = await import('@gensyn/dsl');
const { loadJob, loadShards, openCpu, train, trainShards } = await import('@gensyn/runtime');
const { readGolden, writeGolden } = await import('../packages/cli/dist/src/ci/golden.js');

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gensyn-golden-'));
try {
  const named = process.argv.slice(2);
  for (const name of EXAMPLES.filter((each) => named.length === 0 || named.includes(each))) {
    const set = settingsOf(name, { short: true });
    if (set === undefined) {
      console.log(`${name}: its data is not here, left as it is`);
      continue;
    }
    for (const job of jobsOf(join(root, 'examples', name))) {
      const out = join(folder, name, basename(job));
      const { manifest } = await compileJob({ job, out, set });
      const records = await recordsOf(out, manifest.shards ? out : `${out}-run`);
      const known = readGolden(job);
      writeGolden(job, manifest, records, known?.set);
      const { step, stateRoot } = records.at(-1);
      const said = `${known ? 'updated' : 'written'}, state ${stateRoot} after ${step} steps`;
      console.log(`${name}, ${basename(job)}: ${said}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** job.gml, and what has a record already. */
function jobsOf(example) {
  return readdirSync(example)
    .filter((name) => name === 'job.gml' || (name.endsWith('.gml') && readGolden(join(example, name))))
    .map((name) => join(example, name));
}

async function recordsOf(folder, run) {
  const options = { folder: run, device: await openCpu(), holdoutEvery: 0 };
  const job = await loadJob(folder);
  const events = job.manifest.shards ? trainShards(await loadShards(folder), options) : train(job, options);
  for await (const event of events) {
    if (event.kind === 'end') return event.records;
  }
}
