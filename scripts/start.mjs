/**
 * The demonstration, from a fresh clone to a verified model: installs and builds what is missing, then compiles, trains and
 * verifies examples/digits with the same commands that a user types.
 */
import './node-version.mjs';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, isInstalled } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const JOB = join('examples', 'digits', 'job.gml');
const RUN = join('examples', 'digits', 'runs', 'digits');
const AGAIN = join('examples', 'digits', 'runs', 'one-thread');

const coloured = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
const style = (code) => (text) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
const [bold, dim, cyan, green] = [style(1), style(2), style(36), style(32)];

const begun = performance.now();
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
let step = 0;

/** Announces a step, does it, says how long it took. */
async function announce(title, work) {
  step += 1;
  console.log(`\n${cyan(`━━ ${step}/6`)} ${bold(title)}`);
  const since = performance.now();
  const result = await work();
  console.log(dim(`   ${result ?? 'done'}, ${seconds(since)}`));
}

function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}

/** Types a command for the user to see, and runs it. @param stdout where its output goes */
function gensyn(args, stdout = 'inherit') {
  console.log(dim(`   $ npx gensyn ${args.join(' ')}\n`));
  const child = spawnSync(process.execPath, [join(root, 'packages/cli/bin/run.js'), ...args], {
    cwd: root,
    stdio: ['inherit', stdout, 'inherit'],
  });
  if (child.signal || child.status === 130) process.exit(130);
  if (child.status !== 0) fail(`gensyn ${args[0]} failed.`);
  return child.stdout?.toString();
}

/** Root of the last state that a run recorded. */
function lastRoot(run) {
  return JSON.parse(readFileSync(join(root, run, 'proof.json'), 'utf8')).records.at(-1).stateRoot;
}

function buildQuietly() {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'scripts/build.mjs')], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    child.on('close', (code) => (code === 0 ? resolve() : fail(`${said}\nThe build failed.`)));
  });
}

console.log(`${bold('gensyn')}: train anywhere, get the same bits, let anyone check it`);

await announce('Install packages', () => {
  if (isInstalled()) return 'already there';
  console.log(dim('   $ npm ci   (the first time takes a minute or two)'));
  install({ quiet: true });
  return 'installed';
});
await announce('Build', buildQuietly);
await announce('Compile a job: its text becomes a graph whose bits are the same on every device', () => {
  gensyn(['compile', JOB]);
});
await announce('Train it', () => {
  gensyn(['run', JOB, '--fresh']);
});
await announce('Verify it: replay segments from their checkpoints and compare', () => {
  gensyn(['verify', RUN, '--sample', '25%']);
});
await announce('Train it again with one thread: the same bits', () => {
  gensyn(['run', JOB, '--fresh', '--threads', '1', '--out', AGAIN, '--json'], 'pipe');
  const [first, second] = [lastRoot(RUN), lastRoot(AGAIN)];
  console.log(`   ${first}\n   ${second}  ${first === second ? green('the same') : 'DIFFERENT'}`);
  if (first !== second) fail('The two runs differ. `npx gensyn doctor` tells more.');
});

const holdout = readFileSync(join(root, RUN, 'holdout.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
  .at(-1);
console.log(`
${green('✔')} ${bold(`holdout accuracy ${(holdout.accuracy * 100).toFixed(1)}%`)}, verified, ${seconds(begun)} in all

  The run      ${RUN}
  Loss curve   ${join(RUN, 'loss.svg')}
  Next         npx gensyn --help
               npx gensyn init my-job
`);
