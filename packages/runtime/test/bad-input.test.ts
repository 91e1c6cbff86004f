/** Broken jobs, checkpoints and runs: one error with its own code each, and never a foreign one. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import {
  GensynError,
  decodeModel,
  encodeModel,
  fromOnnx,
  graphRoot,
  range,
  toOnnx,
  type Manifest,
  type Node,
} from '@gensyn/ir';
import {
  checkpointFile,
  explanations,
  loadJob,
  openCpu,
  readProof,
  readSafetensors,
  train,
  type Job,
  type TrainOptions,
} from '@gensyn/runtime';
import { tinyJob } from './tiny-job.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A compiled job's folder. */
function writeJob(folder: string, options: Parameters<typeof tinyJob>[1] = {}): Manifest {
  const job = tinyJob(folder, options);
  const manifest = {
    ...job.manifest,
    graphRoot: hex(graphRoot(job.step)),
    evalRoot: hex(graphRoot(job.evaluation)),
  };
  fs.writeFileSync(path.join(folder, 'job.onnx'), encodeModel(toOnnx(job.step, { name: 'tiny' })));
  fs.writeFileSync(
    path.join(folder, 'eval.onnx'),
    encodeModel(toOnnx(job.evaluation, { name: 'tiny evaluation' })),
  );
  fs.writeFileSync(path.join(folder, 'job.json'), JSON.stringify(manifest));
  return manifest;
}

/** Changes inputs of the evaluation graph, and what the manifest commits to with it. */
function evaluation(change: (node: Node) => Node): (home: string) => void {
  return (home) => {
    const file = path.join(home, 'eval.onnx');
    const graph = fromOnnx(decodeModel(fs.readFileSync(file)));
    const changed = {
      ...graph,
      nodes: graph.nodes.map((node) => (node.op === 'Input' ? change(node) : node)),
    };
    const model = encodeModel(toOnnx(changed, { name: 'changed' }));
    fs.writeFileSync(file, model);
    const manifest = JSON.parse(fs.readFileSync(path.join(home, 'job.json'), 'utf8')) as Manifest;
    const evalRoot = hex(graphRoot(fromOnnx(decodeModel(model))));
    fs.writeFileSync(path.join(home, 'job.json'), JSON.stringify({ ...manifest, evalRoot }));
  };
}

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof GensynError)) throw error;
    return error.code;
  }
  return 'nothing';
}

async function runAll(job: Job, options: Omit<TrainOptions, 'device'>): Promise<void> {
  const device = await openCpu({ threads: 1 });
  for await (const event of train(job, { ...options, device })) void event;
}

