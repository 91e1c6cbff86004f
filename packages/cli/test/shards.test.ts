/** Jobs in shards: equal bits however they are run, each part what an ordinary job computes, every lie about a joint found. */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import {
  GensynError,
  JOB_FILES,
  jobRoot,
  rootsOf,
  shardFolder,
  shardsProofRoot,
  type CheckpointRecord,
  type State,
} from '@gensyn/ir';
import { compileJob } from '@gensyn/dsl';
import {
  checkpointFile,
  loadJob,
  loadShards,
  makeShardsReplayer,
  openCpu,
  openReplicas,
  readCheckpoint,
  readShardsProof,
  train,
  trainShards,
  writeCheckpoint,
  type CpuOptions,
  type ShardsJob,
  type TrainEvent,
} from '@gensyn/runtime';
import { checkRegistered, type RegisteredTask } from '@gensyn/protocol';
import { verifyShards, type ClaimedShards, type VerificationReport } from '@gensyn/verifier';
import { jobSummary, partsOf } from '../src/job-summary.js';
import { workOfJob } from '../src/job-work.js';
import { scaled } from '../src/words.js';
import { compileExample, goldenOf } from './example.js';
import { gensynJson } from './gensyn.js';

const CHILD = fileURLToPath(new URL('./shards-child.js', import.meta.url));
const SWIFTSHADER = fileURLToPath(new URL('../../../../scripts/swiftshader.mjs', import.meta.url));

const ROWS = 91;
const SHARDS = 3;

/** Rows of three classes that follow from two of four numbers. */
function row(i: number): string {
  const x = [i % 7, (i * 3) % 11, (i * 5) % 13, i % 2];
  return `${x.join(',')},${(x[0]! > 3 ? 1 : 0) + (x[1]! > 5 ? 1 : 0)}\n`;
}

const text = (steps: number, shards = '', holdout = '20%'): string => `
data points from "points.csv" { x: f32[4] = columns 0..3 / 8; y: class[3] = column 4 }
model net(x: f32[n, 4]) -> f32[n, 3] { linear(relu(linear(x, 6)), 3) }
train {
  model     = net(points.x)
  loss      = cross_entropy(model, points.y)
  optimizer = adamw(lr = cosine(5e-2, warmup = 3), weight_decay = 0.01)
  batch     = 4
  steps     = ${steps}
  seed      = 3
  holdout   = ${holdout}
}
${shards}
`;

