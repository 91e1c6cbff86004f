/** A job becomes one task, wherever the program that posts it is ended. */
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileJob } from '@gensyn/dsl';
import { loadJob, type Job } from '@gensyn/runtime';
import {
  moneyOf,
  openMarket,
  submitTask,
  tasks,
  type MarketClient,
  type SubmitRequest,
} from '../../src/chain/index.js';
import { startMarketDevnet, type MarketDevnet } from '../../src/devnet/index.js';
import { codeOf } from '../code-of.js';
import { flowers, jobText } from '../roles/tiny-jobs.js';
import { faultyNode } from './faulty-node.js';

const TOKEN = 10n ** 18n;
const CHILD = fileURLToPath(new URL('submit-child.js', import.meta.url));

describe('submitTask', () => {
  let base: string;
  let folder: string;
  let devnet: MarketDevnet;
  let client: MarketClient;
  let job: Job;
  let request: SubmitRequest;
  before(async () => {
    base = mkdtempSync(join(tmpdir(), 'gensyn-submit-'));
    folder = join(base, 'build');
    mkdirSync(folder);
    writeFileSync(join(base, 'job.gml'), jobText({ seed: 1 }));
    writeFileSync(join(base, 'flowers.csv'), flowers());
    await compileJob({ job: join(base, 'job.gml'), out: folder });
    job = await loadJob(folder);
    devnet = await startMarketDevnet({ windows: 10 });
    client = await devnet.client(1);
    const amounts = { rewardMin: 5n * TOKEN, rewardMax: 10n * TOKEN };
    request = {
      job,
      artefacts: `bafy${'a'.repeat(55)}`,
      ...amounts,
      rise: 10,
      workTime: 100,
      deadline: 1000,
    };
  });
  after(async () => {
    await client.close();
    await devnet.stop();
    rmSync(base, { recursive: true });
  });
  const home = (name: string): string => join(base, name);

  it('escrows what the task may cost, and once it is known it may be done again', async () => {
    const first = await submitTask(client, request, home('a'));
    expect(first).to.include({
      task: 1,
      escrow: 11n * TOKEN,
      deposited: 11n * TOKEN,
      steps: 40,
      found: false,
    });
    // Nobody has told the user yet.
    expect(await submitTask(client, request, home('a'))).to.include({ task: 1, deposited: 0n, found: true });
    first.confirm();
    expect(await submitTask(client, request, home('a'))).to.include({ task: 2, found: false });
    expect((await moneyOf(client, client.account!)).free).to.equal(0n);
  });

  it('finds its task when the answer was lost', async () => {
    const node = await faultyNode(devnet.url);
    const far = await openMarket({ rpc: node.url, market: devnet.market, account: 'devnet:2' });
    let [sent, gone] = [0, false];
    node.rule = ({ method }) => {
      if (gone) return 'cut';
      // The deposit, then the submission: that arrives, and the node is away for good.
      gone = method === 'eth_sendRawTransaction' && ++sent === 2;
      return gone ? 'after' : 'pass';
    };
    expect(await codeOf(() => submitTask(far, request, home('b')))).to.equal('N0205');
    await far.close();
    await node.stop();
    const again = await devnet.client(2);
    const before = await tasks(again);
    expect(before[0]!.submitter).to.equal(again.account);
    expect(await submitTask(again, request, home('b'))).to.include({ task: before[0]!.id, found: true });
    expect(await tasks(again)).to.have.lengthOf(before.length);
    await again.close();
  });

  it('is done once by programs that are killed at any time', async () => {
    const node = await faultyNode(devnet.url);
    const before = (await tasks(client)).length;
    /** Kills at the n-th time that a method is asked for, before or after the chain has heard it. */
    async function run(at?: readonly ['before' | 'after', string, number]): Promise<string> {
      const child = spawn(process.execPath, [CHILD, node.url, devnet.market, folder, home('c')]);
      let [count, said] = [0, ''];
      node.rule = ({ method }) => {
        if (at === undefined || method !== at[1] || ++count !== at[2]) return 'pass';
        child.kill('SIGKILL');
        return at[0] === 'before' ? 'cut' : 'pass';
      };
      child.stdout.on('data', (text) => (said += String(text)));
      await new Promise((resolve) => child.once('close', resolve));
      return said;
    }
    const SEND = 'eth_sendRawTransaction';
    expect(await run(['after', SEND, 1])).to.equal('');
    // The deposit is there now; the submission is the next.
    expect(await run(['before', SEND, 1])).to.equal('');
    expect(await tasks(client)).to.have.lengthOf(before);
    expect(await run(['after', SEND, 1])).to.equal('');
    expect(await tasks(client)).to.have.lengthOf(before + 1);
    expect(await run()).to.equal(String(before + 1));
    expect(await tasks(client)).to.have.lengthOf(before + 1);
    await node.stop();
    const spent = await moneyOf(client, await devnet.accounts[3]!.getAddress());
    expect(spent.wallet + spent.free).to.equal(100_000n * TOKEN - 11n * TOKEN);
  });

  it('refuses what the chain would, before it pays', async () => {
    const { wallet } = await moneyOf(client, client.account!);
    const code = (more: Partial<SubmitRequest>): Promise<string | undefined> =>
      codeOf(() => submitTask(client, { ...request, ...more }, home('d')));
    expect(await code({ segment: 15 })).to.equal('U0112');
    expect(await code({ segment: 50 })).to.equal('U0112');
    expect(await code({ parent: 1 })).to.equal('U0110');
    expect(await code({ parent: 99 })).to.equal('N0404');
    expect(await code({ rewardMin: 10n ** 24n, rewardMax: 10n ** 24n })).to.equal('N0408');
    const wide = { ...job, manifest: { ...job.manifest, seed: 2 ** 32 } };
    expect(await code({ job: wide })).to.equal('N0303');
    expect((await moneyOf(client, client.account!)).wallet).to.equal(wallet);
  });
});
