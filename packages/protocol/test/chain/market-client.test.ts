/** A market seen by one account: found, checked, read, paid into and out of. */
import { expect } from 'chai';
import {
  deposit,
  events,
  fund,
  moneyOf,
  openMarket,
  openTasks,
  parseTokens,
  readClaim,
  readReward,
  readTask,
  readValues,
  refusal,
  tasks,
  tokens,
  withdraw,
  type MarketClient,
} from '../../src/chain/index.js';
import { deploy } from '../../src/deploy/deploy.js';
import { startMarketDevnet, type MarketDevnet } from '../../src/devnet/index.js';
import { codeOf } from '../code-of.js';
import { bareSubmission } from './bare-submission.js';
import { faultyNode } from './faulty-node.js';

const TOKEN = 10n ** 18n;

describe('openMarket', () => {
  let devnet: MarketDevnet;
  let client: MarketClient;
  before(async () => {
    devnet = await startMarketDevnet({ windows: 10 });
    client = await devnet.client(1);
  });
  after(async () => {
    await client.close();
    await devnet.stop();
  });

  it('refuses what is no market, and says what it is', async () => {
    const { url: rpc, market } = devnet;
    const code = (more: object): Promise<string | undefined> =>
      codeOf(async () => (await openMarket({ rpc, market, ...more })).close());
    expect(await code({})).to.equal(undefined);
    expect(await code({ chain: 1 })).to.equal('N0202');
    expect(await code({ rpc: 'http://127.0.0.1:1' })).to.equal('N0201');
    expect(await code({ market: undefined })).to.equal('N0405');
    expect(await code({ market: 'nonsense' })).to.equal('N0405');
    expect(await code({ market: `0x${'12'.repeat(20)}` })).to.equal('N0406');
    expect(await code({ market: await client.token.getAddress() })).to.equal('N0407');
    expect(await code({ account: 'devnet:77' })).to.equal('N0601');
    // The market's own code over a token of somebody else's.
    const { address: fake } = await deploy(devnet.signer, 'TaskMarket', [
      client.account,
      await client.parameters.getAddress(),
      await client.pinpoint.getAddress(),
      await client.selections.getAddress(),
    ]);
    expect(await code({ market: fake })).to.equal('N0406');
  });

  it('lets nobody act who is nobody', async () => {
    const nobody = await devnet.client();
    expect(nobody.account).to.equal(undefined);
    const call = nobody.market.withdraw.populateTransaction(1);
    expect(await codeOf(() => nobody.send('withdraw', call))).to.equal('N0608');
    await nobody.close();
  });

  it('brings money in by a signature, and out again', async () => {
    const start = await moneyOf(client, client.account!);
    await deposit(client, 5n * TOKEN);
    expect(await fund(client, 4n * TOKEN)).to.equal(0n);
    expect(await fund(client, 7n * TOKEN)).to.equal(2n * TOKEN);
    expect((await moneyOf(client, client.account!)).free).to.equal(7n * TOKEN);
    expect(await withdraw(client, TOKEN)).to.equal(TOKEN);
    expect(await withdraw(client)).to.equal(6n * TOKEN);
    expect((await moneyOf(client, client.account!)).wallet).to.equal(start.wallet);
    expect(await codeOf(() => deposit(client, start.wallet + 1n))).to.equal('N0408');
  });

  it('says which error a contract has refused with, and sends nothing', async () => {
    const before = await client.provider.getTransactionCount(client.account!);
    const error = await client.send('settle claim 9', client.market.settle.populateTransaction(9)).then(
      () => undefined,
      (each: unknown) => each,
    );
    expect(refusal(error)).to.deep.equal({ name: 'WrongClaimStatus', args: { claim: 9n, status: 0n } });
    expect((error as Error).message).to.include('there is no claim 9');
    const poor = await client.send('withdraw', client.market.withdraw.populateTransaction(3n * TOKEN)).then(
      () => undefined,
      (each: unknown) => each,
    );
    expect(refusal(poor)?.name).to.equal('TooLittle');
    expect((poor as Error).message)
      .to.include('3 GEN are needed')
      .and.include('0 GEN are there');
    expect(await client.provider.getTransactionCount(client.account!)).to.equal(before);
  });

  it('reads tasks, claims and events', async () => {
    await fund(client, 50n * TOKEN);
    for (const artefacts of ['first', 'second'])
      await client.send(
        'submit',
        client.market.submit.populateTransaction(await bareSubmission(client, { artefacts })),
      );
    expect((await tasks(client)).map(({ id }) => id)).to.deep.equal([2, 1]);
    const task = await readTask(client, 1);
    expect(task).to.include({
      id: 1,
      submitter: client.account,
      status: 'open',
      steps: 640,
      done: 0,
      entries: 4,
    });
    expect(task.rewardMax).to.equal(10n * TOKEN);
    expect((await readReward(client, 1)).reward).to.equal(10n * TOKEN);
    const solver = await devnet.client(2);
    await fund(solver, 20n * TOKEN);
    await solver.send('claim', solver.market.claim.populateTransaction(1, 0, 0));
    expect(await readClaim(client, 1)).to.deep.include({
      id: 1,
      task: 1,
      solver: solver.account,
      status: 'working',
    });
    expect((await openTasks(client)).map(({ id }) => id)).to.deep.equal([2]);
    expect(await codeOf(() => readTask(client, 3))).to.equal('N0404');
    expect(await codeOf(() => readClaim(client, 2))).to.equal('N0404');
    expect(await codeOf(() => readClaim(client, -1))).to.equal('N0404');
    expect((await readValues(client)).commitTime).to.equal(10);
    expect(
      (await events(client, client.market, 'Claimed', [1])).map(({ args }) => args['solver']),
    ).to.deep.equal([solver.account]);
    await solver.close();
  });

  it('reads events in pages as small as a node wants them', async () => {
    const node = await faultyNode(devnet.url);
    node.rule = ({ method, params }) => {
      if (method !== 'eth_getLogs') return 'pass';
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
      const error = { code: -32000, message: 'query exceeds max block range 3' };
      return Number(toBlock) - Number(fromBlock) >= 3 ? { error } : 'pass';
    };
    const far = await openMarket({ rpc: node.url, market: devnet.market });
    for (const backwards of [false, true]) {
      const found = await events(far, far.market, 'Submitted', [], { from: 0, backwards });
      expect(found.map(({ args }) => args['artefacts'])).to.deep.equal(['first', 'second']);
      const one = await events(far, far.market, 'Submitted', [], { from: 0, backwards, most: 1 });
      expect(one.at(backwards ? -1 : 0)!.args['artefacts']).to.equal(backwards ? 'second' : 'first');
    }
    expect(await far.since()).to.be.above(0);
    node.rule = ({ method }) =>
      method === 'eth_getLogs' ? { error: { code: -32601, message: 'method not supported' } } : 'pass';
    expect(await codeOf(() => events(far, far.market, 'Submitted'))).to.equal('N0410');
    await far.close();
    await node.stop();
  });
});

describe('amounts', () => {
  it('are written and read as people do', async () => {
    expect(tokens(1_234_567n * TOKEN + TOKEN / 2n)).to.equal('1,234,567.5 GEN');
    expect(tokens(1n)).to.equal('0 GEN');
    expect(parseTokens('12.5')).to.equal((25n * TOKEN) / 2n);
    expect(parseTokens('3 GEN')).to.equal(3n * TOKEN);
    for (const bad of ['', '-1', '1e3', '1,000', '.5', '0x10', `1.${'0'.repeat(19)}`])
      expect(await codeOf(() => parseTokens(bad)), bad).to.equal('U0109');
  });
});
