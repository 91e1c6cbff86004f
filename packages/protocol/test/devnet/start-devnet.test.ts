/** A chain of a process: it works, keeps its state if told to, and ends with the process however that ends. */
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from '../../src/devnet/connect.js';
import { startDevnet } from '../../src/devnet/start-devnet.js';
import { codeOf } from '../code-of.js';

const child = fileURLToPath(new URL('devnet-child.js', import.meta.url));

async function answers(url: string): Promise<boolean> {
  return (await codeOf(async () => (await connect(url)).destroy())) === undefined;
}

describe('startDevnet', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'gensyn-chain-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('gives a chain whose accounts have money and whose transactions count at once', async () => {
    const devnet = await startDevnet();
    const [from, to] = await Promise.all(devnet.accounts.slice(0, 2).map((each) => each.getAddress()));
    expect([from, to]).to.deep.equal([
      '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
      '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    ]);
    const sent = await Promise.all(
      [1n, 2n, 3n].map((value) => devnet.signer.sendTransaction({ to: to!, value })),
    );
    await Promise.all(sent.map((each) => each.wait()));
    expect(await devnet.provider.getBalance(to!)).to.equal(10_000n * 10n ** 18n + 6n);
    await devnet.stop();
    await devnet.stop();
    expect(await answers(devnet.url)).to.equal(false);
  });

  it('goes on from its state file', async () => {
    const state = join(folder, 'chain.json');
    const to = '0x00000000000000000000000000000000000000ff';
    const first = await startDevnet({ state });
    await (await first.signer.sendTransaction({ to, value: 7n })).wait();
    await first.stop();
    const second = await startDevnet({ state });
    const balance = await second.provider.getBalance(to);
    await (await second.signer.sendTransaction({ to, value: 1n })).wait();
    await second.stop();
    expect(balance).to.equal(7n);
  });

  it('names what is wrong', async () => {
    const devnet = await startDevnet();
    const port = Number(new URL(devnet.url).port);
    expect(await codeOf(() => startDevnet({ port }))).to.equal('N0102');
    expect(await codeOf(() => startDevnet({ state: join(folder, 'none', 'chain.json') }))).to.equal('N0103');
    expect(await codeOf(() => startDevnet({ state: folder }))).to.equal('N0103');
    expect(await codeOf(() => connect(devnet.url, 1))).to.equal('N0202');
    await devnet.stop();
    expect(await codeOf(() => connect(devnet.url))).to.equal('N0201');
    expect(await codeOf(() => connect('nonsense'))).to.equal('N0201');
  });

  for (const end of ['exit', 'throw', 'SIGINT', 'SIGTERM', 'SIGKILL']) {
    it(`leaves no chain behind a process that ends by ${end}`, async () => {
      const program = spawn(process.execPath, [child, end], { stdio: ['ignore', 'pipe', 'ignore'] });
      let url = '';
      program.stdout.on('data', (bytes: Buffer) => (url += bytes.toString()));
      await new Promise((resolve) => program.once('close', resolve));
      expect(url).to.match(/^http:/);
      for (let tries = 0; tries < 100 && (await answers(url)); tries++) await sleep(50);
      expect(await answers(url)).to.equal(false);
    });
  }
});
