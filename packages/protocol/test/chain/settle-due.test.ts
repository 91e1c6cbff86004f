/** What time has decided is carried out by anybody, once, and the money goes where it belongs. */
import { expect } from 'chai';
import { sha256 } from '@gensyn/ir';
import {
  claims,
  fund,
  marketHistory,
  moneyOf,
  readClaim,
  readTask,
  settleDue,
  taskReport,
  type MarketClient,
} from '../../src/chain/index.js';
import { startMarketDevnet, type MarketDevnet } from '../../src/devnet/index.js';
import { nodeTree } from '../../src/pinpoint/index.js';
import { bareSubmission } from './bare-submission.js';
import { hexlify } from 'ethers';

const TOKEN = 10n ** 18n;

describe('settleDue', () => {
  let devnet: MarketDevnet;
  let clients: MarketClient[];
  before(async () => {
    devnet = await startMarketDevnet({ windows: 10 });
    clients = await Promise.all([0, 1, 2, 3, 4].map((account) => devnet.client(account)));
    for (const client of clients) await fund(client, 500n * TOKEN);
  });
  after(async () => {
    for (const client of clients) await client.close();
    await devnet.stop();
  });

  it('brings a claim from its proof to its reward', async () => {
    const [submitter, solver, verifier, , anybody] = clients as [
      MarketClient,
      MarketClient,
      MarketClient,
      MarketClient,
      MarketClient,
    ];
    await submitter.send(
      'submit',
      submitter.market.submit.populateTransaction(await bareSubmission(submitter)),
    );
    await devnet.pass(5);
    await verifier.send('seat', verifier.market.takeSeat.populateTransaction());
    await solver.send('claim', solver.market.claim.populateTransaction(1, 0, 0));
    const tree = nodeTree(Array.from({ length: 16 }, (_, i) => sha256(Uint8Array.of(i))));
    const last = hexlify(tree.entry(15));
    const path = tree.path(15).map((each) => hexlify(each));
    const { market } = solver;
    await solver.send(
      'deliver',
      market.checkpoint.populateTransaction(1, 16, hexlify(tree.root), last, path, 'cid'),
    );
    await solver.send('prove', market.prove.populateTransaction(1, hexlify(tree.root)));
    const whats = async (): Promise<string[]> =>
      (await settleDue(anybody, { task: 1 })).map(({ what }) => what);
    expect(await whats()).to.deep.equal(['draw the committee of claim 1']);
    expect(await whats()).to.deep.equal([]);
    const report = await taskReport(anybody, 1);
    expect(report.claims[0]!.committee.map(({ seat, assigned }) => [seat, assigned])).to.deep.equal([
      [1, true],
    ]);
    await devnet.pass(41);
    const burn = 'take what was burned out of the supply';
    const supply = await anybody.token.totalSupply();
    expect(await whats()).to.deep.equal(['settle claim 1', 'release seat 1 from claim 1', burn]);
    // Two fifths of what the silent seat lost.
    expect(supply - (await anybody.token.totalSupply())).to.equal(2n * TOKEN);
    expect(await whats()).to.deep.equal([]);
    expect((await readTask(anybody, 1)).status).to.equal('done');
    // The seat was silent, so its fee of 1 went to the jackpot and a tenth of its stake was lost.
    expect((await moneyOf(solver, solver.account!)).free).to.equal(510n * TOKEN);
    expect((await moneyOf(verifier, verifier.account!)).free).to.equal(495n * TOKEN);
    expect((await moneyOf(submitter, submitter.account!)).free).to.equal(489n * TOKEN);
  });

  it('stops a claim whose time is over, and closes its task', async () => {
    const [submitter, , , solver, anybody] = clients as [
      MarketClient,
      MarketClient,
      MarketClient,
      MarketClient,
      MarketClient,
    ];
    await submitter.send(
      'submit',
      submitter.market.submit.populateTransaction(await bareSubmission(submitter)),
    );
    await solver.send('claim', solver.market.claim.populateTransaction(2, 0, 0));
    await devnet.pass(20_000);
    const done = (await settleDue(anybody)).map(({ what }) => what);
    expect(done.slice(0, 2)).to.deep.equal(['stop claim 2', 'close task 2']);
    expect((await readClaim(anybody, 2)).status).to.equal('abandoned');
    expect((await moneyOf(solver, solver.account!)).free).to.equal(499n * TOKEN);
    expect(await claims(anybody, { status: ['working', 'proven'] })).to.deep.equal([]);
  });

  it('leaves a history of supply and demand', async () => {
    const { points, deals } = await marketHistory(clients[4]!);
    expect(points[0]).to.include({ open: 640, taken: 0 });
    expect(points.map(({ open, taken }) => open + taken)).to.include(640);
    expect(points.at(-1)).to.include({ open: 0, taken: 0 });
    expect(deals.map(({ task, claim, steps, reward }) => [task, claim, steps, reward])).to.deep.equal([
      [1, 1, 640, 10n * TOKEN],
      [2, 2, 640, 10n * TOKEN],
    ]);
  });
});
