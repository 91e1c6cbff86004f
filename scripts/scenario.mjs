/**
 * Strangers on one chain: a submitter, three solvers, three verifiers and a whistleblower, each a process of its own that shares nothing
 * with the others but a chain and a store. Some of the work is false, and processes are killed all the while. At the end every task must
 * hold the state that honest training leads to, and nothing may have been paid for anything else.
 *
 *   npm run scenario -- --tasks 20 --cheats 5 [--speed 4] [--windows 60] [--kill 3] [--ipfs] [--seed 1] [--keep]
 */
import './node-version.mjs';
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    tasks: { type: 'string', default: '20' },
    cheats: { type: 'string', default: '5' },
    /** How much faster than the wall clock the chain's time goes. */
    speed: { type: 'string', default: '4' },
    /** Seconds of each window on the chain. */
    windows: { type: 'string', default: '80' },
    /** Seconds between two kills, on average; 0 for none. */
    kill: { type: 'string', default: '3' },
    ipfs: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    /** Seconds after which it has failed. */
    limit: { type: 'string', default: '900' },
    keep: { type: 'boolean', default: false },
  },
});
const number = (name) => Number(options[name]);
const [TASKS, CHEATS, SPEED, WINDOWS, KILL, LIMIT] = [
  'tasks',
  'cheats',
  'speed',
  'windows',
  'kill',
  'limit',
].map(number);
/** Their accounts on the local chain. */
const SOLVERS = [5, 6, 7];
/** Kinds in the order in which they are used. */
const KINDS = [
  'weight',
  'withhold',
  'operator',
  'silence',
  'batch',
  'stale',
  'garbage',
  'skip',
  'partial',
  'initial',
  'replay',
];

/** A player's clock outlasts its being killed and started again, with nothing else lost. */
const CLOCK_WINDOWS = 6;

/** The same choices for the same seed. */
let state = number('seed') >>> 0;
function random() {
  state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
  return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
}

const { startMarketDevnet, claims, readTask } = await import('@gensyn/protocol');
const { compileJob } = await import('@gensyn/dsl');
const { loadJob, makeMachine, openCpu } = await import('@gensyn/runtime');
const { initialState, rootsOf } = await import('@gensyn/ir');

const base = mkdtempSync(join(tmpdir(), 'gensyn-scenario-'));
const began = performance.now();
const seconds = () => ((performance.now() - began) / 1000).toFixed(0).padStart(4);
const say = (text) => console.log(`${seconds()} s  ${text}`);

const devnet = await startMarketDevnet({ windows: WINDOWS, clock: CLOCK_WINDOWS * WINDOWS });
const look = await devnet.client();
const ipfs = options.ipfs ? await startIpfs() : undefined;
const environment = {
  ...process.env,
  GENSYN_RPC: devnet.url,
  GENSYN_MARKET: devnet.market,
  GENSYN_STORE: ipfs ? ipfs.address : join(base, 'store'),
  GENSYN_HOME: join(base, 'home'),
  NO_COLOR: '1',
};

/** Processes that go on until the end, by name; each is started again when it ends. */
const roles = new Map();
let over = false;
let kills = 0;

