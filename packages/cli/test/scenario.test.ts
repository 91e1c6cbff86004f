/** Strangers as processes of their own, some of them liars, all of them killed now and then: the short form of `npm run scenario`. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

// From packages/cli/dist/test.
const SCENARIO = fileURLToPath(new URL('../../../../scripts/scenario.mjs', import.meta.url));

describe('a market of processes', function () {
  this.timeout(240_000);
  it('ends every task rightly, and pays for nothing wrong', async () => {
    const args = [
      '--tasks',
      '4',
      '--cheats',
      '2',
      '--speed',
      '5',
      '--windows',
      '50',
      '--kill',
      '5',
      '--limit',
      '200',
    ];
    const child = spawn(process.execPath, [SCENARIO, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [said, complained] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (complained += bytes.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code, `${said}\n${complained}`).to.equal(0);
    const result = JSON.parse(said.trim().split('\n').at(-1)!) as Record<string, unknown>;
    expect(result['wrong']).to.deep.equal([]);
    expect([result['tasks'], result['slashed'], result['abandoned']]).to.deep.equal([4, 2, 0]);
  });
});