describe('jobs in shards', function () {
  this.timeout(60_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-shards-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const at = (...parts: string[]): string => path.join(folder, ...parts);
  let expected: string;

  before(async () => {
    fs.writeFileSync(at('points.csv'), Array.from({ length: ROWS }, (_, i) => row(i)).join(''));
    fs.writeFileSync(at('job.gml'), text(20, `shards ${SHARDS} sync every 5`));
    await compileJob({ job: at('job.gml'), out: at('job') });
    expected = (await run('whole')).stateRoot;
  });

  type End = Extract<TrainEvent, { kind: 'end' }>;

  const copied = (name: string): string => {
    fs.cpSync(at('job'), at(name), { recursive: true });
    return at(name);
  };

  /** Runs in a copy of the job's folder, or goes on there. */
  async function run(
    name: string,
    { keep = 'all', ...options }: CpuOptions & { keep?: number | 'all' } = { threads: 1 },
    processes = 1,
  ): Promise<End> {
    const place = fs.existsSync(at(name)) ? at(name) : copied(name);
    for await (const event of trainShards(await loadShards(place), {
      ...{ folder: place, device: await openCpu(options), resume: true, processes, keep },
      ...(options.products ? { products: options.products } : {}),
    }))
      if (event.kind === 'end') return event;
    throw new Error('the run did not end');
  }

  const WAYS: readonly [string, CpuOptions, number][] = [
    ['with two threads', { threads: 2 }, 1],
    ['without integer kernels', { threads: 1, products: 'float' }, 1],
    ['over two processes', { threads: 1 }, 2],
    ['over as many processes as shards, without integer kernels', { threads: 2, products: 'float' }, SHARDS],
  ];
  for (const [way, options, processes] of WAYS) {
    it(`reach the same states ${way}`, async () => {
      const name = way.replaceAll(/\W/g, '-');
      expect((await run(name, options, processes)).stateRoot).to.equal(expected);
      const roots = (place: string): string[] => {
        const { records, shards } = readShardsProof(at(place));
        return [...records, ...shards.flat()].map(
          ({ step, stateRoot, loss }) => `${step} ${stateRoot} ${loss}`,
        );
      };
      expect(roots(name)).to.deep.equal(roots('whole'));
    });
  }

  it('reach the same states on webgpu, real or in software', async function () {
    const { swiftshader } = (await import(SWIFTSHADER)) as {
      swiftshader: () => Record<string, string> | undefined;
    };
    try {
      const output = execFileSync(process.execPath, [CHILD, copied('webgpu'), '1', 'webgpu'], {
        env: { ...process.env, ...swiftshader(), GENSYN_CACHE: at('cache') },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      expect(output).to.include(`end ${expected}`);
    } catch (error) {
      if (!String((error as { stderr?: string }).stderr).includes('R0301')) throw error;
      console.log('      skipped: there is no GPU, and SwiftShader does not run here');
      this.skip();
    }
  });

  it('go on after kill -9 with the same bits, also over processes', async () => {
    const place = copied('killed');
    for (const processes of [2, 1]) {
      const output = await new Promise<string>((resolve) => {
        const child = spawn(process.execPath, [CHILD, place, `${processes}`], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let said = '';
        child.stdout.on('data', (data: Buffer) => {
          said += data.toString();
          if (said.includes('progress')) child.kill('SIGKILL');
        });
        child.on('close', () => resolve(said));
      });
      expect(output).to.match(/^start \d+/);
    }
    expect((await run('killed')).stateRoot).to.equal(expected);
  });

  it('go on after the last merge that all shards reach', async () => {
    await run('short', { threads: 1 });
    const file = at('short', shardFolder(1), 'records.jsonl');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').split('\n').slice(0, 2).join('\n') + '\n');
    const end = await run('short');
    expect([end.stateRoot, end.records.length]).to.deep.equal([expected, 5]);
  });

  it('leave signals to the process that started the others, and none of these behind', async function () {
    if (process.platform !== 'linux') this.skip();
    const parent = spawn(process.execPath, [CHILD, copied('orphans'), '2'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => parent.once('close', resolve));
    await new Promise<void>((resolve) =>
      parent.stdout.on('data', (data: Buffer) => {
        if (!data.toString().includes('progress')) return;
        parent.kill('SIGSTOP');
        resolve();
      }),
    );
    const children = fs
      .readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .map(Number);
    expect(children).to.have.length(2);
    for (const pid of children)
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.kill(pid, signal);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const alive = (pid: number): boolean =>
      fs.existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
    expect(children.filter(alive)).to.have.length(2);
    parent.kill('SIGKILL');
    await ended;
    for (let i = 0; i < 100 && children.some(alive); i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(children.filter(alive)).to.deep.equal([]);
  });

  for (const processes of [1, 2]) {
    it(`end where they stand when told to, with ${processes} process${processes > 1 ? 'es' : ''}`, async () => {
      const place = copied(`told-${processes}`);
      const ending = new AbortController();
      const options = { folder: place, device: await openCpu({ threads: 1 }), resume: true, processes };
      let end: End | undefined;
      for await (const event of trainShards(await loadShards(place), { ...options, signal: ending.signal })) {
        if (event.kind === 'progress') {
          expect(event.step).to.be.at.most(20 + 4);
          expect([...event.scalars.loss].every(Number.isFinite)).to.equal(true);
          ending.abort();
        }
        if (event.kind === 'end') end = event;
      }
      expect(end!.finished).to.equal(false);
      expect(end!.step % 6).to.equal(0);
      expect((await run(`told-${processes}`)).stateRoot).to.equal(expected);
    });
  }

  it('are run, verified and refused by the commands', async () => {
    const json = <T>(...args: string[]) => gensynJson<T>(args, { cwd: folder });
    const ran = await json<{
      stateRoot: string;
      finished: boolean;
      seconds: number;
      stepsPerSecond: number;
      rowsPerSecond: number;
    }>(...['run', 'job.gml', '--out', 'ran', '--processes', '2', '--threads', '2']);
    expect([ran.code, ran.document.stateRoot, ran.document.finished]).to.deep.equal([0, expected, true]);
    // 20 training steps of 3 x 4 rows; merges cost time, and are no steps of training.
    expect(ran.document.rowsPerSecond / ran.document.stepsPerSecond).to.be.closeTo(SHARDS * 4, 1e-9);
    expect(ran.document.stepsPerSecond * ran.document.seconds).to.be.closeTo(20, 1e-9);
    expect(fs.readFileSync(at('ran/loss.svg'), 'utf8')).to.include('20 steps of 3 x 4 rows and 4 merges');
    const checked = await json<VerificationReport>('verify', 'ran', '--segments', '1,12');
    expect([checked.code, checked.document.verdict]).to.deep.equal([0, 'verified']);
    expect(checked.document.merges).to.deep.equal({ checked: 4, unavailable: 0, of: 4 });
    const proof = JSON.parse(fs.readFileSync(at('ran/proof.json'), 'utf8')) as {
      records: CheckpointRecord[];
      shards: CheckpointRecord[][];
      root: string;
    };
    proof.shards[0]![3] = { ...proof.shards[0]![3]!, stateRoot: '11'.repeat(32) };
    proof.root = shardsProofRoot(proof.records, proof.shards);
    fs.writeFileSync(at('ran/proof.json'), JSON.stringify(proof));
    const missing = await json<VerificationReport>('verify', 'ran', '--segments', '10');
    expect([missing.code, missing.document.verdict]).to.deep.equal([3, 'mismatch']);
    expect(missing.document.findings.map(({ code }) => code)).to.deep.equal(['V0203', 'V0201']);
    const exported = await json<{ step: number }>('export', 'ran', '--format', 'safetensors');
    expect([exported.code, exported.document.step]).to.deep.equal([0, 24]);
    fs.writeFileSync(at('plain.gml'), text(5));
    for (const [args, code] of [
      [['inspect', 'ran', '--step', '3'], 'U0403'],
      [['run', 'plain.gml', '--processes', '2'], 'U0106'],
      [['run', 'ran/shards/0', '--fresh'], 'U0204'],
      [['verify', 'ran/merge'], 'U0204'],
    ] as const) {
      const refused = await json<{ error: { code: string } }>(...args);
      expect(refused.document.error.code).to.equal(code);
    }
  });

  it('are summed up with the work of all replicas and merges', async () => {
    const { whole, shards, merge } = await loadShards(at('job'));
    const work = SHARDS * 20 * shards[0]!.manifest.size.workPerStep + 4 * merge.manifest.size.workPerStep;
    expect(workOfJob(whole.manifest, merge.manifest)).to.equal(work);
    const parts = await partsOf(at('job'), whole.manifest);
    const summary = jobSummary({ manifest: whole.manifest, step: whole.step, memoryBytes: 0, parts });
    expect(summary)
      .to.include(`${scaled(work)} for the whole job`)
      .and.not.include('every 6');
    expect(summary).to.include('checkpoint after every merge, and every 5 steps of a replica on the market');
  });

  it('leave no part behind when they are compiled or run with fewer shards, or none', async () => {
    const place = copied('fewer');
    fs.mkdirSync(path.join(place, 'shards/9'));
    fs.writeFileSync(at('two.gml'), text(20, 'shards 2 sync every 5'));
    await compileJob({ job: at('two.gml'), out: place });
    expect(fs.readdirSync(path.join(place, 'shards')).sort()).to.deep.equal(['0', '1', '9']);
    expect(fs.existsSync(path.join(place, 'merge'))).to.equal(true);
    const ran = await gensynJson(['run', 'plain.gml', '--out', 'ran', '--fresh'], { cwd: folder });
    expect([ran.code, ran.document['step']]).to.deep.equal([0, 5]);
    expect(['shards', 'merge'].filter((part) => fs.existsSync(at('ran', part)))).to.deep.equal([]);
  });

  it('train each shard as an ordinary job on its rows', async () => {
    const shard = 1;
    const slice = Array.from({ length: ROWS }, (_, i) => i).filter((i) => i % SHARDS === shard);
    fs.mkdirSync(at('slice'));
    fs.writeFileSync(at('slice/points.csv'), slice.map(row).join(''));
    fs.writeFileSync(at('slice/job.gml'), text(20));
    fs.writeFileSync(at('one.gml'), text(20, `shards ${SHARDS} sync every 20`));
    await compileJob({ job: at('one.gml'), out: at('one') });
    await compileJob({ job: at('slice/job.gml'), out: at('slice/job') });
    const device = await openCpu({ threads: 1 });
    let last: CheckpointRecord | undefined;
    for await (const event of train(await loadJob(at('slice/job')), { folder: at('slice/run'), device }))
      if (event.kind === 'end') last = event.records.at(-1);
    for await (const event of trainShards(await loadShards(at('one')), { folder: at('one'), device }))
      expect(event.kind).to.be.a('string');
    const own = readShardsProof(at('one')).shards[shard]![0]!;
    expect({ step: own.step, root: own.stateRoot, loss: own.loss }).to.deep.equal({
      step: 20,
      root: last!.stateRoot,
      loss: last!.loss,
    });
  });

  it('merge to the mean of every tensor', async () => {
    const { whole, shards } = await loadShards(at('whole'));
    const proof = readShardsProof(at('whole'));
    const states = proof.shards.map((own, shard) =>
      readCheckpoint(at('whole', shardFolder(shard)), shards[shard]!.manifest, own[1]!),
    );
    const merged = readCheckpoint(at('whole'), whole.manifest, proof.records[2]!);
    expect(merged.get('step')!.data[0]).to.equal(12);
    for (const [name, { data }] of merged) {
      if (name === 'step') continue;
      data.forEach((value, i) => {
        const terms = states.map((state) => state.get(name)!.data[i]!);
        const largest = Math.max(...terms.map(Math.abs));
        const mean = terms.reduce((a, b) => a + b, 0) / SHARDS;
        expect(Math.abs(value - mean), `${name} ${i}`).to.be.at.most(largest * 2 ** -22 + 2 ** -100);
      });
    }
  });

  describe('are verified', () => {
    let job: ShardsJob;
    before(async () => (job = await loadShards(at('whole'))));

    /** The honest run's claim after somebody has changed the copy of the run; its root fits again. */
    async function check(
      name: string,
      change: (
        claim: { records: CheckpointRecord[]; shards: CheckpointRecord[][] },
        place: string,
      ) => unknown,
    ): Promise<VerificationReport> {
      fs.cpSync(at('whole'), at(name), { recursive: true });
      const { job: root, records, shards } = readShardsProof(at('whole'));
      await change({ records, shards }, at(name));
      const claim: ClaimedShards = {
        ...{ manifest: job.whole.manifest, job: root, records, shards },
        proofRoot: shardsProofRoot(records, shards),
      };
      const replayer = makeShardsReplayer(job, at(name), await openCpu({ threads: 1 }));
      try {
        return await verifyShards(claim, replayer, { all: true });
      } finally {
        await replayer.close();
      }
    }

    const codesOf = ({ findings }: VerificationReport): string[] => findings.map(({ code }) => code);

    /** Writes a state where a record says one lies, and makes the record fit. */
    function put(place: string, record: CheckpointRecord, state: State): CheckpointRecord {
      const roots = rootsOf(state);
      writeCheckpoint(place, job.whole.manifest, state, record.step, roots);
      return { ...record, stateRoot: roots.root };
    }

    /** One weight, a little other. */
    function altered(state: State): State {
      const other = new Map(
        [...state].map(([name, value]) => [name, { ...value, data: value.data.slice() }]),
      );
      other.get('net.linear1.weight')!.data[3]! += 2 ** -10;
      return other;
    }

    it('as they were run', async () => {
      const report = await check('honest', () => undefined);
      expect(report.findings).to.deep.equal([]);
      expect(report.segments).to.have.length(4 * SHARDS);
      expect(report.merges).to.deep.equal({ checked: 4, unavailable: 0, of: 4 });
      expect(report.cost.stepShare).to.equal(1);
    });

    it('by a sample that is drawn', async () => {
      const { job: root, records, shards, root: proofRoot } = readShardsProof(at('whole'));
      const claim = { manifest: job.whole.manifest, job: root, records, shards, proofRoot };
      const replayer = makeShardsReplayer(job, at('whole'), await openCpu({ threads: 1 }));
      const report = await verifyShards(claim, replayer, { seed: 'x' });
      await replayer.close();
      expect([report.verdict, report.segments.length, report.of]).to.deep.equal(['verified', 2, 12]);
    });

    it('and a merge to another state is found', async () => {
      const report = await check('merged', ({ records }, place) => {
        const state = readCheckpoint(place, job.whole.manifest, records[2]!);
        records[2] = put(place, records[2]!, altered(state));
      });
      // What follows was trained from the honest merge, which the claim no longer knows.
      expect(codesOf(report)).to.include('V0205');
      expect(report.findings.find(({ code }) => code === 'V0205')!.step).to.equal(12);
      expect(report.segments.filter(({ match }) => !match).map(({ segment }) => segment)).to.deep.equal([
        7, 8, 9,
      ]);
    });

    it('and a last merge to another state is found', async () => {
      const report = await check('last', ({ records }, place) => {
        const state = readCheckpoint(place, job.whole.manifest, records[4]!);
        records[4] = put(place, records[4]!, altered(state));
      });
      expect(codesOf(report)).to.deep.equal(['V0205']);
    });

    it('and a shard that ended elsewhere is found', async () => {
      const report = await check('shard', ({ shards }, place) => {
        const own = path.join(place, shardFolder(2));
        const state = readCheckpoint(own, job.shards[2]!.manifest, shards[2]![1]!);
        shards[2]![1] = put(own, shards[2]![1]!, altered(state));
      });
      expect(codesOf(report)).to.have.members(['V0205', 'V0201']);
      expect(report.segments.filter(({ match }) => !match).map(({ segment }) => segment)).to.deep.equal([6]);
    });

    it('and a replica that went on from its own state is found', async () => {
      const report = await check('own', async ({ shards }, place) => {
        const own = path.join(place, shardFolder(0));
        const state = new Map(readCheckpoint(own, job.shards[0]!.manifest, shards[0]![0]!));
        state.set('step', { dtype: 'i32', shape: [], data: Int32Array.of(6) });
        const replicas = openReplicas(job.shards, await openCpu({ threads: 1 }));
        const { record, state: reached } = (await replicas.run(state, {
          shard: 0,
          from: 6,
          to: 11,
          time: 0,
        }))!;
        await replicas.close();
        shards[0]![1] = { ...put(own, shards[0]![1]!, reached), loss: record.loss! };
      });
      expect(codesOf(report)).to.include.members(['V0201', 'V0205']);
      expect(report.segments.find(({ segment }) => segment === 4)!.match).to.equal(false);
    });

    it('and a shard trained on the data of another is found', async () => {
      const report = await check('slice-of-another', ({ shards }, place) => {
        const state = readCheckpoint(
          path.join(place, shardFolder(1)),
          job.shards[1]!.manifest,
          shards[1]![0]!,
        );
        const record = { ...shards[1]![0]!, time: shards[0]![0]!.time };
        shards[0]![0] = put(path.join(place, shardFolder(0)), record, state);
      });
      expect(codesOf(report)).to.include('V0201');
    });

    it('and states that are missing or not what the records say are told', async () => {
      const report = await check('missing', (_claim, place) => {
        fs.rmSync(checkpointFile(path.join(place, shardFolder(1)), 11));
        const [from, to] = [checkpointFile(place, 6), checkpointFile(place, 12)];
        fs.copyFileSync(from, to);
      });
      expect(report.verdict).to.equal('unavailable');
      expect(new Set(codesOf(report))).to.deep.equal(new Set(['V0203']));
      expect(report.merges).to.deep.equal({ checked: 3, unavailable: 1, of: 4 });
      expect(report.segments.filter(({ computed }) => !computed)).to.have.length(SHARDS);
    });

    it('as far as their states are there, where segments are named', async () => {
      await run('pruned', { threads: 1, keep: 2 });
      const { job: root, records, shards, root: proofRoot } = readShardsProof(at('pruned'));
      const claim = { manifest: job.whole.manifest, job: root, records, shards, proofRoot };
      const replayer = makeShardsReplayer(job, at('pruned'), await openCpu({ threads: 1 }));
      const merges = { checked: 2, unavailable: 2, of: 4 };
      const kept = await verifyShards(claim, replayer, { segments: [2, 10] });
      expect([kept.verdict, kept.merges]).to.deep.equal(['verified', merges]);
      // A part that is asked for and is not there stays a failure.
      const gone = await verifyShards(claim, replayer, { segments: [4] });
      expect([gone.verdict, codesOf(gone)]).to.deep.equal(['unavailable', ['V0203']]);
      for (const whole of [{ all: true }, { sample: 0.1, seed: '5' }]) {
        const report = await verifyShards(claim, replayer, whole);
        expect([report.verdict, report.merges]).to.deep.equal(['unavailable', merges]);
      }
      await replayer.close();
    });

    const FORMS: readonly [
      string,
      string,
      (c: { records: CheckpointRecord[]; shards: CheckpointRecord[][] }) => void,
    ][] = [
      ['a record too few', 'V0110', ({ shards }) => void shards[1]!.pop()],
      ['a shard too few', 'V0110', ({ shards }) => void shards.pop()],
      [
        'a record of another step',
        'V0110',
        ({ shards }) => void (shards[0]![1] = { ...shards[0]![1]!, step: 10 }),
      ],
      ['a merge too few', 'V0104', ({ records }) => void records.splice(2, 1)],
      [
        'an end too early',
        'V0105',
        ({ records, shards }) => void [records, ...shards].forEach((l) => l.pop()),
      ],
      [
        'another beginning',
        'V0109',
        ({ records }) => void (records[0] = { ...records[0]!, stateRoot: '00'.repeat(32) }),
      ],
      [
        'another loss of a merge',
        'V0202',
        ({ records }) => void (records[4] = { ...records[4]!, loss: 0.5 }),
      ],
      [
        'a record that is none',
        'V0102',
        ({ shards }) => void (shards[0]![0] = { ...shards[0]![0]!, loss: NaN }),
      ],
    ];
    for (const [what, code, change] of FORMS) {
      it(`and ${what} is found`, async () => {
        if (code === 'V0102') {
          const { job: root, records, shards, root: proofRoot } = readShardsProof(at('whole'));
          change({ records, shards });
          const claim = { manifest: job.whole.manifest, job: root, records, shards, proofRoot };
          const replayer = makeShardsReplayer(job, at('whole'), await openCpu({ threads: 1 }));
          expect(codesOf(await verifyShards(claim, replayer))).to.deep.equal([code]);
        } else expect(codesOf(await check(what.replaceAll(' ', '-'), change))).to.include(code);
      });
    }
  });

  async function codeOf(action: () => unknown): Promise<string> {
    try {
      await action();
    } catch (error) {
      if (error instanceof GensynError) return error.code;
      throw error;
    }
    return 'none';
  }

  const refused = (name: string, change: (place: string) => void): Promise<string> => {
    change(copied(name));
    return codeOf(() => loadShards(at(name)));
  };
  const manifestOf = (place: string): string => path.join(place, JOB_FILES.manifest);

  it('are refused with parts that are not theirs', async () => {
    const swapped = await refused('swapped', (place) =>
      fs.copyFileSync(
        manifestOf(path.join(place, shardFolder(1))),
        manifestOf(path.join(place, shardFolder(0))),
      ),
    );
    expect(swapped).to.equal('R0110');
    // The same slice twice, with roots that fit.
    const twice = await refused('twice', (place) => {
      fs.copyFileSync(
        manifestOf(path.join(place, shardFolder(1))),
        manifestOf(path.join(place, shardFolder(0))),
      );
      const whole = JSON.parse(fs.readFileSync(manifestOf(place), 'utf8')) as { shards: { jobs: string[] } };
      whole.shards.jobs[0] = whole.shards.jobs[1]!;
      fs.rmSync(manifestOf(place));
      fs.writeFileSync(manifestOf(place), JSON.stringify(whole));
    });
    expect(twice).to.equal('R0110');
    const gone = await refused('gone', (place) => fs.rmSync(path.join(place, 'merge'), { recursive: true }));
    expect(gone).to.equal('R0110');
    const lost = await refused('lost', (place) => fs.rmSync(manifestOf(path.join(place, shardFolder(0)))));
    expect(lost).to.equal('R0110');
  });

  it('are not trained as a whole', async () => {
    const whole = await loadJob(at('job'));
    const events = train(whole, { folder: at('as-one'), device: await openCpu({ threads: 1 }) });
    expect(await codeOf(() => events.next())).to.equal('R0110');
    expect(await codeOf(() => checkRegistered(whole, {} as RegisteredTask))).to.equal('N0302');
  });

  it('have a root that binds every part', async () => {
    const { whole, plan } = await loadShards(at('job'));
    const roots = [
      whole.manifest,
      { ...whole.manifest, shards: { ...plan, sync: 4 } },
      { ...whole.manifest, shards: { ...plan, merge: plan.jobs[0]! } },
      { ...whole.manifest, shards: { ...plan, jobs: [...plan.jobs].reverse() } },
      { ...whole.manifest, steps: 30 },
    ].map(jobRoot);
    expect(new Set(roots).size).to.equal(roots.length);
  });

  it('reach the recorded states of digits-shards', async () => {
    const golden = goldenOf('digits-shards');
    await compileExample('digits-shards', at('digits'));
    const digits = await loadShards(at('digits'));
    const { graphRoot, evalRoot, dataRoot } = digits.whole.manifest;
    expect({ graphRoot, evalRoot, dataRoot }).to.deep.equal({
      graphRoot: golden.graphRoot,
      evalRoot: golden.evalRoot,
      dataRoot: golden.dataRoot,
    });
    const states: Record<string, string> = {};
    let accuracy: number | undefined;
    for await (const event of trainShards(digits, {
      ...{ folder: at('digits'), device: await openCpu({ threads: 2 }), processes: 2, holdoutEvery: 1e6 },
    })) {
      if (event.kind === 'checkpoint') accuracy = event.holdout?.['accuracy'] ?? accuracy;
      if (event.kind === 'end') for (const { step, stateRoot } of event.records) states[step] = stateRoot;
    }
    expect(Object.fromEntries(Object.keys(golden.states).map((step) => [step, states[step]]))).to.deep.equal(
      golden.states,
    );
    expect(accuracy).to.be.at.least(0.96);
  });
});
