/** Honest parties: work is settled and paid, by segments and over several tasks, and what was done before a deadline counts. */
import { expect } from 'chai';
import { openSolver } from '../../src/roles/solver.js';
import { openVerifier } from '../../src/roles/verifier.js';
import { openWhistleblower } from '../../src/roles/whistleblower.js';
import { openBazaar, TOKEN, type Bazaar, type Player } from './bazaar.js';

describe('roles of honest parties', function () {
  this.timeout(120_000);
  let bazaar: Bazaar;
  let solver: Player;
  let verifiers: Player[];
  before(async () => {
    bazaar = await openBazaar();
    solver = await bazaar.join('solver', 1, (...all) => openSolver(...all));
    verifiers = [];
    for (const account of [2, 3, 4])
      verifiers.push(await bazaar.join('verifier', account, (...all) => openVerifier(...all, { seats: 1 })));
    await bazaar.join('whistleblower', 5, (...all) => openWhistleblower(...all));
  });
  after(() => bazaar.close());

  const isDone = (task: number) => async () => (await bazaar.task(task)).status === 'done';

  it('settle a task and are paid', async () => {
    const before = await bazaar.money(solver.account);
    const task = await bazaar.submit({ seed: 1 });
    await bazaar.until(isDone(task));
    expect((await bazaar.claim(1)).status).to.equal('settled');
    expect((await bazaar.money(solver.account)) - before).to.equal(10n * TOKEN);
    await bazaar.until(async () => (await bazaar.look.market.idleSeats()) === 3n);
    const { members, fee } = await bazaar.claim(1);
    expect(members).to.equal(3);
    expect(fee > 0n).to.equal(true);
    expect(bazaar.events.filter(({ kind }) => kind === 'wrong')).to.deep.equal([]);
    expect(await bazaar.look.market.challenges()).to.equal(0n);
  });
});
