/** What time has decided is carried out by anybody, once, and the money goes where it belongs. */
import { expect } from 'chai';
import { AbiCoder, hexlify, keccak256, ZeroHash } from 'ethers';
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
  type ClaimReport,
  type MarketClient,
} from '../../src/chain/index.js';
import { startMarketDevnet, type MarketDevnet } from '../../src/devnet/index.js';
import { nodeTree, type NodeTree } from '../../src/pinpoint/index.js';
import { bareSubmission } from './bare-submission.js';

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

  it('ends a game whose player is silent, and what hangs on it', async () => {
    const [submitter, solver, verifier, challenger, anybody] = clients as [
      MarketClient,
      MarketClient,
      MarketClient,
      MarketClient,
      MarketClient,
    ];
    const { market } = anybody;
    const submission = await bareSubmission(submitter);
    await submitter.send('submit', market.submit.populateTransaction(submission));
    const task = Number(await market.tasks());
    await solver.send('claim', market.claim.populateTransaction(task, 0, 0));
    const claim = Number(await market.claims());
    const [said, right] = [1, 2].map((salt) =>
      nodeTree(Array.from({ length: 16 }, (_, i) => sha256(Uint8Array.of(i, salt)))),
    ) as [NodeTree, NodeTree];
    const path = said.path(15).map((each) => hexlify(each));
    const root = hexlify(said.root);
    await solver.send(
      'deliver',
      market.checkpoint.populateTransaction(claim, 16, root, hexlify(said.entry(15)), path, 'cid'),
    );
    await solver.send('prove', market.prove.populateTransaction(claim, root));
    const mine = hexlify(right.root);
    const first = Array.from({ length: 16 }, (_, i) => hexlify(right.node(0, i)));
    for (const by of [challenger, verifier]) {
      const commitment = keccak256(
        AbiCoder.defaultAbiCoder().encode(
          ['uint256', 'uint256', 'bytes32', 'bytes32', 'address', 'bytes32'],
          [claim, 0, mine, root, by.account, ZeroHash],
        ),
      );
      await by.send('commit', market.commitChallenge.populateTransaction(claim, commitment));
      await by.send('challenge', market.challenge.populateTransaction(claim, 0, mine, ZeroHash, [], first));
    }
    const free = async ({ account }: MarketClient): Promise<bigint> =>
      (await moneyOf(anybody, account!)).free;
    const before = [await free(challenger), await free(verifier)];
    const [{ play, ...challenge }] = (await taskReport(anybody, task)).claims[0]!.challenges as [
      ClaimReport['challenges'][number],
    ];
    expect(challenge).to.include({ claim, seat: 0, status: 'playing', challenger: challenger.account });
    expect(play).to.include({ outcome: 'open', turn: 0 });
    expect(play.players).to.deep.equal([solver.account, challenger.account]);
    expect(play.clocks).to.deep.equal([100, 100]);
    expect([play.descent.level, play.opened, play.moves.length]).to.deep.equal(['run', first, 1]);
    await devnet.pass(102);
    const done = (await settleDue(anybody, { task })).map(({ what }) => what.split(',')[0]);
    expect(done.filter((what) => !what!.startsWith('draw'))).to.deep.equal([
      'end game 2',
      'resolve challenge 2',
      'end game 1',
      'resolve challenge 1',
      'pay challenge 2 its share',
      'take what was burned out of the supply',
    ]);
    const fallen = await readClaim(anybody, claim);
    expect([fallen.status, fallen.prize, fallen.winners]).to.deep.equal(['slashed', 0n, 0]);
    // The same for both, apart from the last unit; and their bonds.
    const [won, too] = [(await free(challenger)) - before[0]!, (await free(verifier)) - before[1]!];
    expect(won > TOKEN && (won - too) ** 2n <= 1n).to.equal(true);
    expect((await readTask(anybody, task)).status).to.equal('open');
    await submitter.send('close', market.close.populateTransaction(task));
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
    const before = (await moneyOf(solver, solver.account!)).free;
    await solver.send('claim', solver.market.claim.populateTransaction(3, 0, 0));
    await devnet.pass(20_000);
    const done = (await settleDue(anybody)).map(({ what }) => what);
    expect(done.slice(0, 2)).to.deep.equal(['stop claim 3', 'close task 3']);
    expect((await readClaim(anybody, 3)).status).to.equal('abandoned');
    // A tenth of its stake.
    expect(before - (await moneyOf(solver, solver.account!)).free).to.equal(TOKEN);
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
      [3, 3, 640, 10n * TOKEN],
    ]);
  });
});
