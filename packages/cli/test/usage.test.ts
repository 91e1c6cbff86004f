/** Mistakes in the command line: their codes, exit code 2, one document with --json, and never a stack trace. */
import { expect } from 'chai';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gensyn, gensynJson, temporaryFolder, writeTinyJob } from './gensyn.js';

describe('mistakes in the command line', () => {
  const folder = temporaryFolder();
  const [empty, two] = [join(folder, 'empty'), join(folder, 'two')];
  mkdirSync(empty);
  mkdirSync(two);
  writeTinyJob(two, { name: 'a.gml' });
  writeTinyJob(two, { name: 'b.gml' });
  writeFileSync(join(empty, 'note.txt'), 'no job');
  writeFileSync(join(empty, 'note.onnx'), 'no network');

  const cases: readonly (readonly [code: string, args: readonly string[], cwd?: string])[] = [
    ['U0101', ['--frobnicate']],
    ['U0101', ['compile', '--frobnicate']],
    ['U0102', ['compil']],
    ['U0102', ['help', 'compil']],
    ['U0102', ['frobnicate', '--help']],
    ['U0103', ['lint']],
    ['U0104', ['compile', 'a.gml', 'b.gml']],
    ['U0105', ['run', '--threads', 'many']],
    ['U0105', ['run', '--device', 'abacus']],
    ['U0105', ['init', 'x', '--template', 'gpt']],
    ['U0106', ['run', '--resume', '--fresh']],
    ['U0106', ['run', '--gpu', '--device', 'cpu']],
    ['U0106', ['inspect', '--node', '3']],
    ['U0107', ['compile', 'a.gml', '--set', 'width'], two],
    ['U0107', ['compile', 'a.gml', '--set', 'width=1', '--set', 'width=2'], two],
    ['U0108', ['verify', '--sample', '150%']],
    ['U0108', ['verify', '--segments', '5-3']],
    ['U0201', ['compile'], empty],
    ['U0202', ['compile'], two],
    ['U0203', ['compile', 'missing.gml']],
    ['U0203', ['lint', 'missing.onnx']],
    ['U0203', ['run', 'missing.onnx', '--data', 'note.txt']],
    ['U0203', ['run', 'note.onnx', '--data', 'missing.npy'], empty],
    ['U0203', ['data', 'show', 'missing.csv']],
    ['U0106', ['data', 'show', 'note.txt', '--grey'], empty],
    ['U0106', ['data', 'images', '.', '--rows', '3']],
    ['U0204', ['compile', 'note.txt'], empty],
    ['U0205', ['init', '.'], empty],
    ['U0207', ['verify'], empty],
    ['U0401', ['explain', 'X1234']],
  ];
  for (const [code, args, cwd = folder] of cases) {
    it(`${code}: gensyn ${args.join(' ')}`, async () => {
      const [plain, json] = await Promise.all([
        gensyn(args, { cwd }),
        gensynJson<{ error: Record<string, unknown> }>(args, { cwd }),
      ]);
      expect(plain.code).to.equal(2);
      expect(plain.stdout).to.equal('');
      expect(plain.stderr)
        .to.include(`error[${code}]`)
        .and.not.match(/\n\s+at /);
      expect(json.code).to.equal(2);
      expect(json.stderr).to.equal('');
      expect(json.document.error['code']).to.equal(code);
      expect(json.document.error['message']).to.be.a('string').and.not.equal('');
    });
  }

  it('suggests what was meant', async () => {
    expect((await gensyn(['verfy'])).stderr).to.include("'gensyn verify'");
    expect((await gensyn(['run', '--resum'])).stderr).to.include('--resume');
    expect((await gensyn(['explain', 'G010'])).stderr).to.include('G010');
  });

  it('shows where an error was thrown with GENSYN_DEBUG only', async () => {
    const { stderr } = await gensyn(['compile', 'missing.gml'], { cwd: folder, env: { GENSYN_DEBUG: '1' } });
    expect(stderr).to.match(/\n\s+at /);
  });
});

describe('mistakes in a job', () => {
  const folder = temporaryFolder();
  before(() => {
    writeTinyJob(folder);
    writeFileSync(join(folder, 'wrong.gml'), 'train {\n  model = frob(x)\n  loss = 1\n}\n');
  });

  it('are shown with their line, and exit code 1', async () => {
    const { code, stderr, stdout } = await gensyn(['compile', 'wrong.gml'], { cwd: folder });
    expect(code).to.equal(1);
    expect(stdout).to.equal('');
    expect(stderr)
      .to.match(/wrong\.gml:2:\d+: error\[L\d{4}\]/)
      .and.include('frob(x)')
      .and.include('^');
  });

  it('are listed all together with --json', async () => {
    const { code, document } = await gensynJson<{ error: { code: string; diagnostics: { line: number }[] } }>(
      ['compile', 'wrong.gml'],
      { cwd: folder },
    );
    expect(code).to.equal(1);
    expect(document.error.code).to.match(/^L\d{4}$/);
    expect(document.error.diagnostics.length).to.be.greaterThan(1);
  });

  it('name the place that cannot be written: exit code 4', async () => {
    for (const args of [
      ['compile', 'job.gml', '--out', 'pairs.csv'],
      ['run', 'job.gml', '--out', 'pairs.csv/run'],
    ]) {
      const { code, stderr } = await gensyn(args, { cwd: folder });
      expect(stderr)
        .to.match(/error\[(R0503|L0002|D0160)\]/)
        .and.include('pairs.csv');
      expect(code).to.equal(4);
    }
  });

  it('name the data file that is missing', async () => {
    writeFileSync(
      join(folder, 'lost.gml'),
      (await import('node:fs'))
        .readFileSync(join(folder, 'job.gml'), 'utf8')
        .replace('pairs.csv', 'gone.csv'),
    );
    const { code, stderr } = await gensyn(['compile', 'lost.gml'], { cwd: folder });
    expect(code).to.equal(1);
    expect(stderr).to.include('error[D0101]').and.include('gone.csv');
  });
});
