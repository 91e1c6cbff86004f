/** A job in shards on the market: replicas by different solvers, merges that begin with what these came to, and lies in both pinned. */
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileJob } from '@gensyn/dsl';
import { loadShards, openCpu, trainShards, type ShardsJob } from '@gensyn/runtime';
import { GensynError, JOB_FILES, rootsOf, shardEntry, type Manifest } from '@gensyn/ir';
import { claims, TASK_STATUS, type MarketClient } from '../../src/chain/index.js';
import { challengesOf, readDispute } from '../../src/roles/read-dispute.js';
import { taskResult } from '../../src/roles/task-result.js';
import { openStarts } from '../../src/roles/joined-start.js';
import { openSolver } from '../../src/roles/solver.js';
import { openVerifier } from '../../src/roles/verifier.js';
import { openView, type View } from '../../src/roles/view.js';
import { openWhistleblower } from '../../src/roles/whistleblower.js';
import { checkFits } from '../../src/shards/check-fits.js';
import { driveShards, type ShardsEvent } from '../../src/shards/index.js';
import { jobOf, mergeTask, replicaTasks, type RoundTask } from '../../src/shards/round-task.js';
import type { Store } from '../../src/storage/index.js';
import { codeOf } from '../code-of.js';
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

  function drive(reward: bigint, client = submitter): Driver {
    const ending = new AbortController();
    const events: ShardsEvent[] = [];
    let over = false;
    const run = async (): Promise<number | undefined> => {
      const all = driveShards(client, {
        ...{ job, folder, store: bazaar.store, device: await openCpu({ threads: 1 }), signal: ending.signal },
        ...{ rewardMin: reward, rewardMax: reward, rise: 0, workTime: 600, deadline: 100_000, look: 50 },
        home: join(base, 'home'),
      });
      for (let next = await all.next(); ; next = await all.next()) {
        if (next.done) return next.value;
        events.push(next.value);
        if (next.value.kind !== 'done' || client.confirmations === 0) continue;
        // It was done so many blocks ago already.
        const blockTag = (await client.provider.getBlockNumber()) - client.confirmations;
        const { status } = await bazaar.look.market.taskOf(next.value.task, { blockTag });
        deep.push(TASK_STATUS[Number(status)]!);
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
  /** Where tasks stood, as many blocks ago as the submitter waits. */
  const deep: string[] = [];

  it('are trained by several solvers at once, and the submitter may be killed', async () => {
    // It dies between the transaction and its note, and is started again for another reward.
    const dying = Object.assign(Object.create(submitter) as MarketClient, {
      send: async (...sent: Parameters<MarketClient['send']>) => {
        const receipt = await submitter.send(...sent);
        if (sent[0] === 'submit the task') throw new Error('killed');
        return receipt;
      },
    });
    expect(await drive(30n * TOKEN, dying).end.catch((error: Error) => error.message)).to.equal('killed');
    expect(Number(await bazaar.look.market.tasks())).to.equal(1);
    const players = [await solver(1), await solver(6)];
    driver = drive(36n * TOKEN);
    await bazaar.until(() =>
      Promise.resolve(driver.events.filter(({ kind }) => kind !== 'done').length >= 2),
    );
    await driver.stop();
    driver = drive(36n * TOKEN);
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
    driver = drive(36n * TOKEN, Object.create(submitter, { confirmations: { value: 2 } }) as MarketClient);
    const other = await solver(9, { cheats: [{ kind: 'operator' }], task: 6 });
    await bazaar.until(slashed(6), PASS);
    await other.kill();
    await solver(1);
    await bazaar.until(() => Promise.resolve(driver.over()), PASS);
    expect(await driver.end).to.equal(6);
    expect(deep).to.deep.equal([1, 2, 3, 4, 5, 6].map(() => 'done'));
    const all = await claims(bazaar.look);
    const lies = all.filter(({ status }) => status === 'slashed');
    expect(lies.map(({ task }) => task).sort((a, b) => a - b)).to.deep.equal([5, 6]);
    for (const { id } of lies) {
      const [challenge] = await challengesOf(bazaar.look, { claim: id });
      const { verdict } = await readDispute(bazaar.look, challenge!);
      expect(verdict?.outcome).to.equal('challenger');
      expect(verdict?.by).to.equal('referee');
    }
    // The whole reward, but for what does not divide; that of the first task is what was said first.
    const tasks = await Promise.all([1, 2, 3, 4, 5, 6].map((task) => bazaar.task(task)));
    expect(tasks[0]!.rewardMax * 36n - tasks[1]!.rewardMax * 30n < 100n).to.equal(true);
    const offered = tasks.slice(1).reduce((sum, { rewardMax }) => sum + rewardMax, tasks[1]!.rewardMax);
    expect(offered <= 36n * TOKEN && offered > 36n * TOKEN - 10n).to.equal(true);
    const paid = all
      .filter(({ status }) => status === 'settled')
      .reduce((sum, { reward }) => sum + reward, 0n);
    expect(paid).to.equal(offered - tasks[1]!.rewardMax + tasks[0]!.rewardMax);
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

  describe('begin with what is proven', () => {
    /** As somebody who has done nothing yet, and counts what it fetches. */
    async function newcomer(name: string) {
      const view = openView(bazaar.look);
      await view.refresh();
      let fetched = 0;
      const store: Store = {
        ...{ name: 'counting', add: (files) => bazaar.store.add(files), close: () => Promise.resolve() },
        list: (...asked) => bazaar.store.list(...asked),
        read: (...asked) => bazaar.store.read(...asked),
        fetch: (...asked) => (fetched++, bazaar.store.fetch(...asked)),
      };
      const library = {
        client: bazaar.look,
        view,
        store,
        folder: (claim: number) => join(base, name, `${claim}`),
      };
      return { library, fetched: () => fetched };
    }

    const manifestOf = (task: number, part: RoundTask): Promise<Manifest> =>
      Promise.resolve({ ...jobOf(job, part).manifest, name: `task ${task}` });

    it('each parent once, whatever is published beside', async () => {
      const { library, fetched } = await newcomer('right');
      const starts = openStarts(library);
      for (const [task, part, states] of [
        [4, replicaTasks(job.plan, 1)[0]!, 1],
        [6, mergeTask(job.plan, 1), 2],
      ] as const) {
        const before = fetched();
        const found = await starts.joined(await bazaar.task(task), await manifestOf(task, part));
        const [claim] = await claims(bazaar.look, { task });
        expect(`0x${rootsOf(found!).root}`).to.equal(claim!.before);
        expect(fetched() - before).to.equal(states);
      }
      // A task of the first round does not begin so, and a job of another state is refused.
      expect(await starts.joined(await bazaar.task(1), job.shards[0]!.manifest)).to.equal(undefined);
      const other = { ...job.merge.manifest, state: job.merge.manifest.state.toReversed() };
      expect(await codeOf(async () => starts.joined(await bazaar.task(6), other))).to.equal('N0302');
    });

    const HOSTILE: readonly [string, (manifest: Manifest) => Manifest][] = [
      [
        'says that a tensor nobody asks for fills all memory',
        (m) => ({ ...m, state: swollen(m, 'shard1.') }),
      ],
      ['says that a tensor is of another shape', (m) => ({ ...m, state: swollen(m, 'shard0.') })],
      ['leaves tensors out', (m) => ({ ...m, state: m.state.slice(0, 2) })],
      ['is of another job', (m) => ({ ...m, seed: m.seed + 1 })],
    ];
    const swollen = ({ state }: Manifest, prefix: string): Manifest['state'] =>
      state.map((entry) => (entry.name.startsWith(prefix) ? { ...entry, shape: [2 ** 24, 2 ** 20] } : entry));
    for (const [what, change] of HOSTILE) {
      it(`and nothing is fetched of a parent whose manifest ${what}`, async () => {
        const { library, fetched } = await newcomer('hostile');
        const right = jobOf(job, mergeTask(job.plan, 0)).manifest;
        const bytes = Buffer.from(JSON.stringify(change(right)));
        const artefacts = await bazaar.store.add([{ path: JOB_FILES.manifest, content: bytes }]);
        const submitted = new Map(library.view.submitted);
        submitted.set(3, { ...submitted.get(3)!, artefacts });
        const view = Object.create(library.view, { submitted: { value: submitted } }) as View;
        const starts = openStarts({ ...library, view });
        const [part] = replicaTasks(job.plan, 1);
        const found = await starts.joined(await bazaar.task(4), await manifestOf(4, part!));
        expect(found).to.equal(undefined);
        expect(fetched()).to.equal(0);
      });
    }
  });

  it('are refused where a merge does not fit into a transaction', () => {
    const [first] = job.shards;
    const many = (count: number) => ({
      shards: Array.from({ length: count }, () => first!),
      merge: {
        ...job.merge,
        manifest: {
          ...job.merge.manifest,
          state: [
            first!.manifest.state[0]!,
            ...Array.from({ length: count }, (_, shard) =>
              first!.manifest.state
                .slice(1)
                .map((entry) => ({ ...entry, name: shardEntry(shard, entry.name) })),
            ).flat(),
          ],
        },
      },
    });
    const tensors = first!.manifest.state.length - 1;
    expect(() => checkFits(many(Math.floor(1000 / tensors)))).to.not.throw();
    expect(() => checkFits(many(Math.ceil(1200 / tensors))))
      .to.throw(GensynError)
      .with.property('code', 'N0415');
  });
});
