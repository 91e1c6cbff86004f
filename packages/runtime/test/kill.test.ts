/** kill -9 at random moments: the run goes on from what is durable and ends with the same root. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openCpu, readProof, train } from '@gensyn/runtime';
import { tinyJob } from './tiny-job.js';

const CHILD = fileURLToPath(new URL('./run-child.js', import.meta.url));
const JOB = { steps: 240, checkpointEvery: 5 };

/** Runs until the end, or until it is killed `after` milliseconds after its start event. Returns its output. */
function runChild(args: readonly string[], after?: number): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (text: Buffer) => {
      const first = output === '';
      output += text.toString();
      if (first && after !== undefined) setTimeout(() => child.kill('SIGKILL'), after);
    });
    child.on('close', () => resolve(output));
  });
}

describe('a run that is killed', () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-kill-'))));
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('ends with the same root and the same proof records', async function () {
    this.timeout(60_000);
    const job = tinyJob(path.join(folder, 'job'), JOB);
    let expected = '';
    for await (const event of train(job, {
      folder: path.join(folder, 'whole'),
      device: await openCpu({ threads: 1 }),
      holdoutEvery: 0,
    })) {
      if (event.kind === 'end') expected = event.stateRoot;
    }
    const home = path.join(folder, 'killed');
    const args = [path.join(folder, 'job'), home, 'cpu', JSON.stringify({ job: JOB })];
    const starts: number[] = [];
    for (let i = 0; i < 4; i++) {
      const output = await runChild(args, Math.random() * 120);
      const start = /^start (\d+)/m.exec(output);
      expect(start, output).to.not.equal(null);
      starts.push(Number(start![1]));
      // What it said was durable is.
      const said = [...output.matchAll(/^checkpoint (\d+)/gm)].at(-1);
      if (said)
        expect(fs.readFileSync(path.join(home, 'records.jsonl'), 'utf8')).to.include(`"step":${said[1]},`);
      if (output.includes('end ')) break;
    }
    const last = await runChild(args);
    expect(last).to.include(`end ${expected}`);
    expect([...starts]).to.deep.equal([...starts].sort((a, b) => a - b));
    const roots = (run: string): string[] =>
      readProof(path.join(folder, run)).records.map(
        (record) => `${record.step} ${record.stateRoot} ${record.loss} ${record.cursor}`,
      );
    expect(roots('killed')).to.deep.equal(roots('whole'));
    expect(
      fs
        .readFileSync(path.join(home, 'losses.bin'))
        .equals(fs.readFileSync(path.join(folder, 'whole/losses.bin'))),
    ).to.equal(true);
    expect(fs.existsSync(path.join(home, 'lock'))).to.equal(false);
  });
});