describe('bad input', () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-bad-'))));
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('has an explanation for every code that the sources mention', () => {
    const sources = fs
      .readdirSync('packages/runtime/src', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'));
    const mentioned = new Set(
      sources
        .flatMap(
          (file) => fs.readFileSync(path.join('packages/runtime/src', file), 'utf8').match(/'R\d{4}'/g) ?? [],
        )
        .map((code) => code.slice(1, -1)),
    );
    const explained = explanations.map(({ code }) => code);
    expect([...mentioned].filter((code) => !explained.includes(code))).to.deep.equal([]);
    expect(new Set(explained).size).to.equal(explained.length);
  });

  it('loads a sound job, and remembers that its data are', async () => {
    writeJob(folder);
    const job = await loadJob(folder);
    expect(job.manifest.name).to.equal('tiny');
    // Same size and time of change: only --full looks again.
    const file = path.join(folder, 'data/x.bin');
    const { atime, mtime } = fs.statSync(file);
    const bytes = fs.readFileSync(file);
    bytes[3]! ^= 1;
    fs.writeFileSync(file, bytes);
    fs.utimesSync(file, atime, mtime);
    expect(await codeOf(() => loadJob(folder, { full: true }))).to.equal('R0105');
  });

  const edit =
    (change: (manifest: Record<string, unknown>) => void) =>
    (home: string): void => {
      const file = path.join(home, 'job.json');
      const manifest = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
      change(manifest);
      fs.writeFileSync(file, JSON.stringify(manifest));
    };
  const column = (manifest: Record<string, unknown>, i: number): Record<string, unknown> =>
    (manifest['datasets'] as { columns: Record<string, unknown>[] }[])[0]!.columns[i]!;
  const flip =
    (file: string) =>
    (home: string): void => {
      const bytes = fs.readFileSync(path.join(home, file));
      bytes[Math.floor(bytes.length / 2)]! ^= 4;
      fs.writeFileSync(path.join(home, file), bytes);
    };
  const cut =
    (file: string) =>
    (home: string): void =>
      fs.truncateSync(path.join(home, file), Math.floor(fs.statSync(path.join(home, file)).size / 2));

  const broken: readonly (readonly [name: string, code: string | RegExp, damage: (home: string) => void])[] =
    [
      ['no manifest', 'R0101', (home) => fs.rmSync(path.join(home, 'job.json'))],
      ['a manifest cut short', 'R0102', cut('job.json')],
      ['a manifest that is a list', 'R0102', (home) => fs.writeFileSync(path.join(home, 'job.json'), '[]')],
      ['another format', 'R0102', edit((m) => (m['format'] = 'gensyn-job/2'))],
      ['no batch size', 'R0102', edit((m) => delete m['batch'])],
      ['a negative seed', 'R0102', edit((m) => (m['seed'] = -1))],
      ['a root of the wrong length', 'R0102', edit((m) => (m['graphRoot'] = 'ab'))],
      ['everything held out', 'R0102', edit((m) => (m['holdoutRows'] = 40))],
      [
        'two state tensors of one name',
        'R0102',
        edit((m) => ((m['state'] as { name: string }[])[2]!.name = 'w')),
      ],
      ['a column with rows beyond its end', 'R0102', edit((m) => (column(m, 0)['stride'] = 5))],
      ['a huge shape', 'R0102', edit((m) => (column(m, 0)['dims'] = [2 ** 30, 2 ** 30]))],
      ['a path upwards', 'R0103', edit((m) => (column(m, 0)['file'] = '../data/x.bin'))],
      ['an absolute path', 'R0103', edit((m) => (column(m, 0)['file'] = '/etc/passwd'))],
      ['a drive', 'R0103', edit((m) => (column(m, 0)['file'] = 'C:/x.bin'))],
      [
        'a link that leaves the folder',
        'R0103',
        (home) => {
          fs.rmSync(path.join(home, 'data/x.bin'));
          fs.symlinkSync('/etc/hostname', path.join(home, 'data/x.bin'));
        },
      ],
      [
        'a folder in place of a file',
        'R0104',
        (home) => {
          fs.rmSync(path.join(home, 'data/x.bin'));
          fs.mkdirSync(path.join(home, 'data/x.bin'));
        },
      ],
      ['missing data', 'R0104', (home) => fs.rmSync(path.join(home, 'data/y.bin'))],
      ['data cut short', 'R0104', cut('data/y.bin')],
      ['changed data', 'R0105', flip('data/x.bin')],
      ['another data root', 'R0105', edit((m) => (m['dataRoot'] = '00'.repeat(32)))],
      ['no step graph', 'R0104', (home) => fs.rmSync(path.join(home, 'job.onnx'))],
      ['a step graph cut short', /^G/, cut('job.onnx')],
      ['an empty step graph', /^G/, (home) => fs.writeFileSync(path.join(home, 'job.onnx'), '')],
      [
        'the wrong graph',
        'R0106',
        (home) => fs.copyFileSync(path.join(home, 'eval.onnx'), path.join(home, 'job.onnx')),
      ],
      [
        'a state that the graph lacks',
        'R0108',
        edit((m) =>
          (m['state'] as object[]).push({
            name: 'z',
            dtype: 'f32',
            shape: [1],
            init: { kind: 'constant', value: 0 },
          }),
        ),
      ],
      [
        'a state of another shape',
        'R0108',
        edit((m) => ((m['state'] as { shape: number[] }[])[1]!.shape = [1, 4])),
      ],
      [
        'another initial value',
        'R0108',
        edit((m) => ((m['state'] as { init: object }[])[2]!.init = { kind: 'constant', value: 1 })),
      ],
      [
        'an evaluation of a state that the step lacks',
        'R0108',
        evaluation((node) => (node.name === 'w' ? { ...node, name: 'v' } : node)),
      ],
      [
        'an evaluation that is proved for fewer states than the step may reach',
        'R0108',
        evaluation((node) =>
          node.name === 'm' ? { ...node, range: range({ lo: -1, hi: 1, quantum: 2 ** -19 }) } : node,
        ),
      ],
      ['more steps than are proved', 'R0108', edit((m) => (m['steps'] = 2 ** 25))],
    ];
  for (const [name, code, damage] of broken) {
    it(`refuses ${name}`, async () => {
      writeJob(folder);
      damage(folder);
      expect(await codeOf(() => loadJob(folder))).to.match(new RegExp(code));
    });
  }

  it('checks data anew when the declared range changes, however little', async () => {
    writeJob(folder);
    const least = (tiny: number): void =>
      evaluation((node) =>
        node.name === 'x' ? { ...node, range: range({ lo: 0, hi: 15, quantum: 1, tiny }) } : node,
      )(folder);
    least(1);
    expect(await codeOf(() => loadJob(folder))).to.equal('nothing');
    least(1.5);
    expect(await codeOf(() => loadJob(folder))).to.equal('R0108');
  });

  it('survives any single damaged byte of manifest and graphs with its own errors', async function () {
    this.timeout(20_000);
    writeJob(folder);
    const sound = new Map(
      ['job.json', 'job.onnx'].map((file) => [file, fs.readFileSync(path.join(folder, file))]),
    );
    for (const [file, bytes] of sound) {
      for (let i = 0; i < 120; i++) {
        const damaged = Uint8Array.from(bytes);
        damaged[(i * 7919) % bytes.length]! ^= 1 << (i % 8);
        fs.writeFileSync(path.join(folder, file), damaged);
        await codeOf(() => loadJob(folder));
      }
      fs.writeFileSync(path.join(folder, file), bytes);
    }
  });

  it('names the step at which training diverges, and keeps the checkpoint before', async () => {
    const job = tinyJob(folder, { clamped: false, rate: 2 ** -5, checkpointEvery: 1 });
    const home = path.join(folder, 'run');
    const error = await runAll(job, { folder: home }).then(
      () => undefined,
      (e: unknown) => e as GensynError,
    );
    expect(error?.code).to.equal('R0401');
    const step = Number(/step (\d+)/.exec(error!.message)![1]);
    expect(fs.existsSync(checkpointFile(home, step))).to.equal(false);
    expect(step === 1 || fs.existsSync(checkpointFile(home, step - 1))).to.equal(true);
    expect(fs.existsSync(path.join(home, 'lock'))).to.equal(false);
  });

  it('refuses a folder in use, of another job, or with a run in it', async () => {
    const home = path.join(folder, 'run');
    const job = tinyJob(folder);
    const device = await openCpu({ threads: 1 });
    for await (const event of train(job, { folder: home, device })) {
      if (event.kind !== 'start') continue;
      expect(await codeOf(() => runAll(job, { folder: home, resume: true }))).to.equal('R0205');
    }
    expect(await codeOf(() => runAll(job, { folder: home }))).to.equal('R0207');
    expect(
      await codeOf(() =>
        runAll({ ...job, manifest: { ...job.manifest, seed: 6 } }, { folder: home, resume: true }),
      ),
    ).to.equal('R0204');
    const proof = path.join(home, 'proof.json');
    fs.writeFileSync(proof, fs.readFileSync(proof, 'utf8').replace(/"step":10,/, '"step":11,'));
    expect(await codeOf(() => readProof(home))).to.equal('R0206');
    fs.writeFileSync(path.join(home, 'records.jsonl'), '{"step":0}\n');
    expect(await codeOf(() => runAll(job, { folder: home, resume: true }))).to.equal('R0206');
  });

  it('takes over the lock of a dead process, and repairs a torn record', async () => {
    const home = path.join(folder, 'run');
    const job = tinyJob(folder, { steps: 20 });
    for await (const event of train(job, { folder: home, device: await openCpu({ threads: 1 }) }))
      if (event.kind === 'checkpoint') break;
    fs.writeFileSync(path.join(home, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, host: os.hostname() }));
    fs.appendFileSync(path.join(home, 'records.jsonl'), '{"step":20,"stateRo');
    await runAll(job, { folder: home, resume: true });
    expect(readProof(home).records.map(({ step }) => step)).to.deep.equal([0, 10, 20]);
  });

  it('says that the disk is full, and which memory is missing', async function () {
    const job = tinyJob(folder);
    const huge = { ...job.manifest, size: { ...job.manifest.size, stateBytes: 2 ** 50 } };
    expect(
      await codeOf(() => runAll({ ...job, manifest: huge }, { folder: path.join(folder, 'huge') })),
    ).to.equal('R0502');
    if (!fs.existsSync('/dev/full')) return;
    // Every write to this device fails as on a full disk.
    fs.mkdirSync(path.join(folder, 'full'));
    fs.symlinkSync('/dev/full', path.join(folder, 'full/losses.bin'));
    expect(await codeOf(() => runAll(job, { folder: path.join(folder, 'full') }))).to.equal('R0501');
    fs.mkdirSync(path.join(folder, 'file'));
    fs.writeFileSync(path.join(folder, 'file/checkpoints'), '');
    expect(await codeOf(() => runAll(job, { folder: path.join(folder, 'file') }))).to.equal('R0503');
  });

  it('reads no safetensors file that is not exact', async () => {
    const home = path.join(folder, 'run');
    await runAll(tinyJob(folder, { steps: 10 }), { folder: home });
    const file = checkpointFile(home, 10);
    const sound = fs.readFileSync(file);
    expect([...readSafetensors(file).tensors.keys()]).to.deep.equal(['step', 'w', 'm']);
    const length = Number(sound.readBigUInt64LE(0));
    const header = JSON.parse(sound.subarray(8, 8 + length).toString()) as Record<
      string,
      { shape: number[]; data_offsets: number[]; dtype: string }
    >;
    const withHeader = (change: (h: typeof header) => void): Buffer => {
      const copy = structuredClone(header);
      change(copy);
      const text = Buffer.from(JSON.stringify(copy));
      const size = Buffer.alloc(8);
      size.writeBigUInt64LE(BigInt(text.length));
      return Buffer.concat([size, text, sound.subarray(8 + length)]);
    };
    const hostile = Buffer.from(sound);
    hostile.writeBigUInt64LE(2n ** 63n, 0);
    const damaged: Buffer[] = [
      Buffer.alloc(0),
      sound.subarray(0, 5),
      sound.subarray(0, sound.length - 1),
      Buffer.concat([sound, Buffer.alloc(1)]),
      hostile,
      withHeader((h) => (h['w']!.shape = [5, 1])),
      withHeader((h) => (h['w']!.shape = [2 ** 53, 2 ** 53])),
      withHeader((h) => (h['w']!.shape = [-4, -1])),
      withHeader((h) => (h['w']!.data_offsets = h['m']!.data_offsets)),
      withHeader((h) => (h['w']!.dtype = 'F64')),
      withHeader((h) => (h['w']!.dtype = 'constructor')),
    ];
    for (const bytes of damaged) {
      fs.writeFileSync(file, bytes);
      expect(await codeOf(() => readSafetensors(file))).to.equal('R0201');
    }
  });
});
