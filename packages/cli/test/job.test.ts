/** A job's whole way through the command: compile, run, verify, inspect, export, lint, fmt. */
import { expect } from 'chai';
import { cpSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { proofRoot, type CheckpointRecord } from '@gensyn/ir';
import { gensyn, gensynJson, temporaryFolder, writeTinyJob } from './gensyn.js';

interface RunDocument {
  readonly finished: boolean;
  readonly stateRoot: string;
  readonly step: number;
  readonly holdout: Readonly<Record<string, number>>;
}

describe('a job', () => {
  const folder = temporaryFolder();
  const at = { cwd: folder };
  const build = join(folder, 'build', name(folder));
  const run = join(folder, 'runs', name(folder));
  let root: string;
  before(() => writeTinyJob(folder));

  it('compiles to the same bytes again, from anywhere', async () => {
    const { code, document } = await gensynJson<{ folder: string; manifest: { steps: number } }>(
      ['compile'],
      at,
    );
    expect(code).to.equal(0);
    expect(document.manifest.steps).to.equal(40);
    const files = ['job.onnx', 'eval.onnx', 'init.onnx', 'job.json', 'job.gml'];
    const bytes = files.map((file) => readFileSync(join(build, file)));
    expect((await gensyn(['compile', folder, '--out', join(folder, 'again')])).code).to.equal(0);
    files.forEach((file, i) =>
      expect(readFileSync(join(folder, 'again', file)).equals(bytes[i]!), file).to.equal(true),
    );
  });

  it('says what it will compute, with every default', async () => {
    const { stdout, stderr } = await gensyn(
      ['compile', 'job.gml', '--set', 'width=8', '--float', '--out', 'wide'],
      at,
    );
    expect(stderr).to.equal('');
    for (const word of [
      'data',
      'width = 8',
      'parameters',
      'operators',
      'memory',
      'train.precision = 2',
      'graph ',
    ])
      expect(stdout).to.include(word);
    expect(existsSync(join(folder, 'wide/float.onnx'))).to.equal(true);
  });

  it('runs', async () => {
    const { code, document, stderr } = await gensynJson<RunDocument>(['run', '--threads', '1'], at);
    expect(code).to.equal(0);
    expect(stderr).to.equal('');
    expect(document.finished).to.equal(true);
    expect(document.step).to.equal(40);
    expect(document.holdout).to.include.keys('loss', 'accuracy');
    expect(readFileSync(join(run, 'loss.svg'), 'utf8')).to.match(/^<svg /);
    root = document.stateRoot;
  });

  it('leaves nothing in the home folder but its own cache', async () => {
    const home = join(folder, 'home');
    const env = { HOME: home, XDG_CACHE_HOME: join(home, 'cache'), TMPDIR: folder };
    expect((await gensyn(['run', '--out', join(folder, 'at-home')], { ...at, env })).code).to.equal(0);
    const left = existsSync(home) ? (readdirSync(home, { recursive: true }) as string[]) : [];
    expect(left.filter((path) => !/^cache(\/gensyn|$)/.test(path))).to.deep.equal([]);
  });

  it('does not overwrite a finished run unasked', async () => {
    const { code, stderr } = await gensyn(['run'], at);
    expect(code).to.equal(2);
    expect(stderr).to.include('U0206').and.include('finished').and.include('--fresh');
  });

  it('keeps a finished run where --fresh comes with an option that is refused', async () => {
    const { code, stderr } = await gensyn(['run', '--fresh', '-p', '2'], at);
    expect(code).to.equal(2);
    expect(stderr).to.include('U0106');
    expect(existsSync(join(run, 'proof.json'))).to.equal(true);
  });

  it('has nothing left to do on --resume', async () => {
    const { code, document } = await gensynJson<RunDocument>(['run', '--resume'], at);
    expect(code).to.equal(0);
    expect(document.stateRoot).to.equal(root);
  });

  it('gives the same state on two threads, in plain lines', async () => {
    const { code, stdout, stderr } = await gensyn(['run', '--fresh', '--threads', '2'], at);
    expect(code).to.equal(0);
    expect(stdout).to.include(root);
    expect(stderr).to.match(/^step 40\/40 {2}loss /m);
  });

  it('refuses to go on as another job', async () => {
    const { code, stderr } = await gensyn(['run', '--resume', '--set', 'width=5'], at);
    expect(code).to.equal(1);
    expect(stderr).to.include('R0204');
  });

  it('stops where --steps says and goes on from there', async () => {
    const stopped = await gensynJson<RunDocument>(['run', '--steps', '15', '--out', 'short'], at);
    expect(stopped.document).to.include({ finished: false, step: 20 });
    const refused = await gensyn(['run', 'short'], at);
    expect(refused.code).to.equal(2);
    expect(refused.stderr).to.include('step 20 of 40').and.include('--resume');
    const { document } = await gensynJson<RunDocument>(['run', 'short', '--resume'], at);
    expect(document).to.include({ finished: true, stateRoot: root });
  });

  it('keeps as many checkpoints as it is told', async () => {
    expect((await gensyn(['run', '--out', 'kept', '--keep', '1'], at)).code).to.equal(0);
    expect(existsSync(join(folder, 'kept/checkpoints/0000000040.safetensors'))).to.equal(true);
    expect(existsSync(join(folder, 'kept/checkpoints/0000000030.safetensors'))).to.equal(false);
  });

  it('verifies, also after the run was moved', async () => {
    renameSync(join(folder, 'kept'), join(folder, 'elsewhere'));
    cpSync(run, join(folder, 'moved'), { recursive: true });
    const { code, document } = await gensynJson<{ verdict: string; segments: unknown[] }>(
      ['verify', 'moved', '--all'],
      at,
    );
    expect(code).to.equal(0);
    expect(document.verdict).to.equal('verified');
    expect(document.segments).to.have.length(4);
    const sampled = await gensyn(['verify', '--sample', '50%', '--seed', '1'], at);
    expect(sampled.code).to.equal(0);
    expect(sampled.stdout).to.include('2 of 4 segments').and.include('is verified');
    expect((await gensyn(['verify', 'moved', '--segments', '9'], at)).code).to.equal(2);
  });

  it('is found out when it claims another state: exit code 3', async () => {
    const forged = join(folder, 'forged');
    cpSync(run, forged, { recursive: true });
    const file = join(forged, 'proof.json');
    const proof = JSON.parse(readFileSync(file, 'utf8')) as { root: string; records: CheckpointRecord[] };
    const records = proof.records.map((record) =>
      record.step === 40 ? { ...record, stateRoot: 'ab'.repeat(32) } : record,
    );
    writeFileSync(file, JSON.stringify({ ...proof, records, root: proofRoot(records) }));
    const { code, document } = await gensynJson<{ fraud: boolean; findings: { code: string }[] }>(
      ['verify', 'forged', '--segments', '4'],
      at,
    );
    expect(code).to.equal(3);
    expect(document.fraud).to.equal(true);
    expect(document.findings[0]!.code).to.equal('V0201');
    // Not replayed, but then what lies there is not the state that the record claims.
    const part = await gensyn(['verify', 'forged', '--segments', '1-3'], at);
    expect(part.code).to.equal(1);
    expect(part.stdout).to.include('V0206').and.include('not verified');
  });

  it('is not verified from a checkpoint that was changed or is missing: exit code 1', async () => {
    const damaged = join(folder, 'damaged');
    cpSync(run, damaged, { recursive: true });
    const file = join(damaged, 'checkpoints/0000000020.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(file, bytes);
    const { code, stdout } = await gensyn(['verify', 'damaged', '--segments', '3'], at);
    expect(code).to.equal(1);
    expect(stdout).to.include('V0203');
    // The newest one: what is taken in its place is said.
    const newest = join(damaged, 'checkpoints/0000000040.safetensors');
    writeFileSync(newest, readFileSync(newest).subarray(0, 100));
    const options = ['export', 'damaged', '--format', 'safetensors'];
    const [plain, json] = await Promise.all([
      gensyn([...options, '--out', 'plain.safetensors'], at),
      gensynJson<{ step: number; skipped: { step: number }[] }>(
        [...options, '--out', 'json.safetensors'],
        at,
      ),
    ]);
    expect(plain.stderr).to.include('step 30').and.include('step 40');
    expect([json.document.step, json.document.skipped.map(({ step }) => step)]).to.deep.equal([30, [40]]);
    rmSync(file);
    expect((await gensyn(['verify', 'damaged', '--segments', '3'], at)).code).to.equal(1);
  });

  it('shows what an operator computed', async () => {
    const { document } = await gensynJson<{
      nodes: { node: number; operator: string; min: number; max: number }[];
    }>(['inspect', run, '--step', '25'], at);
    const dot = document.nodes.find(({ operator }) => operator === 'Dot')!;
    const one = await gensynJson<{ operator: string; max: number; operands: unknown[] }>(
      ['inspect', run, '--step', '25', '--node', String(dot.node)],
      at,
    );
    expect(one.document).to.include({ operator: 'Dot', max: dot.max });
    expect(one.document.operands).to.have.length(2);
    expect((await gensyn(['inspect', run, '--step', '40'], at)).code).to.equal(2);
    expect((await gensyn(['inspect', run, '--step', '1', '--node', '99999'], at)).stderr).to.include('U0402');
    expect((await gensyn(['inspect', run], at)).stdout).to.include('Dot');
  });

  it('exports weights and a float model, which lint refuses', async () => {
    const weights = await gensynJson<{ parameters: number; step: number }>(
      ['export', run, '--format', 'safetensors', '--out', 'w.safetensors'],
      at,
    );
    expect(weights.document).to.include({ parameters: 22, step: 40 });
    const model = await gensynJson<{ file: string }>(['export', '--out', 'model.onnx'], at);
    expect(model.code).to.equal(0);
    expect((await gensyn(['inspect', 'model.onnx'], at)).stdout).to.include('Gemm');
    const { code, document } = await gensynJson<{
      canonical: boolean;
      violations: { code: string; node: string }[];
    }>(['lint', 'model.onnx'], at);
    expect(code).to.equal(1);
    expect(document.canonical).to.equal(false);
    expect(document.violations.map((each) => each.code)).to.include('G0101');
    expect((await gensyn(['lint', join(run, 'job.onnx')], at)).code).to.equal(0);
    expect((await gensyn(['lint', 'pairs.csv'], at)).stderr).to.match(/error\[G00\d\d\]/);
  });

  it('is formatted', async () => {
    const file = join(folder, 'job.gml');
    expect((await gensyn(['fmt'], at)).code).to.equal(0);
    const text = readFileSync(file, 'utf8');
    expect((await gensyn(['fmt', '--check'], at)).code).to.equal(0);
    writeFileSync(file, `${text.replace('param width = 4', 'param   width=4')}// end\n`);
    expect((await gensyn(['fmt', '--check'], at)).code).to.equal(1);
    expect(readFileSync(file, 'utf8')).to.include('param   width=4');
    expect((await gensyn(['fmt', 'job.gml'], at)).code).to.equal(0);
    expect(readFileSync(file, 'utf8')).to.include('param width = 4\n').and.include('// end');
    expect((await gensyn(['fmt', '-'], { ...at, input: text })).stdout).to.equal(text);
  });
});

describe('templates', () => {
  const folder = temporaryFolder();
  for (const template of ['digits', 'table', 'text', 'images']) {
    it(`${template} compiles as it is and is formatted`, async () => {
      const job = join(folder, template);
      expect((await gensyn(['init', job, '--template', template])).code).to.equal(0);
      const [compiled, formatted] = await Promise.all([
        gensynJson(['compile'], { cwd: job }),
        gensyn(['fmt', '--check'], { cwd: job }),
      ]);
      expect(compiled.document).to.include.keys('manifest');
      expect(formatted.code, formatted.stdout).to.equal(0);
    });
  }
});

/** Jobs named job.gml take the name of their folder. */
function name(folder: string): string {
  return folder.split('/').at(-1)!;
}
