/**
 * The demonstration, from a fresh clone to a lie that is caught: installs and builds what is missing; compiles, trains and verifies
 * examples/digits; then has it trained by strangers on a local chain, once honestly and once not. All with the commands that a user types.
 */
import './node-version.mjs';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { install, isInstalled } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const JOB = join('examples', 'digits', 'job.gml');
const RUN = join('examples', 'digits', 'runs', 'digits');
/** What the parties of the market keep: made anew each time, apart from whatever else the user has. */
const MARKET = join('examples', 'digits', 'runs', 'market');
const STEPS = 7;
/** Seconds of each window after a proof. Where nobody has anything left to do, the chain's clock is moved on. */
const WINDOW = 20;
const PATIENCE_MS = 240_000;

const coloured = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
const style = (code) => (text) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
const [bold, dim, cyan, green, yellow, red] = [1, 2, 36, 32, 33, 31].map(style);

const begun = performance.now();
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
let step = 0;

/** Announces a step, does it, says how long it took. */
async function announce(title, work) {
  step += 1;
  console.log(`\n${cyan(`━━ ${step}/${STEPS}`)} ${bold(title)}`);
  const since = performance.now();
  const result = await work();
  console.log(dim(`   ${result ?? 'done'}, ${seconds(since)}`));
}

/** Everything that was started and has not ended, and whether a chain has to be ended. */
const running = new Set();
let chain = false;
let ending;

/** Ends what was started, then the chain; at most once. */
function cleanUp() {
  ending ??= (async () => {
    await market?.close();
    for (const child of running) child.kill('SIGTERM');
    for (let waited = 0; running.size > 0 && waited < 50; waited++) await sleep(100);
    for (const child of running) child.kill('SIGKILL');
    if (chain) await output(['devnet', 'down']);
  })();
  return ending;
}

async function fail(message) {
  console.error(`\n${message}`);
  await cleanUp();
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    if (!ending) console.error(dim('\n   ending the parties and their chain'));
    void cleanUp().then(() => process.exit(130));
  });

const environment = {
  ...process.env,
  // A user's own chain and account have no part in this.
  ...{ GENSYN_RPC: '', GENSYN_CHAIN: '', GENSYN_MARKET: '', GENSYN_ACCOUNT: '' },
  GENSYN_DEVNET: join(root, MARKET, 'devnet'),
  GENSYN_STORE: join(root, MARKET, 'store'),
  GENSYN_HOME: join(root, MARKET, 'parties'),
};

/** @param stdio as of spawn; what is started is ended with this program */
function start(args, stdio, env = environment) {
  const child = spawn(process.execPath, [join(root, 'packages/cli/bin/run.js'), ...args], {
    cwd: root,
    stdio,
    env,
  });
  running.add(child);
  child.on('close', () => running.delete(child));
  return child;
}

const ended = (child) =>
  new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ? 130 : (code ?? 1))));
const shown = (args) => console.log(dim(`   $ npx gensyn ${args.join(' ')}\n`));

/** Exit code of a command that has found fraud. */
const FRAUD = 3;

/** Types a command for the user to see, and runs it. @param fine exit code that is no failure */
async function gensyn(args, fine = 0) {
  shown(args);
  const code = await ended(start(args, ['inherit', 'inherit', 'inherit']));
  if (ending) return;
  if (code === 130) process.kill(process.pid, 'SIGINT');
  else if (code !== 0 && code !== fine) await fail(`gensyn ${args[0]} failed.`);
}

/** What a command says, for this program. */
async function output(args) {
  const child = start(args, ['ignore', 'pipe', 'ignore']);
  let said = '';
  child.stdout.on('data', (text) => (said += text));
  return (await ended(child)) === 0 ? said : undefined;
}

/** While something is drawn over itself, the parties are not heard. */
let quiet = false;

/** A party at work beside this program: its lines appear under its name. */
function party(name, colour, args) {
  shown(args);
  const child = start(args, ['ignore', 'pipe', 'pipe'], { ...environment, CI: '1' });
  let last = '';
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines.filter((each) => each.trim() !== '')) {
        last = line;
        if (!quiet) console.log(`   ${colour(name.padEnd(14))} ${line}`);
      }
    });
  }
  child.on('close', (code) => {
    if (!ending && !child.dismissed && code !== 0) void fail(`${name} ended with ${code}: ${last}`);
  });
  return {
    done: ended(child),
    dismiss() {
      child.dismissed = true;
      child.kill('SIGTERM');
    },
  };
}

let market;
/** The task as `gensyn status --json` shows it, without a process for each look. */
async function look(task) {
  const { openMarket, taskReport } = await import(
    new URL('../packages/protocol/dist/src/index.js', import.meta.url)
  );
  Object.assign(process.env, environment);
  market ??= await openMarket();
  return taskReport(market, task);
}

