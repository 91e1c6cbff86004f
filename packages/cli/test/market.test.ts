/** The commands of a market, as a submitter uses them: accounts, submit, status, market, settle, withdraw, governance. */
import { expect } from 'chai';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gensyn, gensynJson, temporaryFolder, writeTinyJob } from './gensyn.js';

interface Failure {
  readonly error: { readonly code: string; readonly message: string };
}

describe('market', () => {
  // Before the folder is deleted.
  after(() => gensyn(['devnet', 'down'], options));
  const folder = temporaryFolder();
  const options = {
    cwd: folder,
    env: {
      GENSYN_DEVNET: join(folder, 'devnet'),
      GENSYN_ACCOUNTS: join(folder, 'accounts'),
      XDG_DATA_HOME: join(folder, 'data'),
      GENSYN_PASSWORD_FILE: join(folder, 'password'),
    },
  };
  const run = (...args: string[]) => gensyn(args, options);
  const json = <T>(...args: string[]) => gensynJson<T>(args, options);

  before(async function () {
    this.timeout(60_000);
    writeTinyJob(folder);
    writeFileSync(options.env.GENSYN_PASSWORD_FILE, 'secret\n');
    const up = await json<{ market: string }>('devnet', 'up', '--windows', '10');
    expect(up.document.market).to.match(/^0x[0-9a-fA-F]{40}$/);
  });

  it('makes an account and gives it money', async () => {
    const made = await json<{ address: string; file: string }>('account', 'create', 'me');
    expect(made.code).to.equal(0);
    expect(statSync(made.document.file).mode & 0o777).to.equal(0o600);
    expect((await run('account', 'address', 'me')).stdout).to.equal(`${made.document.address}\n`);
    const list = await json<{ accounts: { name: string }[] }>('account', 'list');
    expect(list.document.accounts.map(({ name }) => name)).to.deep.equal(['me']);
    expect((await run('account', 'fund', 'me')).code).to.equal(0);
    const { document } = await json<{ wallet: string; free: string }>('account', 'balance', 'me');
    expect([document.wallet, document.free]).to.deep.equal([`10000${'0'.repeat(18)}`, '0']);
  });

  it('posts a job, shows it and prices it', async function () {
    this.timeout(60_000);
    const rewards = ['--reward-min', '5', '--reward-max', '10', '--segment', '20'];
    const { code, document } = await json<{
      task: number;
      artefacts: string;
      escrow: string;
      found: boolean;
    }>('submit', ...['job.gml', ...rewards, '--profile', '--account', 'me']);
    expect([code, document.task, document.escrow, document.found]).to.deep.equal([
      0,
      1,
      `11${'0'.repeat(18)}`,
      false,
    ]);
    expect(document.artefacts).to.match(/^bafy[a-z0-9]{55}$/);
    const status = await json<{
      task: { steps: number; segment: number };
      profile: { nanosecondsPerStep: number };
    }>('status', '1');
    expect(status.document.task).to.include({ steps: 40, segment: 20, status: 'open' });
    expect(status.document.profile.nanosecondsPerStep).to.be.above(0);
    const market = await json<{
      offers: { name: string; steps: number; workPerStep: number; reward: string }[];
    }>('market', '--svg', 'market.svg');
    expect(market.document.offers).to.have.lengthOf(1);
    expect(market.document.offers[0]).to.include({ name: 'job', steps: 20 });
    expect(market.document.offers[0]!.workPerStep).to.be.above(0);
    // Half of the steps, for half of what the task pays by now.
    expect(Number(market.document.offers[0]!.reward)).to.be.within(2.5e18, 5e18);
    expect(readFileSync(join(folder, 'market.svg'), 'utf8')).to.match(/^<svg [^]*<\/svg>\n$/);
    const shown = await run('market');
    expect(shown.stdout).to.include('for 1000 steps').and.include('Steps that wait for a solver');
    expect((await run('status', '--account', 'me')).stdout).to.include('11 GEN');
  });

  it('closes what nobody took, and brings the money back', async () => {
    expect((await run('settle', '--account', 'me')).stdout).to.equal('There is nothing to be done.\n');
    expect((await run('devnet', 'wait', '2d')).code).to.equal(0);
    const settled = await json<{ done: { what: string }[] }>('settle', '1', '--account', 'me');
    expect(settled.document.done.map(({ what }) => what)).to.deep.equal(['close task 1']);
    expect((await run('status', '1', '--follow')).code).to.equal(0);
    const { document } = await json<{ withdrawn: string; wallet: string }>('withdraw', '--account', 'me');
    expect([document.withdrawn, document.wallet]).to.deep.equal([
      `11${'0'.repeat(18)}`,
      `10000${'0'.repeat(18)}`,
    ]);
    expect((await run('withdraw', '--account', 'me')).stdout).to.equal('Nothing is free in the market.\n');
  });

  it('shows the parameters and takes proposals', async () => {
    expect((await run('governance', 'show')).stdout).to.match(/feeShare +10%/);
    const changes = ['feeShare=12%', 'clock=30m', 'minStake=12.5'];
    const { document } = await json<{ proposal: { values: Record<string, unknown>; state: string } }>(
      'governance',
      ...['propose', ...changes, '--account', 'devnet:0'],
    );
    expect(document.proposal.state).to.equal('pending');
    expect(document.proposal.values).to.include({
      feeShare: 120_000,
      clock: 1800,
      minStake: `125${'0'.repeat(17)}`,
    });
  });

  it('says what is wrong, by code and exit code', async function () {
    this.timeout(60_000);
    const reward = ['--reward-max', '1'];
    const cases: [string[], number, string, Record<string, string>?][] = [
      [['account', 'create', 'me'], 2, 'N0605'],
      [['account', 'remove', 'me'], 2, 'U0106'],
      [['withdraw'], 2, 'N0608'],
      [['withdraw', '--account', 'me'], 1, 'N0604', { GENSYN_PASSWORD_FILE: '' }],
      [['withdraw', '--account', 'me', '--password-file', 'job.gml'], 1, 'N0602'],
      [['withdraw', '99', '--account', 'me'], 1, 'N0401'],
      [['submit', '--account', 'me'], 2, 'U0111'],
      [['submit', '--account', 'me', ...reward, '--segment', '15'], 2, 'U0112'],
      [['submit', '--account', 'me', ...reward, '--deadline', 'soon'], 2, 'U0109'],
      [['status', '77'], 2, 'N0404'],
      [['status', '--follow'], 2, 'U0106'],
      [['market', '--chain', '1'], 4, 'N0202'],
      [['market'], 2, 'U0302', { GENSYN_MARKET: 'here' }],
      [['governance', 'vote', '1', 'maybe', '--account', 'me'], 2, 'U0105'],
      [['devnet', 'wait'], 2, 'U0103'],
    ];
    for (const [args, code, name, env = {}] of cases) {
      const outcome = await gensynJson<Failure>(args, { ...options, env: { ...options.env, ...env } });
      expect([outcome.code, outcome.document.error.code], args.join(' ')).to.deep.equal([code, name]);
    }
    expect((await run('account', 'remove', 'me', '--yes')).code).to.equal(0);
    expect(existsSync(join(folder, 'accounts', 'me.json'))).to.equal(false);
  });
});
