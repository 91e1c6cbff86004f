/** Jobs that predict: what a network says of every row, in the data's own order, with the same bits on all threads and kernels. */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import ort from 'onnxruntime-node';
import { compileJob, DiagnosticsError, predictionText, type PredictionRequest } from '@gensyn/dsl';
import { encodeModel, JOB_FILES, proofRoot, type GensynError, type State } from '@gensyn/ir';
import {
  loadJob,
  makeReplayer,
  openCpu,
  readCheckpoint,
  readProof,
  type CpuOptions,
  type Job,
} from '@gensyn/runtime';
import { verifyRun } from '@gensyn/verifier';
import { programOfRun } from '../src/export-onnx.js';
import { predictionsOf, type Predictions } from '../src/predictions.js';
import { EXAMPLES, trainExample } from './example.js';
import { gensyn, gensynJson, temporaryFolder } from './gensyn.js';

const WAYS: readonly [string, CpuOptions][] = [
  ['one thread, integer kernels', { threads: 1, products: 'integer' }],
  ['two threads, without integer kernels', { threads: 2, products: 'float' }],
];
const NETWORK = join(EXAMPLES, 'digits-onnx/digits.onnx');

/** The columns of examples/digits: 64 pixels of 0..16 and the digit. */
function digits(job: Job): { pixels: Float32Array; labels: Int32Array; rows: number } {
  const { rows } = job.manifest.datasets[0]!;
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  const pixels = new Float32Array(rows * 64);
  const labels = new Int32Array(rows);
  job.columns.get('digits\npixels')!.gather(all, pixels, 0);
  job.columns.get('digits\nlabel')!.gather(all, labels, 0);
  return { pixels, labels, rows };
}

