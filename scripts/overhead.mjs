/**
 * `npm run overhead`: what the whole protocol costs an honest task over training it plainly, for each phase: work of the parties (all of
 * them, one after the other on this machine), and the waiting for transactions on a local chain. One submitter, one solver, a committee
 * of three, each with files of its own; the calls are those of the roles. Beside the time by the clock stands that of the processor,
 * which other load on the machine disturbs less; both are compared with their like of plain training: the steps alone, without opening the job.
 *
 * Options: --job examples/digits/job.gml, --steps 6000 and --every 250 (in place of the job's own steps and checkpoint interval), --rounds 3, --threads 2, --json. The figures are medians over the rounds.
 */
import './node-version.mjs';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { hexlify, ZeroHash } from 'ethers';
import { compileTypes } from './build.mjs';

const { values: options } = parseArgs({
  options: {
    job: { type: 'string', default: 'examples/digits/job.gml' },
    steps: { type: 'string' },
    every: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});
if (!options['no-build'] && !(await compileTypes())) process.exit(1);
const { compileJob } = await import('@gensyn/dsl');
const { digestFromHex, initialState } = await import('@gensyn/ir');
const { checkpointFile, createExecutor, installFastHash, loadJob, makeMachine, openCpu, train } =
  await import('@gensyn/runtime');
const protocol = await import('@gensyn/protocol');
const { attestationOf, checkRegistered, fetchClaim, fetchJob, fetchState, fund, nodeTree, openStore } =
  protocol;
const { publishClaim, publishJob, readClaim, readTask, settleDue, startMarketDevnet, submitTask } = protocol;
const { median } = await import('../bench/measure.mjs');

const TOKEN = 10n ** 18n;
const COMMITTEE = [2, 3, 4];
const home = mkdtempSync(join(tmpdir(), 'gensyn-overhead-'));
const devnet = await startMarketDevnet({ windows: 10 });
const device = await openCpu({ threads: Number(options.threads) });
const clients = await Promise.all([0, 1, ...COMMITTEE].map((account) => devnet.client(account)));
const [submitter, solver, ...verifiers] = clients;

/** Milliseconds of work by the clock and by the processor, and of waiting for the chain, by phase. */
let phases;
async function timed(phase, kind, action) {
  const [began, used] = [performance.now(), process.cpuUsage()];
  try {
    return await action();
  } finally {
    phases[phase] ??= { work: 0, cpu: 0, chain: 0 };
    phases[phase][kind] += performance.now() - began;
    if (kind === 'work') phases[phase].cpu += processorSince(used);
  }
}

function processorSince(used) {
  const { user, system } = process.cpuUsage(used);
  return (user + system) / 1000;
}
const send = (phase, client, what, call) => timed(phase, 'chain', () => client.send(what, call));

/** What anybody does before taking part in a task: fetch its job, check it, and open it. */
async function opened(store, task, cid, folder) {
  await fetchJob(store, cid, folder);
  const job = await loadJob(folder, { full: true });
  checkRegistered(job, task, task.state);
  return { job, machine: makeMachine(job, device) };
}

/** Milliseconds of processor that the steps alone take. */
async function plainly({ step, manifest, columns, given }) {
  const state = initialState(manifest, given);
  const executor = await createExecutor(step, manifest, columns, device, state, 0);
  try {
    const used = process.cpuUsage();
    while (executor.step < manifest.steps)
      await executor.run(
        Math.min(executor.chunkLimit, manifest.checkpointEvery, manifest.steps - executor.step),
      );
    return processorSince(used);
  } finally {
    await executor.close();
  }
}

async function round(number, compiled) {
  phases = {};
  const at = (name) => join(home, `${number}-${name}`);
  const store = await openStore(at('store'));
  const { market } = solver;
  const job = await loadJob(compiled, { full: true });
  const cid = await timed('submit', 'work', () => publishJob(store, compiled));
  const request = {
    job,
    artefacts: cid,
    rewardMin: 10n * TOKEN,
    rewardMax: 10n * TOKEN,
    rise: 0,
    workTime: 3600,
    deadline: 7200,
  };
  const { task: id, confirm } = await timed('submit', 'chain', () =>
    submitTask(submitter, request, at('notes')),
  );
  confirm();

  const task = await readTask(solver, id);
  const own = await timed('take', 'work', () => opened(store, task, cid, at('solver')));
  await timed('take', 'work', () => publishJob(store, at('solver')));
  await timed('take', 'work', async () => {
    await own.machine.advance(initialState(own.job.manifest, own.job.given), 0, Math.min(16, task.steps));
    await own.machine.values(initialState(own.job.manifest, own.job.given), 0);
  });
  await timed('take', 'chain', () => fund(solver, 20n * TOKEN));
  await send('take', solver, 'claim', market.claim.populateTransaction(id, 0, 0));
  const claim = (await readTask(solver, id)).claim;

  const cpu = await plainly(own.job);
  const end = await timed('train', 'work', async () => {
    for await (const event of train(own.job, { folder: at('run'), device, keep: 'all', holdoutEvery: 0 }))
      if (event.kind === 'end') return event;
  });
  const plain = { work: end.spent.train, cpu };
  phases.train.work -= plain.work;
  phases.train.cpu -= plain.cpu;
  const records = end.records.slice(1).map(({ step, stateRoot, loss }) => ({ step, stateRoot, loss }));
  const tree = nodeTree(records.map(({ stateRoot }) => digestFromHex(stateRoot)));
  const last = records.length - 1;
  const delivered = await timed('deliver', 'work', () =>
    publishClaim(store, { from: 0, records }, (step) => checkpointFile(at('run'), step)),
  );
  const path = tree.path(last).map((node) => hexlify(node));
  const state = `0x${records[last].stateRoot}`;
  await send(
    'deliver',
    solver,
    'checkpoint',
    market.checkpoint.populateTransaction(claim, records.length, hexlify(tree.root), state, path, delivered),
  );
  await send('deliver', solver, 'prove', market.prove.populateTransaction(claim, hexlify(tree.root)));

  await send('attest', solver, 'draw', market.draw.populateTransaction(claim));
  const { sample, seed } = await readClaim(solver, claim);
  const drawn = await solver.market.queryFilter(solver.market.filters.Drawn(claim));
  const duties = [];
  for (const seat of drawn.at(-1).args.seats) {
    const { owner } = await protocol.readSeat(solver, Number(seat));
    const verifier = verifiers.find(({ account }) => protocol.sameAddress(account, owner));
    const name = `verifier-${seat}`;
    const mine = await timed('attest', 'work', () => opened(store, task, cid, at(name)));
    const { trace } = await timed('attest', 'work', async () => {
      const expected = { from: 0, steps: task.steps, interval: task.interval, root: hexlify(tree.root) };
      const found = await fetchClaim(store, delivered, expected);
      const { manifest } = mine.job;
      await fetchState(store, delivered, manifest, found.records[last], at(name));
      const before =
        sample === 0
          ? initialState(manifest, mine.job.given)
          : await fetchState(store, delivered, manifest, found.records[sample - 1], at(name));
      const from = sample * task.interval;
      return attestationOf(mine.machine, mine.job, before, from, Math.min(task.interval, task.steps - from));
    });
    await mine.machine.close();
    const commitment = protocol.commitmentOf(claim, seat, hexlify(trace), owner, ZeroHash);
    await send(
      'attest',
      verifier,
      'commit',
      market.commitAttestation.populateTransaction(claim, seat, seed, commitment),
    );
    duties.push({ verifier, seat, trace });
  }
  await devnet.pass(11);
  for (const { verifier, seat, trace } of duties)
    await send(
      'attest',
      verifier,
      'reveal',
      market.revealAttestation.populateTransaction(claim, seat, hexlify(trace), ZeroHash),
    );
  await devnet.pass(100);
  await timed('settle', 'chain', () => settleDue(solver, { task: id }));
  const { status } = await readClaim(solver, claim);
  if (status !== 'settled') throw new Error(`claim ${claim} (seed ${seed}) ended ${status}`);
  await own.machine.close();
  await store.close();
  return { plain, phases, steps: task.steps, intervals: records.length };
}

/** The job's text, with the numbers of steps that are asked for. */
function source() {
  const copy = join(home, 'source');
  cpSync(dirname(options.job), copy, { recursive: true });
  const file = join(copy, basename(options.job));
  let text = readFileSync(file, 'utf8');
  if (options.steps) text = text.replace(/^(\s*steps\s*=\s*)\d+/m, `$1${options.steps}`);
  if (options.every) text = text.replace(/(checkpoint every )\d+/, `$1${options.every}`);
  writeFileSync(file, text);
  return file;
}

const sum = (result, kind) => Object.values(result.phases).reduce((total, phase) => total + phase[kind], 0);

try {
  await installFastHash();
  for (const verifier of verifiers) {
    await fund(verifier, 200n * TOKEN);
    await verifier.send('take a seat', verifier.market.takeSeat.populateTransaction());
  }
  const compiled = join(home, 'job');
  await compileJob({ job: source(), out: compiled });
  await round('warm', compiled);
  const results = [];
  for (let i = 0; i < Number(options.rounds); i++) results.push(await round(i, compiled));
  const of = (pick) => median(results.map(pick));
  const plain = { work: of((result) => result.plain.work), cpu: of((result) => result.plain.cpu) };
  const rows = Object.keys(results[0].phases).map((phase) => ({
    phase,
    work: of((result) => result.phases[phase].work),
    cpu: of((result) => result.phases[phase].cpu),
    chain: of((result) => result.phases[phase].chain),
  }));
  const total = {
    phase: 'all',
    work: of((each) => sum(each, 'work')),
    cpu: of((each) => sum(each, 'cpu')),
    chain: of((each) => sum(each, 'chain')),
  };
  const { steps, intervals } = results[0];
  if (options.json) console.log(JSON.stringify({ steps, intervals, plain, phases: rows, total }));
  else {
    const share = (time, whole) =>
      `${time.toFixed(0).padStart(8)} ms ${((100 * time) / whole).toFixed(1).padStart(6)} %`;
    const { work, cpu } = plain;
    console.log(
      `${steps} steps in ${intervals} intervals; plain training ${work.toFixed(0)} ms, ${cpu.toFixed(0)} ms of processor\n`,
    );
    console.log('phase          work, of training    processor, of training   waiting for the chain');
    for (const row of [...rows, total])
      console.log(
        `${row.phase.padEnd(12)}${share(row.work, work)}     ${share(row.cpu, cpu)}${row.chain.toFixed(0).padStart(20)} ms`,
      );
  }
} finally {
  for (const client of clients) await client.close();
  await devnet.stop();
  rmSync(home, { recursive: true, force: true });
}