/** Looks at a task until `ready` finds what it waits for, and gives that back. */
async function until(task, what, ready) {
  const since = performance.now();
  for (;;) {
    const found = ready(
      await look(task).catch((error) => {
        if (!ending) throw error;
      }),
    );
    // The program ends by itself then.
    if (ending) await new Promise(() => undefined);
    if (found) return found;
    if (performance.now() - since > PATIENCE_MS) await fail(`It takes too long: ${what}.`);
    await sleep(300);
  }
}

const claimOf = ({ claims }) => claims.at(-1);

/** Lets time pass on the chain up to this second of it. */
async function passUntil(task, second) {
  const now = await until(task, 'the time', (report) => report.now);
  if (second >= now) await gensyn(['devnet', 'wait', `${second - now + 1}s`]);
}

function buildQuietly() {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'scripts/build.mjs')], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    child.on('close', (code) => {
      running.delete(child);
      if (code === 0) resolve();
      else if (!ending) void fail(`${said}\nThe build failed.`);
    });
  });
}

console.log(`${bold('gensyn')}: training by strangers that anyone can check`);

async function main() {
  await announce('Install packages', () => {
    if (isInstalled()) return 'already there';
    console.log(dim('   $ npm ci   (the first time takes a minute or two)'));
    install({ quiet: true });
    return 'installed';
  });
  await announce('Build', buildQuietly);
  await announce('Compile a job and train it: the same bits on every device', async () => {
    await gensyn(['run', JOB, '--fresh']);
  });
  await announce('Verify it: replay segments from their checkpoints and compare', async () => {
    await gensyn(['verify', RUN, '--sample', '25%']);
  });

  // What an earlier demonstration was not allowed to end.
  if (existsSync(join(root, MARKET))) await output(['devnet', 'down']);
  rmSync(join(root, MARKET), { recursive: true, force: true });
  mkdirSync(join(root, MARKET), { recursive: true });

  let watchers;
  await announce(
    'A market on a local chain: a submitter, a solver and two verifiers, honest all',
    async () => {
      chain = true;
      await gensyn(['devnet', 'up', '--windows', String(WINDOW)]);
      watchers = [2, 3].map((n) =>
        party('verifier', yellow, ['verify', '--watch', '--seats', '2', '--account', `devnet:${n}`]),
      );
      await gensyn(['submit', JOB, '--reward-min', '10', '--reward-max', '20', '--account', 'devnet:0']);
      const solver = party('solver', cyan, ['solve', '1', '--account', 'devnet:1']);
      await until(1, 'the training', (report) => claimOf(report)?.status === 'proven');
      const claim = await until(1, 'the committee', (report) => {
        const { committee = [], ...rest } = claimOf(report) ?? {};
        return committee.length > 0 && committee.every(({ commitment }) => BigInt(commitment) > 0n) && rest;
      });
      await passUntil(1, claim.commitEnd);
      await until(1, 'the attestations', (report) =>
        claimOf(report).committee.every(({ revealed }) => revealed),
      );
      await passUntil(1, claim.windowsEnd);
      await until(1, 'the settlement', ({ task }) => task.status === 'done');
      await solver.done;
      await gensyn(['status', '1']);
      return 'settled: nobody had to trust anybody';
    },
  );

  await announce(
    'A smaller job of the same kind, and a solver that lies about one number of one operator',
    async () => {
      for (const each of watchers) each.dismiss();
      await gensyn([
        'submit',
        JOB,
        '--set',
        'width=64',
        '--reward-min',
        '10',
        '--reward-max',
        '20',
        '--account',
        'devnet:0',
      ]);
      party('whistleblower', green, ['watch', '--account', 'devnet:4']);
      party('liar', red, ['solve', '2', '--cheat', 'operator', '--account', 'devnet:5']);
      await until(2, 'the lie', (report) => claimOf(report)?.status === 'proven');
      return 'trained, wrongly';
    },
  );

  await announce(
    'The dispute: one descent to the first value that differs, which the chain computes',
    async () => {
      quiet = true;
      await gensyn(['dispute', '2', '--out', MARKET], FRAUD);
      await until(2, 'the verdict', ({ claims }) => claims.some(({ status }) => status === 'slashed'));
      return 'the lie is found, its stake is slashed';
    },
  );
}

await main().catch((error) => {
  if (!ending) return fail(error.message);
});
if (ending) await new Promise(() => undefined);
await cleanUp();
const report = readdirSync(join(root, MARKET)).find((file) => /^dispute-\d+\.html$/.test(file));
console.log(`
${green('✔')} ${bold('An honest task settled, a lie pinned to one number of one line of the job')}, ${seconds(begun)} in all
${report ? `\n  The dispute  ${join(MARKET, report)}   (open it in a browser)` : ''}
  The run      ${RUN}
  Loss curve   ${join(RUN, 'loss.svg')}
  Next         npx gensyn --help
               npx gensyn init my-job
`);