function npy(file: string, shape: readonly number[], data: Float32Array | Int32Array): void {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const type = data instanceof Int32Array ? '<i4' : '<f4';
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${dims}), }`.padEnd(117, ' ');
  const head = Buffer.from(`\x93NUMPY\x01\0v\0${text}\n`, 'latin1');
  writeFileSync(file, Buffer.concat([head, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]));
}

/** A network of which nobody knows how many rows it gives. */
function dynamic(folder: string): string {
  const info = (name: string, elemType: number) => ({
    name,
    type: { tensorType: { elemType, shape: { dim: [{ dimParam: 'n' }, { dimValue: 64 }] } } },
  });
  const file = join(folder, 'dynamic.onnx');
  const node = [{ opType: 'NonZero', name: 'find', input: ['x'], output: ['y'] }];
  const graph = { name: 'dynamic', node, input: [info('x', 1)], output: [info('y', 7)] };
  writeFileSync(file, encodeModel({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph }));
  return file;
}

describe('a job that predicts', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const compiled = join(folder, 'job');
  const golden = JSON.parse(readFileSync(join(EXAMPLES, 'digits-onnx/predict.golden.json'), 'utf8')) as {
    graphRoot: string;
    states: Record<string, string>;
  };
  let job: Job;
  let state: State;
  let predictions: Predictions;
  before(async () => {
    await compileJob({ job: join(EXAMPLES, 'digits-onnx/predict.gml'), out: compiled });
    job = await loadJob(compiled);
  });

  for (const [way, options] of WAYS)
    it(`comes to the recorded states with ${way}`, async () => {
      const run = join(folder, way);
      const { states, end } = await trainExample(job, run, await openCpu(options));
      expect(states).to.include(golden.states);
      expect(end.records.some((record) => 'loss' in record)).to.equal(false);
      state = readCheckpoint(run, job.manifest, end.records.at(-1)!, job.given);
    });

  it('says what onnxruntime says of the float model, row by row, and counts what is right', async () => {
    predictions = (await predictionsOf(job, state))!;
    const { pixels, labels, rows } = digits(job);
    const session = await ort.InferenceSession.create(NETWORK);
    const input = new ort.Tensor(
      'float32',
      pixels.map((value) => value / 16),
      [rows, 64],
    );
    const { logits } = await session.run({ pixels: input });
    const expected = logits!.data as Float32Array;
    expect(predictions.shape).to.deep.equal([rows, 10]);
    let [gap, right] = [0, 0];
    for (let i = 0; i < expected.length; i++)
      gap = Math.max(gap, Math.abs(expected[i]! - predictions.data[i]!));
    expect(gap).to.be.below(2e-3);
    for (let row = 0; row < rows; row++) {
      const scores = expected.subarray(row * 10, row * 10 + 10);
      if (scores[labels[row]!] === Math.max(...scores)) right++;
    }
    expect(predictions.accuracy).to.be.closeTo(right / rows, 2 / rows);
  });

  it('is refused where its manifest says other things of the predictions than its graph', async () => {
    const file = join(compiled, JOB_FILES.manifest);
    const right = readFileSync(file, 'utf8');
    const codeWith = (predictions: unknown): Promise<string> => {
      writeFileSync(file, JSON.stringify({ ...(JSON.parse(right) as object), predictions }));
      return loadJob(compiled).then(
        () => 'loaded',
        ({ code }: GensynError) => code,
      );
    };
    const named = { state: 'predictions', dataset: 'digits', label: 'label' };
    try {
      expect(await codeWith(named)).to.equal('loaded');
      expect(await codeWith(undefined)).to.equal('R0108');
      for (const wrong of [
        null,
        { ...named, state: 'step' },
        { ...named, state: 'elsewhere' },
        { ...named, dataset: 'letters' },
        { ...named, label: 'pixels' },
        { dataset: 'digits' },
      ])
        expect(await codeWith(wrong), JSON.stringify(wrong)).to.equal('R0102');
    } finally {
      writeFileSync(file, right);
    }
  });

  it('is not verified with a loss, which it cannot have', async () => {
    const run = join(folder, WAYS[0]![0]);
    const { root, records, ...proof } = readProof(run);
    const verified = async (claimed: typeof records) => {
      const claim = { manifest: job.manifest, ...proof, records: claimed, proofRoot: proofRoot(claimed) };
      const report = await verifyRun(claim, makeReplayer(job, run, await openCpu({ threads: 1 })), {
        segments: [2],
      });
      return report.findings.map(({ code }) => code);
    };
    expect(proofRoot(records)).to.equal(root);
    expect(await verified(records)).to.deep.equal([]);
    expect(await verified(records.map((each, i) => (i === 2 ? { ...each, loss: 0.5 } : each)))).to.include(
      'V0107',
    );
  });

  describe('of an .onnx file and a data file', () => {
    const home = join(folder, 'home');
    const at = { cwd: home };
    let root: string;
    before(() => {
      mkdirSync(home);
      cpSync(NETWORK, join(home, 'net.onnx'));
      const { pixels, labels, rows } = digits(job);
      npy(
        join(home, 'x.npy'),
        [rows, 8, 8],
        pixels.map((value) => value / 16),
      );
      npy(join(home, 'y.npy'), [rows], labels);
    });
    const run = (...more: string[]) =>
      gensynJson<{
        finished: boolean;
        stateRoot: string;
        accuracy: number;
        files: Record<string, string>;
        error?: { code: string };
      }>(['run', 'net.onnx', '--data', 'x.npy', ...more], at);

    it('is compiled and run in one go, and leaves what it says as npy and csv', async () => {
      const { code, document, stderr } = await run('--label', 'y.npy', '--batch', '8', '--out', 'whole');
      expect(code, stderr).to.equal(0);
      root = document.stateRoot;
      expect(document).to.include({ finished: true, accuracy: predictions.accuracy });
      const bytes = readFileSync(join(home, document.files['npy']!));
      const { rows } = job.manifest.datasets[0]!;
      expect(bytes.toString('latin1', 0, 128)).to.include(`'shape': (${rows}, 10)`);
      expect(bytes.length).to.equal(128 + 4 * 10 * rows);
      // The scale of the pixels is in the data here, so the last bit may be another.
      const first = new Float32Array(bytes.buffer.slice(bytes.byteOffset + 128, bytes.byteOffset + 168));
      first.forEach((value, k) => expect(value).to.be.closeTo(predictions.data[k]!, 1e-3));
      const lines = readFileSync(join(home, document.files['csv']!), 'utf8').trim().split('\n');
      expect([lines.length, lines[0]]).to.deep.equal([rows + 1, 'row,class,score,label']);
      expect(lines[1]).to.match(/^0,0,0\.66\d+,0$/);
    });

    it('goes on after kill -9 to the same state, is verified and exported', async () => {
      let sent = false;
      const killed = await gensyn(
        ['run', 'net.onnx', '--data', 'x.npy', '--label', 'y.npy', '--batch', '8', '--out', 'killed'],
        {
          ...at,
          watch(child) {
            const checkpoints = join(home, 'killed/checkpoints');
            if (sent || !existsSync(checkpoints) || readdirSync(checkpoints).length === 0) return;
            sent = true;
            child.kill('SIGKILL');
          },
        },
      );
      expect(killed.signal).to.equal('SIGKILL');
      const early = await gensynJson<{ error: { code: string } }>(['export', 'killed'], at);
      expect(early.document.error.code).to.equal('U0210');
      const { document } = await gensynJson<{ stateRoot: string }>(['run', 'killed', '--resume'], at);
      expect(document.stateRoot).to.equal(root);
      expect((await gensyn(['verify', 'killed'], at)).code).to.equal(0);
      for (const name of ['predictions.npy', 'predictions.csv']) {
        const file = join(home, 'killed', name);
        const right = readFileSync(file);
        const wrong = Buffer.from(right);
        wrong[right.length - 2]! ^= 1;
        writeFileSync(file, wrong);
        const changed = await gensyn(['verify', 'killed', '--segments', '1'], at);
        expect(changed.code).to.equal(1);
        expect(changed.stdout).to.include('V0207').and.include(name).and.not.include('of training');
        writeFileSync(file, right);
      }
      await gensyn(['export', 'killed', '--out', 'again.npy'], at);
      expect(
        readFileSync(join(home, 'again.npy')).equals(readFileSync(join(home, 'whole/predictions.npy'))),
      ).to.equal(true);
      const checkpoints = join(home, 'killed/checkpoints');
      writeFileSync(join(checkpoints, readdirSync(checkpoints).sort().at(-1)!), 'damaged');
      const damaged = await gensynJson<{ error: { code: string } }>(['export', 'killed'], at);
      expect(damaged.document.error.code).to.equal('R0203');
      const model = await gensynJson<{ error: { code: string } }>(
        ['export', 'killed', '--out', 'model.onnx'],
        at,
      );
      expect(model.document.error.code).to.equal('U0106');
      const program = programOfRun('job.gml', job.manifest, 1);
      expect(await program.catch((error: GensynError) => error.code)).to.equal('L0906');
    });

    it('is refused with one error where network, data and options do not fit', async () => {
      const numbers = new Float32Array(640).map((_, i) => (i % 17) / 16);
      npy(join(home, 'wide.npy'), [10, 32], numbers.slice(0, 320));
      npy(join(home, 'none.npy'), [0, 64], new Float32Array(0));
      npy(
        join(home, 'nan.npy'),
        [10, 64],
        numbers.map((value, i) => (i === 77 ? NaN : value)),
      );
      npy(join(home, 'ten.npy'), [10, 64], numbers);
      npy(
        join(home, 'classes.npy'),
        [10],
        Int32Array.from({ length: 10 }, (_, i) => 2 * i),
      );
      writeFileSync(join(home, 'text.txt'), 'nothing\n');
      const codeOf = async (options: Partial<PredictionRequest>): Promise<string | undefined> => {
        const request = { model: join(home, 'net.onnx'), data: join(home, 'ten.npy'), ...options };
        try {
          const text = await predictionText(request);
          await compileJob({ job: join(home, 'net.gml'), text, out: join(home, 'refused') });
          return undefined;
        } catch (error) {
          if (error instanceof DiagnosticsError) return error.diagnostics.map(({ code }) => code).join();
          return (error as GensynError).code;
        }
      };
      const data = (name: string) => ({ data: join(home, name) });
      expect(await codeOf({})).to.equal(undefined);
      expect(await codeOf(data('wide.npy'))).to.equal('L0822');
      expect(await codeOf(data('none.npy'))).to.equal('D0103');
      expect(await codeOf(data('nan.npy'))).to.equal('D0140');
      expect(await codeOf(data('text.txt'))).to.equal('L0822');
      expect(await codeOf(data('missing.npy'))).to.equal('D0101');
      expect(await codeOf({ batch: 11 })).to.equal('D0301');
      expect(await codeOf({ label: join(home, 'classes.npy') })).to.equal('D0142');
      expect(await codeOf({ output: 'y' })).to.equal('L0821');
      expect(await codeOf({ model: dynamic(home) })).to.equal('L0813');
      const lost = codeOf({ label: join(home, 'nowhere') });
      expect(await lost).to.equal('D0101');
      const named = await gensyn(['run', 'net.onnx', '--data', 'x.npy', '--label', 'nope'], at);
      expect([named.code, named.stderr.includes('error[U0203]')]).to.deep.equal([2, true]);
      // The text is not the user's, so an error points to where it can be read.
      const many = await gensynJson<{ error: { code: string; file: string } }>(
        ['compile', 'net.onnx', '--data', 'ten.npy', '--batch', '11'],
        at,
      );
      expect(many.document.error.code).to.equal('D0301');
      expect(existsSync(join(home, many.document.error.file)), JSON.stringify(many.document)).to.equal(true);
      const bare = await gensynJson<{ error: { code: string } }>(['run', 'net.onnx'], at);
      expect(bare.document.error.code).to.equal('U0106');
    });
  });
});
