/** Every way to cheat is caught: the claim falls with its stake, or is abandoned where it withholds; then somebody honest does the work. */
import { expect } from 'chai';
import { CHEAT_KINDS, type Cheat } from '../../src/roles/cheat.js';
import { openSolver } from '../../src/roles/solver.js';
import { openVerifier } from '../../src/roles/verifier.js';
import { openWhistleblower } from '../../src/roles/whistleblower.js';
import { openBazaar, type Bazaar, type Player } from './bazaar.js';

describe('solvers that cheat', function () {
  this.timeout(180_000);
  let bazaar: Bazaar;
  let cheat: Player;
  before(async () => {
    bazaar = await openBazaar();
    const cheats: Cheat[] = CHEAT_KINDS.map((kind) => ({ kind }));
    cheat = await bazaar.join('solver', 1, (...all) => openSolver(...all, { cheats, task: 1 }));
    for (const account of [2, 3, 4])
      await bazaar.join('verifier', account, (...all) => openVerifier(...all, { seats: 4 }));
    await bazaar.join('whistleblower', 5, (...all) => openWhistleblower(...all));
  });
  after(() => bazaar.close());

  CHEAT_KINDS.forEach((kind, i) => {
    it(`lose: ${kind}`, async () => {
      const before = await bazaar.money(cheat.account);
      const claim = i + 1;
      if (i === 0) await bazaar.submit({ seed: 7, width: 64 });
      await bazaar.until(async () => {
        if (Number(await bazaar.look.market.claims()) < claim) return false;
        const { status } = await bazaar.claim(claim);
        return status !== 'working' && status !== 'proven';
      });
      const { status, stake } = await bazaar.claim(claim);
      expect(status).to.equal(kind === 'withhold' ? 'abandoned' : 'slashed');
      expect(stake > 0n).to.equal(true);
      expect((await bazaar.money(cheat.account)) < before).to.equal(true);
    });
  });
});
