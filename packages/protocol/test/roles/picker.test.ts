/** What a solver takes, and what it leaves alone: by its money, by what it finds, and never a second task besides a claim that it has sent. */
import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { fund } from '../../src/chain/index.js';
import { publishJob } from '../../src/artefacts/index.js';
import { openSolver } from '../../src/roles/solver.js';
import { openBazaar, TOKEN, type Bazaar, type Player } from './bazaar.js';
import { tinyJobs } from './tiny-jobs.js';

/** A CID of nothing that anybody has. */
const NOWHERE = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';

describe('a solver that looks for work', function () {
  this.timeout(60_000);
  let bazaar: Bazaar;
  beforeEach(async () => {
    bazaar = await openBazaar();
  });
  afterEach(() => bazaar.close());

  const solve = (account: number, name?: string): Promise<Player> =>
    bazaar.join('solver', account, (...all) => openSolver(...all), name);
  const sent = (account: string, block: 'latest' | 'pending' = 'latest'): Promise<number> =>
    bazaar.look.provider.getTransactionCount(account, block);
  const claims = async (): Promise<number> => Number(await bazaar.look.market.claims());
  const leaves = (): string[] =>
    bazaar.events.filter(({ kind }) => kind === 'refused').map(({ text }) => text);

  it('leaves alone what it has no money for, and says so', async () => {
    await bazaar.submit({ seed: 1 });
    const poor = await solve(1);
    const { client } = poor.party;
    const rich = await bazaar.devnet.accounts[9]!.getAddress();
    // Five short of the stake, which is the reward.
    const all = await client.token.balanceOf(poor.account);
    await client.send('give', client.token.transfer.populateTransaction(rich, all - 5n * TOKEN));
    const before = await sent(poor.account);
    for (let i = 0; i < 3; i++) await bazaar.round();
    expect(leaves()).to.have.lengthOf(1);
    expect(leaves()[0]).to.match(/^leave task 1 alone: its stake is .*, and this account has 5/);
    await client.provider.send('anvil_setBalance', [poor.account, '0x10000']);
    const dry = await solve(2);
    await bazaar.devnet.provider.send('anvil_setBalance', [dry.account, '0x10000']);
    for (let i = 0; i < 3; i++) await bazaar.round();
    expect(leaves().some((text) => /alone: delivering and defending it may take .* ETH/.test(text))).to.equal(
      true,
    );
    // Nothing was sent that would have failed.
    expect([await sent(poor.account), await sent(dry.account), await claims()]).to.deep.equal([before, 0, 0]);
    expect(bazaar.events.filter(({ kind }) => kind === 'retry')).to.deep.equal([]);
    // Whoever can, does.
    const able = await solve(3);
    await bazaar.until(async () => (await claims()) === 1);
    expect((await bazaar.claim(1)).solver).to.equal(able.account);
  });

  it('goes on after a task whose artefacts are missing or of something else', async () => {
    const jobs = tinyJobs();
    try {
      const other = await publishJob(bazaar.store, await jobs.compiled({ seed: 99 }));
      await bazaar.submit({ seed: 1 }, { reward: 50n * TOKEN, artefacts: NOWHERE });
      await bazaar.submit({ seed: 2 }, { reward: 40n * TOKEN, artefacts: other });
      await bazaar.submit({ seed: 3 }, { reward: 30n * TOKEN, artefacts: 'no CID at all' });
      await bazaar.submit({ seed: 4 });
    } finally {
      jobs.remove();
    }
    const solver = await solve(1);
    await bazaar.until(async () => (await claims()) === 1);
    expect((await bazaar.claim(1)).task).to.equal(4);
    expect(bazaar.events.filter(({ kind }) => kind === 'refused').map(({ task }) => task)).to.have.members([
      1, 2, 3,
    ]);
    // What can never be right is remembered.
    expect(solver.party.journal.names('refused-')).to.have.members(['refused-2', 'refused-3']);
  });

  it('takes no second task while its claim is in no block yet, also after it was killed', async () => {
    await bazaar.submit({ seed: 1 });
    await bazaar.submit({ seed: 2 });
    const { provider } = bazaar.devnet;
    const first = await solve(1, 'before the kill');
    await fund(first.party.client, 100n * TOKEN);
    const before = await sent(first.account);
    await provider.send('evm_setAutomine', [false]);
    try {
      await first.party.view.refresh();
      await first.agent.tick();
      while ((await sent(first.account, 'pending')) === before) await sleep(20);
      // What it waits for never comes any more: the process is gone.
      await first.party.client.close();
      await first.kill();
      const second = await solve(1, 'after the kill');
      for (let looks = 0; looks < 3; looks++) {
        await second.party.view.refresh();
        await second.agent.tick();
        await Promise.race([second.duties.rest(), sleep(2000)]);
      }
      expect(await sent(first.account, 'pending')).to.equal(before + 1);
    } finally {
      await provider.send('evm_mine', []);
      await provider.send('evm_setAutomine', [true]);
    }
    await bazaar.until(async () => (await bazaar.claim(1)).status === 'proven');
    expect((await bazaar.claim(1)).solver).to.equal(first.account);
    // Only then the other.
    await bazaar.until(async () => (await claims()) === 2);
    const [done, then] = [await bazaar.claim(1), await bazaar.claim(2)];
    expect(done.status).to.not.equal('working');
    expect(then.task).to.not.equal(done.task);
  });
});
