/** gensyn ci over a folder of small jobs: what passes, what is found out, what is kept. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { gensyn, gensynJson, ROOT, temporaryFolder } from './gensyn.js';

interface Report {
  readonly passed: boolean;
  readonly jobs: readonly {
    readonly name: string;
    readonly status: string;
    readonly findings: readonly string[];
    readonly steps: number;
    readonly cached: number;
    readonly stateRoot?: string;
  }[];
}

describe('gensyn ci', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const jobs = join(folder, 'jobs');
  const iris = join(jobs, 'iris');
  before(() => {
    cpSync(join(ROOT, 'examples/iris'), iris, {
      recursive: true,
      filter: (path) => !/[/\\](build|runs)$/.test(path),
    });
    writeFileSync(join(jobs, 'layers.gml'), 'param width = 8\n');
  });
  const check = (...more: string[]) => gensynJson<Report>(['ci', jobs, ...more]);

  it('passes a job whose roots are the recorded ones, and takes them from the cache afterwards', async () => {
    const first = await check('--junit', join(folder, 'report.xml'), '--summary', join(folder, 'report.md'));
    expect([first.code, first.document.passed]).to.deep.equal([0, true]);
    expect(first.document.jobs.map(({ name, status, cached }) => [name, status, cached])).to.deep.equal([
      ['iris', 'passed', 0],
    ]);
    expect(readFileSync(join(folder, 'report.xml'), 'utf8')).to.include('tests="1" failures="0" errors="0"');
    expect(readFileSync(join(folder, 'report.md'), 'utf8')).to.match(/\| iris \| passed \| 400 \|/);
    expect(readFileSync(join(jobs, '.gensyn-ci/.gitignore'), 'utf8')).to.equal('*\n');
    const second = await check();
    expect(second.document.jobs[0]).to.include({ status: 'passed', cached: 400 });
  });

  it('fails where a recorded root is another, with both', async () => {
    const file = join(iris, 'golden.json');
    const right = readFileSync(file, 'utf8');
    const golden = JSON.parse(right) as { graphRoot: string; states: Record<string, string> };
    const zeros = '0'.repeat(64);
    try {
      writeFileSync(file, JSON.stringify({ ...golden, states: { ...golden.states, 400: zeros } }));
      const state = await check('--junit', join(folder, 'failed.xml'));
      expect([state.code, state.document.jobs[0]!.status]).to.deep.equal([1, 'failed']);
      expect(state.document.jobs[0]!.findings).to.deep.equal([
        `state root after 400 steps is ${golden.states['400']}, recorded is ${zeros}`,
      ]);
      expect(readFileSync(join(folder, 'failed.xml'), 'utf8')).to.include(
        '<failure message="state root after',
      );
      writeFileSync(file, JSON.stringify({ ...golden, graphRoot: zeros }));
      const graph = await gensyn(['ci', jobs]);
      expect(graph.code).to.equal(1);
      expect(graph.stdout).to.include(`graph root is ${golden.graphRoot}, recorded is ${zeros}`);
      writeFileSync(file, '{"graphRoot": 1}');
      const malformed = await check();
      expect(malformed.document.jobs[0]!.findings[0]).to.include('error[U0208]');
    } finally {
      writeFileSync(file, right);
    }
  });

  it('finds a checkpoint of the cache that was changed', async () => {
    await check();
    const run = join(jobs, '.gensyn-ci/iris/run/checkpoints');
    const file = join(run, '0000000400.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(file, bytes);
    // Training goes on from the last checkpoint that is what its record says.
    const again = await check();
    expect(again.document.jobs[0]!.status).to.equal('passed');
  });

  it('names mistakes, absent data and jobs without a record', async () => {
    const broken = join(jobs, 'broken');
    mkdirSync(broken);
    const text = readFileSync(join(iris, 'job.gml'), 'utf8');
    writeFileSync(join(broken, 'job.gml'), text.replace('linear(', 'liner('));
    writeFileSync(join(jobs, 'short.gml'), text.replaceAll('"iris.csv"', '"iris/iris.csv"'));
    const { document, code } = await check('--allow-missing-data');
    expect(code).to.equal(1);
    const [first, , third] = document.jobs;
    expect([first!.name, first!.status]).to.deep.equal(['broken', 'error']);
    expect(first!.findings[0]).to.match(/^error\[L0202\]: unknown function 'liner'/);
    expect([third!.name, third!.status]).to.deep.equal(['short', 'new']);
    writeFileSync(join(broken, 'job.gml'), text);
    const missing = await check('--allow-missing-data', '--junit', join(folder, 'missing.xml'));
    expect([missing.code, missing.document.jobs[0]!.status]).to.deep.equal([0, 'skipped']);
    expect((await check()).document.jobs[0]!.findings[0]).to.include('error[D0101]');
  });

  it('records the roots of a job, with the params that its record sets', async () => {
    const golden = join(jobs, 'short.golden.json');
    writeFileSync(golden, '{}');
    expect((await gensynJson<Report>(['ci', join(jobs, 'short.gml')])).document.jobs[0]!.status).to.equal(
      'error',
    );
    const { rmSync } = await import('node:fs');
    rmSync(golden);
    const updated = await gensynJson<Report>(['ci', join(jobs, 'short.gml'), '--update']);
    expect(updated.document.jobs[0]!.status).to.equal('updated');
    const states = (JSON.parse(readFileSync(golden, 'utf8')) as { states: Record<string, string> }).states;
    expect(states['400']).to.equal(updated.document.jobs[0]!.stateRoot);
    expect((await gensynJson<Report>(['ci', join(jobs, 'short.gml')])).document.jobs[0]!.status).to.equal(
      'passed',
    );
    expect(existsSync(join(jobs, 'build'))).to.equal(false);
  });

  it('passes the examples of this repository', async () => {
    const examples = join(ROOT, 'examples');
    const cache = join(folder, 'examples');
    const { document, code } = await gensynJson<Report>([
      'ci',
      examples,
      '--allow-missing-data',
      '--cache',
      cache,
    ]);
    expect(code).to.equal(0);
    const passed = document.jobs.filter(({ status }) => status === 'passed').map(({ name }) => name);
    expect(passed).to.include.members([
      'digits',
      'digits-onnx',
      'digits-shards',
      'iris',
      'moby-gpt',
      'names',
    ]);
  });

  it('refuses a folder without jobs', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const { code, stderr } = await gensyn(['ci', empty]);
    expect(code).to.equal(2);
    expect(stderr).to.match(/error\[U0201\]: there is no job below/);
  });
});
