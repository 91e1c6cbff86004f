/** A job in shards on the market: replicas by different solvers, merges that begin with what these came to, and lies in both pinned. */
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileJob } from '@gensyn/dsl';
import { loadShards, openCpu, trainShards, type ShardsJob } from '@gensyn/runtime';
import { rootsOf } from '@gensyn/ir';
import { claims, type MarketClient } from '../../src/chain/index.js';
import { challengesOf, readDispute } from '../../src/roles/read-dispute.js';
import { taskResult } from '../../src/roles/task-result.js';
import { openSolver } from '../../src/roles/solver.js';
import { openVerifier } from '../../src/roles/verifier.js';
import { openWhistleblower } from '../../src/roles/whistleblower.js';
import { driveShards, type ShardsEvent } from '../../src/shards/index.js';
import { openBazaar, TOKEN, type Bazaar, type Player } from '../roles/bazaar.js';
import { flowers, jobText } from '../roles/tiny-jobs.js';

const SYNC = 6;
/** Seconds that pass where nobody has anything to do: half of a window. */
const PASS = 5;

describe('jobs in shards on the market', function () {
  this.timeout(240_000);
  const base = mkdtempSync(join(tmpdir(), 'gensyn-shards-market-'));
  const folder = join(base, 'job');
  let bazaar: Bazaar;
  let submitter: MarketClient;
  let job: ShardsJob;
  let expected: string;

  before(async () => {
    writeFileSync(join(base, 'flowers.csv'), flowers());
    const text = jobText({ seed: 5, steps: 2 * SYNC, every: 3 });
    writeFileSync(join(base, 'job.gml'), `${text}\nshards 2 sync every ${SYNC}\n`);
    await compileJob({ job: join(base, 'job.gml'), out: folder });
    job = await loadShards(folder);
    for await (const event of trainShards(job, { folder, device: await openCpu({ threads: 1 }) }))
      if (event.kind === 'end') expected = event.stateRoot;
    bazaar = await openBazaar({ clock: 30, committee: 1 });
    submitter = await bazaar.devnet.client(0);
    await bazaar.join('verifier', 2, (...all) => openVerifier(...all, { seats: 4 }));
    await bazaar.join('whistleblower', 5, (...all) => openWhistleblower(...all));
  });
  after(async () => {
    await submitter?.close();
    await bazaar?.close();
    rmSync(base, { recursive: true, force: true });
  });

  interface Driver {
    readonly events: ShardsEvent[];
    readonly end: Promise<number | undefined>;
    over(): boolean;
    stop(): Promise<unknown>;
  }

  function drive(reward: bigint): Driver {
    const ending = new AbortController();
    const events: ShardsEvent[] = [];
    let over = false;
    const run = async (): Promise<number | undefined> => {
      const all = driveShards(submitter, {
        ...{ job, folder, store: bazaar.store, device: await openCpu({ threads: 1 }), signal: ending.signal },
        ...{ rewardMin: reward, rewardMax: reward, rise: 0, workTime: 600, deadline: 100_000, look: 50 },
        home: join(base, 'home'),
      });
      for (let next = await all.next(); ; next = await all.next()) {
        if (next.done) return next.value;
        events.push(next.value);
      }
    };
    const end = run().finally(() => (over = true));
    end.catch(() => undefined);
    return {
      ...{ events, end, over: () => over },
      stop: () => (ending.abort(), end.catch(() => undefined)),
    };
  }

  const isDone = (task: number) => async () =>
    Number(await bazaar.look.market.tasks()) >= task && (await bazaar.task(task)).status === 'done';

  const solver = (account: number, options = {}): Promise<Player> =>
    bazaar.join('solver', account, (...all) => openSolver(...all, options));
  const slashed = (task: number) => async () =>
    (await claims(bazaar.look)).some((claim) => claim.task === task && claim.status === 'slashed');
  let driver: Driver;

  it('are trained by several solvers at once, and the submitter may be killed', async () => {
    const players = [await solver(1), await solver(6)];
    driver = drive(30n * TOKEN);
    await bazaar.until(() =>
      Promise.resolve(driver.events.filter(({ kind }) => kind === 'posted').length >= 2),
    );
    await driver.stop();
    driver = drive(30n * TOKEN);
    await bazaar.until(isDone(3), PASS);
    const all = await claims(bazaar.look);
    expect(all.map(({ status }) => status)).to.deep.equal(all.map(() => 'settled'));
    // Two tasks of a round at the same time, and each solver takes one at once.
    expect(new Set(all.filter(({ task }) => task < 3).map((claim) => claim.solver)).size).to.equal(2);
    for (const player of players) await player.kill();
  });

  it('pin a lie in a shard and one in a merge, and end rightly', async () => {
    const liar = await solver(7, { cheats: [{ kind: 'weight' }], task: 5 });
    await bazaar.until(slashed(5), PASS);
    await liar.kill();
    const honest = await solver(8);
    await bazaar.until(async () => (await isDone(4)()) && (await isDone(5)()), PASS);
    await honest.kill();
    await driver.stop();
    driver = drive(30n * TOKEN);
    const other = await solver(9, { cheats: [{ kind: 'operator' }], task: 6 });
    await bazaar.until(slashed(6), PASS);
    await other.kill();
    await solver(1);
    await bazaar.until(() => Promise.resolve(driver.over()), PASS);
    expect(await driver.end).to.equal(6);
    const all = await claims(bazaar.look);
    const lies = all.filter(({ status }) => status === 'slashed');
    expect(lies.map(({ task }) => task).sort((a, b) => a - b)).to.deep.equal([5, 6]);
    for (const { id } of lies) {
      const [challenge] = await challengesOf(bazaar.look, { claim: id });
      const { verdict } = await readDispute(bazaar.look, challenge!);
      expect(verdict?.outcome).to.equal('challenger');
      expect(verdict?.by).to.equal('referee');
    }
    // The whole reward, but for what does not divide.
    const paid = all
      .filter(({ status }) => status === 'settled')
      .reduce((sum, { reward }) => sum + reward, 0n);
    expect(paid <= 30n * TOKEN && paid > 30n * TOKEN - 10n).to.equal(true);
  });

  it('come to the state of a run at home, and stand on the chain as rounds', async () => {
    expect(Number(await bazaar.look.market.tasks())).to.equal(6);
    const tasks = await Promise.all([1, 2, 3, 4, 5, 6].map((task) => bazaar.task(task)));
    expect(tasks.map(({ firstStep, steps }) => [firstStep, steps])).to.deep.equal([
      ...[[0, 6], [0, 6], [6, 1]],
      ...[[7, 6], [7, 6], [13, 1]],
    ]); // prettier-ignore
    // The result of the last merge is that of the network, as a replica knows it.
    const result = await taskResult(bazaar.look, bazaar.store, 6, join(base, 'result'));
    expect(result.step).to.equal(14);
    expect(result.job.manifest.graphRoot).to.equal(job.whole.manifest.graphRoot);
    expect(rootsOf(result.state).root).to.equal(expected);
  });
});