function gensyn(args, log) {
  const child = spawn(process.execPath, [join(root, 'packages/cli/bin/run.js'), ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  child.done = new Promise((resolve) => child.once('close', (code) => resolve(code)));
  return child;
}

function play(name, args) {
  const log = createWriteStream(join(base, `${name}.log`), { flags: 'a' });
  const begin = () => {
    if (over) return;
    const child = gensyn(args, log);
    const role = { child, args, since: performance.now(), began: undefined };
    child.stdout.once('data', () => (role.began = performance.now()));
    roles.set(name, role);
    void child.done.then(async () => {
      await sleep(200 + random() * 800);
      begin();
    });
  };
  begin();
}

/** What the job says, for a seed of its own. */
const job = (seed) => `data flowers from "flowers.csv" {
  size: f32[4] = columns "a", "b", "c", "d" - 3.5 / 2
  kind: class[3] = column "kind"
}

model flower(x: f32[n, 4]) -> f32[n, 3] {
  let h = tanh(linear(x, 64))
  linear(h, 3)
}

train {
  model = flower(flowers.size)
  loss = cross_entropy(model, flowers.kind)
  optimizer = sgd(lr = 0.05, momentum = 0.9)
  batch = 4
  steps = 60
  seed = ${seed}
  holdout = 20%
}

verify {
  checkpoint every 10 steps
  sample 25%
}
`;
const flowers = [
  'a,b,c,d,kind',
  ...Array.from({ length: 60 }, (_, i) =>
    [((i * 37) % 41) / 10 + 0.3, ((i * 11) % 23) / 10, ((i * 5) % 17) / 5, ((i * 3) % 7) / 4, i % 3]
      .map((x) => x.toFixed(2))
      .join(','),
  ),
  '',
].join('\n');

/** Writes and compiles job `n`, and computes what it leads to. */
async function prepare(n, device) {
  const folder = join(base, `job-${n}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'job.gml'), job(n));
  writeFileSync(join(folder, 'flowers.csv'), flowers);
  const build = join(folder, 'build');
  mkdirSync(build);
  await compileJob({ job: join(folder, 'job.gml'), out: build });
  const opened = await loadJob(build);
  const machine = makeMachine(opened, device);
  const final = await machine.advance(initialState(opened.manifest, opened.given), 0, opened.manifest.steps);
  await machine.close();
  return { build, final: `0x${rootsOf(final).root}` };
}

/** Posts a job by the command, killed now and then before it can say so, until it says so. Returns the task. */
async function submit({ build }, n) {
  // Every third in two segments, so that solvers go on from each other's work.
  const segment = n % 3 === 0 ? ['--segment', '30'] : [];
  const args = ['submit', build, '--reward-min', '10', '--reward-max', '10', '--account', 'devnet:0'];
  for (;;) {
    const log = createWriteStream(join(base, 'submitter.log'), { flags: 'a' });
    const child = gensyn([...args, ...segment, '--work-time', '30m', '--deadline', '2d', '--json'], log);
    let said = '';
    child.stdout.on('data', (bytes) => (said += bytes));
    if (KILL > 0 && random() < 0.25)
      void sleep(300 + random() * 2500).then(() => {
        if (child.exitCode === null && child.signalCode === null) {
          kills += 1;
          child.kill('SIGKILL');
        }
      });
    if ((await child.done) === 0) return JSON.parse(said).task;
  }
}

async function killNowAndThen() {
  while (!over && KILL > 0) {
    await sleep(KILL * 1000 * (0.5 + random()));
    const names = [...roles.keys()];
    const { child, since, began: acting } = roles.get(names[Math.floor(random() * names.length)]);
    const now = performance.now();
    // It should have had the time to do something that can be interrupted, also where the machine is slow to start it; now and then not.
    if (now - since < 5000 || ((acting === undefined || now - acting < 3000) && random() > 0.1)) continue;
    if (child.exitCode !== null || child.signalCode !== null || over) continue;
    kills += 1;
    child.kill('SIGKILL');
  }
}

/** Time on the chain goes on faster than here, a little at a time. */
async function hurry() {
  while (!over) {
    await sleep(500);
    if (!over && SPEED > 1) await devnet.pass(Math.round((SPEED - 1) / 2) || 1);
  }
}

async function startIpfs() {
  const { startIpfsNode } = await import('../packages/protocol/dist/test/storage/ipfs-node.js');
  return startIpfsNode();
}

async function stopAll() {
  over = true;
  await sleep(600);
  const all = [...roles.values()].map(({ child }) => child);
  for (const child of all) child.kill('SIGTERM');
  await Promise.race([Promise.all(all.map(({ done }) => done)), sleep(5000)]);
  for (const child of all) child.kill('SIGKILL');
}

process.on('SIGINT', () => void stopAll().then(() => process.exit(130)));

let failure;
try {
  const cheats = Array.from({ length: CHEATS }, (_, i) => KINDS[i % KINDS.length]);
  // Each solver lies in its first claims and is honest from then on.
  const lies = SOLVERS.map((_, solver) => cheats.filter((__, i) => i % SOLVERS.length === solver));
  say(`${TASKS} tasks, of which ${CHEATS} are cheated with: ${cheats.join(', ')}`);
  say(`the parties' logs are in ${base}`);
  for (const [i, account] of [1, 2, 3].entries())
    play(`verifier-${i + 1}`, [
      'verify',
      '--watch',
      '--seats',
      '4',
      '--account',
      `devnet:${account}`,
      '-t',
      '1',
    ]);
  play('whistleblower', ['watch', '--account', 'devnet:4', '-t', '1']);
  const solve = (i) => {
    const cheat = lies[i].length > 0 ? ['--cheat', lies[i].join(',')] : [];
    play(`solver-${i + 1}`, ['solve', '--account', `devnet:${SOLVERS[i]}`, '-t', '1', ...cheat]);
  };
  // Who never lies comes when all lies are told, lest the others find nothing to do.
  const honest = SOLVERS.map((_, i) => i).filter((i) => lies[i].length === 0);
  SOLVERS.forEach((_, i) => honest.includes(i) || solve(i));
  const addresses = await Promise.all(SOLVERS.map((account) => devnet.accounts[account].getAddress()));
  const told = (all) =>
    lies.every((list, i) => all.filter(({ solver }) => solver === addresses[i]).length >= list.length);
  void killNowAndThen();
  void hurry();

  const device = await openCpu({ threads: 1 });
  const expected = new Map();
  const posting = (async () => {
    for (let n = 1; n <= TASKS && !over; n++) {
      const prepared = await prepare(n, device);
      const task = await submit(prepared, n);
      expected.set(task, prepared.final);
      say(`task ${task} is posted`);
    }
  })();
  const done = new Set();
  const seen = new Map();
  for (;;) {
    if (performance.now() - began > LIMIT * 1000) throw new Error(`not over after ${LIMIT} s`);
    for (const claim of await claims(look)) {
      const before = seen.get(claim.id);
      if (before === claim.status) continue;
      seen.set(claim.id, claim.status);
      if (claim.status !== 'working' && claim.status !== 'proven')
        say(`claim ${claim.id} of task ${claim.task} is ${claim.status}`);
    }
    for (const task of expected.keys())
      if (!done.has(task) && (await readTask(look, task)).status === 'done') {
        done.add(task);
        say(`task ${task} is done, ${done.size} of ${TASKS}`);
      }
    const now = await claims(look);
    if (told(now)) for (const i of honest.splice(0)) solve(i);
    if (done.size === TASKS && !now.some(({ status }) => status === 'working' || status === 'proven')) break;
    await sleep(500);
  }
  await posting;

  const all = (await claims(look)).toReversed();
  const wrong = [];
  for (const [task, final] of expected) {
    const { state } = await readTask(look, task);
    if (state !== final) wrong.push(`task ${task} ended in ${state}, not in ${final}`);
  }
  let cheated = 0;
  for (const i of SOLVERS.keys()) {
    const mine = all.filter(({ solver }) => solver === addresses[i]);
    mine.forEach(({ id, status }, turn) => {
      const kind = lies[i][turn];
      if (kind !== undefined) cheated += 1;
      const right = kind === undefined ? 'settled' : 'slashed';
      if (status !== right) wrong.push(`claim ${id} (${kind ?? 'honest'}) is ${status}, not ${right}`);
    });
  }
  if (cheated !== CHEATS) wrong.push(`${cheated} claims were cheated, not ${CHEATS}`);
  const count = (wanted) => all.filter(({ status }) => status === wanted).length;
  const games = Number(await look.market.challenges());
  const result = {
    tasks: TASKS,
    claims: all.length,
    settled: count('settled'),
    slashed: count('slashed'),
    abandoned: count('abandoned'),
    games,
    kills,
    seconds: Math.round((performance.now() - began) / 1000),
    store: ipfs ? 'ipfs' : 'folder',
    wrong,
  };
  console.log(JSON.stringify(result));
  if (wrong.length > 0) failure = new Error(wrong.join('\n'));
} catch (error) {
  failure = error;
}
await stopAll();
if (failure) {
  console.error(failure.message);
  for (const name of roles.keys()) {
    const lines = readFileSync(join(base, `${name}.log`), 'utf8')
      .trimEnd()
      .split('\n');
    console.error(`\n${name}\n${lines.slice(-8).join('\n')}`);
  }
}
await look.close();
await devnet.stop();
await ipfs?.stop();
if (!options.keep && !failure) rmSync(base, { recursive: true, force: true });
process.exit(failure ? 1 : 0);
