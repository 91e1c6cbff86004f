/** Honest parties: work is settled and paid, by segments and over several tasks, and what was done before a deadline counts. */
import { rootsOf } from '@gensyn/ir';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSolver } from '../../src/roles/solver.js';
import { taskResult } from '../../src/roles/task-result.js';
import { openVerifier } from '../../src/roles/verifier.js';
import { openWhistleblower } from '../../src/roles/whistleblower.js';
import { openBazaar, TOKEN, type Bazaar, type Player } from './bazaar.js';

describe('honest parties', function () {
  // They compute for some seconds, which are many where others compute too.
  this.timeout(240_000);
  let bazaar: Bazaar;
  let solver: Player;
  before(async () => {
    bazaar = await openBazaar();
    solver = await bazaar.join('solver', 1, (...all) => openSolver(...all));
    for (const account of [2, 3, 4])
      await bazaar.join('verifier', account, (...all) => openVerifier(...all, { seats: 1 }));
    await bazaar.join('whistleblower', 5, (...all) => openWhistleblower(...all));
  });
  after(() => bazaar.close());

  /** What anybody can fetch of a task that is done: the job's own state root, and the steps done. */
  async function resultOf(task: number): Promise<[string, number]> {
    const folder = mkdtempSync(join(tmpdir(), 'gensyn-result-'));
    try {
      const { state, step } = await taskResult(bazaar.look, bazaar.store, task, folder);
      return [`0x${rootsOf(state).root}`, step];
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  const isDone = (task: number) => async () => (await bazaar.task(task)).status === 'done';

  it('settle a task and are paid', async () => {
    const before = await bazaar.money(solver.account);
    const task = await bazaar.submit({ seed: 1 });
    expect(await resultOf(task).catch(({ code }: { code: string }) => code)).to.equal('N0711');
    await bazaar.until(isDone(task));
    expect((await bazaar.claim(1)).status).to.equal('settled');
    expect(await resultOf(task)).to.deep.equal([(await bazaar.task(task)).state, 40]);
    expect((await bazaar.money(solver.account)) - before).to.equal(10n * TOKEN);
    await bazaar.until(async () => (await bazaar.look.market.idleSeats()) === 3n);
    const { members, fee } = await bazaar.claim(1);
    expect(members).to.equal(3);
    expect(fee > 0n).to.equal(true);
  });

  it('go on from the final state of another task, in segments of several solvers', async () => {
    const task = await bazaar.submit({ seed: 1, steps: 80 }, { parent: 1, segment: 20 });
    await bazaar.until(async () => (await bazaar.look.market.claims()) === 2n);
    // One is killed while it works, and another takes the next segment.
    await solver.kill();
    solver = await bazaar.join('solver', 1, (...all) => openSolver(...all));
    await bazaar.until(async () => (await bazaar.claim(2)).status === 'settled');
    await solver.kill();
    const other = await bazaar.join('solver', 6, (...all) => openSolver(...all));
    await bazaar.until(isDone(task));
    const [first, second] = [await bazaar.claim(2), await bazaar.claim(3)];
    expect([first.solver, second.solver]).to.deep.equal([solver.account, other.account]);
    expect(second.before).to.equal(first.state);
    expect(first.before).to.equal((await bazaar.task(1)).state);
    expect((await bazaar.task(task)).firstStep).to.equal(40);
    expect(await resultOf(task)).to.deep.equal([second.state, 80]);
    await other.kill();
    solver = await bazaar.join('solver', 1, (...all) => openSolver(...all));
  });

  it('are paid for what they did before the deadline', async () => {
    const task = await bazaar.submit({ seed: 9, steps: 20_000, every: 100 });
    await bazaar.until(async () => (await bazaar.look.market.claims()) === 4n);
    await solver.party.view.refresh();
    await solver.agent.tick();
    const said = (): number =>
      Number(bazaar.events.findLast(({ kind, claim }) => kind === 'progress' && claim === 4)?.['done'] ?? 0);
    while (said() < 300) await sleep(20);
    await bazaar.devnet.pass(560);
    while ((await bazaar.claim(4)).status === 'working') {
      await solver.party.view.refresh();
      await sleep(200);
    }
    const { steps, delivered, reward } = await bazaar.claim(4);
    expect(delivered).to.be.within(200, steps - 100);
    const before = await bazaar.money(solver.account);
    // One claim of it is enough to see.
    await solver.duties.rest();
    bazaar.rest(solver);
    await bazaar.until(async () => (await bazaar.claim(4)).status === 'proven');
    await bazaar.until(async () => {
      if ((await bazaar.look.market.settle.staticCall(4).catch(() => 'early')) === 'early') return false;
      return true;
    });
    await solver.party.send('settle', () => bazaar.look.market.settle.populateTransaction(4));
    const paid = (await bazaar.money(solver.account)) - before;
    expect(paid).to.equal((reward * BigInt(delivered)) / BigInt(steps) + (await bazaar.claim(4)).stake);
    expect((await bazaar.task(task)).done).to.equal(delivered);
  });

  it('have nothing to dispute', async () => {
    expect(bazaar.events.filter(({ kind }) => kind === 'wrong')).to.deep.equal([]);
    expect(await bazaar.look.market.challenges()).to.equal(0n);
  });
});
