/** Whoever withholds what it delivers loses its stake to whom it is demanded by; whoever has it is paid for showing it. */
import { expect } from 'chai';
import { toQuantity } from 'ethers';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GensynError } from '@gensyn/ir';
import { challenges, claims, fund, readValues, type MarketClient } from '../../src/chain/index.js';
import type { Agent } from '../../src/roles/agent.js';
import type { Duties } from '../../src/roles/duties.js';
import type { Party } from '../../src/roles/party.js';
import type { Shelf } from '../../src/roles/shelf.js';
import { openSolver } from '../../src/roles/solver.js';
import { openWhistleblower } from '../../src/roles/whistleblower.js';
import { openStore } from '../../src/storage/index.js';
import { openBazaar, TOKEN, type Bazaar } from './bazaar.js';

/** Seconds that may pass at once: fewer than a clock has. */
const PASS = 15;
const late = (): Error => new GensynError('N0501', 'the job has not come yet');

describe('demands for what was delivered', function () {
  this.timeout(60_000);
  let bazaar: Bazaar;
  let demandFee: bigint;
  before(async () => {
    // Nobody is drawn: there is no committee to say that artefacts cannot be had.
    bazaar = await openBazaar({ committee: 0, clock: 20, challengeTime: 300 });
    ({ demandFee } = await readValues(bazaar.look));
  });
  after(() => bazaar.close());

  it('take the stake of a solver that withholds its artefacts, and go on after a kill', async () => {
    const task = await bazaar.submit({ seed: 31 });
    const liar = await bazaar.join('solver', 6, (...all) =>
      openSolver(...all, { cheats: [{ kind: 'withhold' }], once: true, task }),
    );
    const make = (party: Party, shelf: Shelf, duties: Duties): Agent =>
      openWhistleblower(party, shelf, duties);
    // Where the job is slow to come nobody knows yet what a state consists of, and it is tried again.
    let slow = 2;
    let asker = await bazaar.join('whistleblower', 5, (party, shelf, duties) =>
      make(
        party,
        { ...shelf, fetched: (of) => (slow-- > 0 ? Promise.reject(late()) : shelf.fetched(of)) },
        duties,
      ),
    );
    const before = await bazaar.money(asker.account);
    await bazaar.until(() => Promise.resolve(asker.party.journal.names('demand-').length > 0));
    // With the note of it or without, with the demand in a block or not: it is made once.
    await asker.kill();
    asker = await bazaar.join('whistleblower', 5, make, 'another process');
    await bazaar.until(async () => (await challenges(bazaar.look)).length > 0);
    await asker.kill();
    asker = await bazaar.join('whistleblower', 5, make, 'a third process');
    await bazaar.until(async () => (await bazaar.claim(1)).status === 'slashed');
    await bazaar.until(async () => (await bazaar.claim(1)).prize === 0n);
    const made = await challenges(bazaar.look, { claim: 1 });
    expect(made.map(({ kind, challenger, status }) => ({ kind, challenger, status }))).to.deep.equal([
      { kind: 'demand', challenger: asker.account, status: 'resolved' },
    ]);
    // 30% of a stake of 10.
    expect(await bazaar.money(asker.account)).to.equal(before + 3n * TOKEN);
    expect(await bazaar.money(liar.account)).to.equal(99_990n * TOKEN);
    await bazaar.until(() => Promise.resolve(asker.party.journal.names('demand-').length === 0));
    expect(slow < 0).to.equal(true);
    expect((await bazaar.task(task)).status).to.equal('open');
    await asker.kill();
    await liar.kill();
  });

  it('are answered by an honest solver, which is paid for it, though it is killed', async () => {
    const task = 1;
    const make = (party: Party, shelf: Shelf, duties: Duties): Agent =>
      openSolver(party, shelf, duties, { task });
    let solver = await bazaar.join('solver', 1, make);
    const before = await bazaar.money(solver.account);
    await bazaar.until(async () => (await claims(bazaar.look, { task }))[0]!.status === 'proven');
    const { id, root } = (await claims(bazaar.look, { task }))[0]!;
    await solver.kill();
    const asker: MarketClient = await bazaar.devnet.client(7);
    await fund(asker, 100n * TOKEN);
    const demand = (record: number, entry: number, piece: number) =>
      asker.send('demand', asker.market.demand.populateTransaction(id, root, record, entry, piece));
    await demand(1, 0, 0);
    await demand(2, 0, 0);
    // What there is not.
    await demand(1, 99, 0);
    await demand(1, 0, 99);
    solver = await bazaar.join('solver', 1, make, 'another process');
    await bazaar.until(async () => (await bazaar.task(task)).status === 'done', PASS);
    expect(await bazaar.money(solver.account)).to.equal(before + 10n * TOKEN + 4n * demandFee);
    const ends = (await challenges(bazaar.look, { claim: id })).map(({ status }) => status);
    expect(ends).to.deep.equal(Array.from({ length: 4 }, () => 'resolved'));
    expect(bazaar.events.filter(({ text }) => text.startsWith('answer a demand'))).to.have.lengthOf(4);
    await asker.close();
    await solver.kill();
  });

  it('are not made again to a solver that answers, whatever it publishes', async () => {
    const task = await bazaar.submit({ seed: 32 }, { segment: 20 });
    const elsewhere = await openStore(mkdtempSync(join(tmpdir(), 'gensyn-elsewhere-')));
    const solver = await bazaar.join('solver', 1, (party, shelf, duties) =>
      openSolver({ ...party, store: elsewhere }, shelf, duties, { task }),
    );
    const askers = [];
    for (const account of [2, 3])
      askers.push(await bazaar.join('whistleblower', account, (...all) => openWhistleblower(...all)));
    const known = (await challenges(bazaar.look)).length;
    await bazaar.until(async () => (await bazaar.task(task)).done === 20, PASS);
    // One asks, and the other sees it.
    const after = await challenges(bazaar.look);
    expect(after.length).to.be.within(known + 1, known + 2);
    await bazaar.until(async () => (await bazaar.task(task)).status === 'done', PASS);
    const asked = (await challenges(bazaar.look)).slice(0, -known);
    for (const { account } of askers)
      expect(asked.filter(({ challenger }) => challenger === account)).to.have.lengthOf.at.most(1);
    expect(asked.every(({ kind }) => kind === 'demand')).to.equal(true);
    expect(
      bazaar.events.some(({ text }) => /nothing is demanded: its solver has answered/.test(text)),
    ).to.equal(true);
    for (const each of [...askers, solver]) await each.kill();
    await elsewhere.close();
  });

  it('are answered by the dozen, after some that are lost already', async () => {
    const task = await bazaar.submit({ seed: 33 });
    const make = (party: Party, shelf: Shelf, duties: Duties): Agent =>
      openSolver(party, shelf, duties, { task });
    let solver = await bazaar.join('solver', 1, make);
    await bazaar.until(async () => (await claims(bazaar.look, { task }))[0]?.status === 'proven');
    await solver.kill();
    const { id, root } = (await claims(bazaar.look, { task }))[0]!;
    const asker: MarketClient = await bazaar.devnet.client(7);
    await fund(asker, 1000n * TOKEN);
    const demand = (entry: number): Promise<unknown> =>
      asker.send('demand', asker.market.demand.populateTransaction(id, root, 1, entry, 0));
    const before = (await challenges(bazaar.look)).length;
    for (let i = 0; i < 4; i++) await demand(0);
    await bazaar.devnet.pass(21);
    await Promise.all(Array.from({ length: 50 }, (_, i) => demand(i % 9)));
    // Who has no money for gas says so.
    const { provider } = bazaar.devnet;
    const gas = await provider.getBalance(solver.account);
    const setGas = (amount: bigint): Promise<unknown> =>
      provider.send('anvil_setBalance', [solver.account, toQuantity(amount)]);
    await setGas(0n);
    solver = await bazaar.join('solver', 1, make, 'another process');
    await bazaar.round();
    const loud = bazaar.events.filter(({ kind, code }) => kind === 'error' && code === 'N0402');
    expect(loud[0]!.text).to.match(/^answering 50 demand\(s\) takes .* ETH .* costs the stake$/);
    await setGas(gas);
    // Only it, so that nobody says that time has run out for the first ones.
    const made = (await challenges(bazaar.look, { claim: id })).toReversed();
    const answered = async (): Promise<number[]> => {
      const { pinpoint } = bazaar.look;
      const outcomes = await Promise.all(made.map(({ game }) => pinpoint.outcomeOf(game)));
      return made.filter((_, i) => outcomes[i] === 1n).map((each) => each.id - before);
    };
    await bazaar.until(async () => (await answered()).length >= 50, 0);
    expect(await answered()).to.deep.equal(Array.from({ length: 50 }, (_, i) => i + 5));
    await solver.kill();
    await asker.close();
  });
});
