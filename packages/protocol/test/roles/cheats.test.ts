/** Every way to cheat is caught, and the claim falls with its stake; then somebody honest does the work. */
import { expect } from 'chai';
import { claims } from '../../src/chain/index.js';
import { CHEAT_KINDS, type CheatKind } from '../../src/roles/cheat.js';
import { challengesOf, readDispute } from '../../src/roles/read-dispute.js';
import { openSolver } from '../../src/roles/solver.js';
import { openVerifier } from '../../src/roles/verifier.js';
import { openWhistleblower } from '../../src/roles/whistleblower.js';
import { openBazaar, TOKEN, type Bazaar, type Player } from './bazaar.js';

const LIARS = 3;
const kindsOf = (liar: number): CheatKind[] => CHEAT_KINDS.filter((_, i) => i % LIARS === liar);

describe('solvers that cheat', function () {
  this.timeout(180_000);
  let bazaar: Bazaar;
  const liars: Player[] = [];
  before(async () => {
    bazaar = await openBazaar({ clock: 30 });
    for (let liar = 0; liar < LIARS; liar++) {
      const task = await bazaar.submit({ seed: 7 + liar, width: 64 });
      const cheats = kindsOf(liar).map((kind) => ({ kind }));
      liars.push(await bazaar.join('solver', 6 + liar, (...all) => openSolver(...all, { cheats, task })));
    }
    for (const account of [2, 3, 4])
      await bazaar.join('verifier', account, (...all) => openVerifier(...all, { seats: 4 }));
    await bazaar.join('whistleblower', 5, (...all) => openWhistleblower(...all));
  });
  after(() => bazaar.close());

  it('lose their stake each time, and the tasks end rightly', async () => {
    await bazaar.until(async () => {
      const tasks = await Promise.all([1, 2, 3].map((task) => bazaar.task(task)));
      return tasks.every(({ status }) => status === 'done');
    });
    const all = (await claims(bazaar.look)).toReversed();
    for (const [liar, { account }] of liars.entries()) {
      const mine = all.filter(({ solver }) => solver === account);
      const ends = kindsOf(liar).map(() => 'slashed');
      // When the ways to cheat are used up, the work is done honestly.
      expect(mine.map(({ status }) => status)).to.deep.equal([...ends, 'settled']);
      const most = 100_000n * TOKEN - BigInt(ends.length) * 10n * TOKEN + 10n * TOKEN;
      expect((await bazaar.money(account)) <= most).to.equal(true);
    }
  });

  it('are pinned to one value, as anybody can read from the chain', async () => {
    const { account } = liars[CHEAT_KINDS.indexOf('operator') % LIARS]!;
    const mine = (await claims(bazaar.look)).filter(({ solver }) => solver === account).toReversed();
    const turn = kindsOf(CHEAT_KINDS.indexOf('operator') % LIARS).indexOf('operator');
    const [challenge] = await challengesOf(bazaar.look, { claim: mine[turn]!.id });
    const record = await readDispute(bazaar.look, challenge!);
    expect(record.defender).to.equal(account);
    expect(record.verdict?.outcome).to.equal('challenger');
    expect(record.path.map(({ level }) => level).slice(0, 3)).to.deep.equal(['run', 'segment', 'step']);
    expect(record.money.bondReturned).to.equal(true);
    expect(record.turn).to.equal(undefined);
    if (record.verdict?.by === 'referee')
      expect(record.verdict.right).to.deep.equal(record.verdict.values![1]);
  });
});
