/** Verifiers that attest to what they have not computed lose their seat to those who have; so does nobody else. */
import { expect } from 'chai';
import { ZeroHash } from 'ethers';
import { readCommitment, readDuty } from '../../src/chain/index.js';
import { challengeCommitment, challengeNote, challengesOver } from '../../src/roles/challenges.js';
import { challengesOf, readDispute } from '../../src/roles/read-dispute.js';
import { openSolver } from '../../src/roles/solver.js';
import { openVerifier } from '../../src/roles/verifier.js';
import { openBazaar, TOKEN, type Bazaar, type Player } from './bazaar.js';

describe('a verifier that lies', function () {
  this.timeout(120_000);
  let bazaar: Bazaar;
  let liar: Player;
  const honest: Player[] = [];
  before(async () => {
    bazaar = await openBazaar();
    await bazaar.join('solver', 1, (...all) => openSolver(...all, { once: true }));
    liar = await bazaar.join('verifier', 2, (...all) =>
      openVerifier(...all, {
        seats: 1,
        attest: (_, trace) => `${trace.slice(0, -2)}${trace.endsWith('00') ? '01' : '00'}`,
      }),
    );
    for (const account of [3, 4])
      honest.push(await bazaar.join('verifier', account, (...all) => openVerifier(...all, { seats: 1 })));
  });
  after(() => bazaar.close());

  it('loses its seat to a verifier that replayed', async () => {
    const before = await bazaar.money(liar.account);
    const task = await bazaar.submit({ seed: 4 });
    await bazaar.until(async () => (await bazaar.look.market.challenges()) > 0n);
    // As a process does that was killed after its challenge, and has not seen it.
    const { challenger, seat: on } = await readDispute(bazaar.look, 1);
    const party = honest.find(({ account }) => account === challenger)!.party;
    const again = challengeCommitment(challengeNote(party, 1, on)!, challenger);
    const { client } = party;
    await party.stake(5n * TOKEN, () =>
      client.send('commit', client.market.commitChallenge.populateTransaction(1, again)),
    );
    await bazaar.until(async () => (await bazaar.task(task)).status === 'done');
    const numbers = await challengesOf(bazaar.look, { claim: 1 });
    await bazaar.until(async () => {
      const records = await Promise.all(numbers.map((number) => readDispute(bazaar.look, number)));
      return records.every(({ money }) => money.bondReturned !== undefined);
    });
    const record = await readDispute(bazaar.look, numbers[0]!);
    expect(record.verdict?.outcome).to.equal('challenger');
    expect(record.defender).to.equal(liar.account);
    expect((await readDuty(bazaar.look, 1, record.seat)).lost).to.equal(true);
    expect((await bazaar.claim(1)).status).to.equal('settled');
    // It may have taken a new seat meanwhile; the old one is gone for good.
    await bazaar.until(() => Promise.resolve(party.journal.names('challenge-').length === 0));
    expect(challengesOver(party, 1)).to.equal(true);
    expect((await readCommitment(bazaar.look, 1, challenger)).hash).to.equal(ZeroHash);
    const lost = before - (await bazaar.money(liar.account));
    expect(lost >= 50n * TOKEN).to.equal(true);
  });
});
