/** Honest parties lose nothing where the chain goes another way: another committee is drawn, or claims swap their numbers. */
import { expect } from 'chai';
import { Transaction } from 'ethers';
import { claims, fund, readDuty, seats, ZERO_ROOT } from '../../src/chain/index.js';
import { openSolver } from '../../src/roles/solver.js';
import { openVerifier } from '../../src/roles/verifier.js';
import { openWhistleblower } from '../../src/roles/whistleblower.js';
import { openBazaar, TOKEN, type Bazaar, type Player } from './bazaar.js';

interface Sent {
  readonly from: string;
  readonly bytes: string;
}

describe('a reorganisation', function () {
  this.timeout(90_000);
  let bazaar: Bazaar;
  let solvers: Player[];
  let verifiers: Player[];
  let whistleblower: Player;
  /** Of the honest, once the verifiers have their seats. */
  let purses: Map<string, bigint>;
  beforeEach(async () => {
    bazaar = await openBazaar();
    verifiers = [];
    for (const account of [3, 4, 5])
      verifiers.push(await bazaar.join('verifier', account, (...all) => openVerifier(...all, { seats: 2 })));
    whistleblower = await bazaar.join('whistleblower', 6, (...all) => openWhistleblower(...all));
    await bazaar.until(async () => (await bazaar.look.market.idleSeats()) === 6n);
    purses = new Map();
    for (const { account } of [...verifiers, whistleblower]) purses.set(account, await wealth(account));
    solvers = [];
  });
  afterEach(() => bazaar.close());

  const provider = () => bazaar.devnet.provider;
  /** With what is locked in seats. */
  async function wealth(account: string): Promise<bigint> {
    const held = await seats(bazaar.look, account);
    return (await bazaar.money(account)) + held.reduce((sum, { stake }) => sum + stake, 0n);
  }
  const snapshot = async (): Promise<unknown> => provider().send('evm_snapshot', []);
  /** What is in blocks after `block`, as a node would have it in its pool after they are undone. */
  async function sentAfter(block: number): Promise<Sent[]> {
    const all: Sent[] = [];
    for (let at = block + 1; at <= (await provider().getBlockNumber()); at++)
      for (const each of (await provider().getBlock(at, true))!.prefetchedTransactions)
        all.push({ from: each.from, bytes: Transaction.from(each).serialized });
    return all;
  }
  const again = async ({ bytes }: Sent): Promise<unknown> =>
    provider()
      .send('eth_sendRawTransaction', [bytes])
      .catch(() => undefined);
  async function nobodyHasLost(): Promise<void> {
    for (const [account, before] of purses)
      expect((await wealth(account)) >= before, `${account}`).to.equal(true);
  }
  const allReleased = async (): Promise<boolean> => (await bazaar.look.market.idleSeats()) === 6n;

  it('that draws another committee costs nobody anything', async () => {
    solvers.push(await bazaar.join('solver', 1, (...all) => openSolver(...all, { once: true })));
    purses.set(solvers[0]!.account, await wealth(solvers[0]!.account));
    await bazaar.submit({ seed: 1 });
    await bazaar.until(async () => (await claims(bazaar.look))[0]?.status === 'proven');
    const block = await provider().getBlockNumber();
    const before = await snapshot();
    const seed = async (): Promise<string> => (await bazaar.claim(1)).seed;
    const committed = async (): Promise<boolean> => {
      for (const { id } of await seats(bazaar.look)) {
        const { assigned, commitment } = await readDuty(bazaar.look, 1, id);
        if (assigned && commitment === ZERO_ROOT) return false;
      }
      return (await seed()) !== ZERO_ROOT;
    };
    await bazaar.until(committed, 1);
    const [first, undone] = [await seed(), await sentAfter(block)];
    await provider().send('evm_revert', [before]);
    await bazaar.devnet.pass(1);
    // The drawing is in another block; commitments from before are there at once.
    for (const each of undone) await again(each);
    await bazaar.until(async () => (await seed()) !== ZERO_ROOT, 1);
    expect(await seed()).to.not.equal(first);
    await bazaar.until(committed, 1);
    await bazaar.until(async () => (await bazaar.claim(1)).status === 'settled');
    await bazaar.until(allReleased);
    await nobodyHasLost();
    // The whole committee was paid.
    const { members, fee } = await bazaar.claim(1);
    expect(members).to.be.greaterThan(0);
    let earned = 0n;
    for (const { account } of verifiers) earned += (await wealth(account)) - purses.get(account)!;
    expect(earned).to.equal(BigInt(members) * fee);
    expect(await bazaar.look.market.challenges()).to.equal(0n);
    const notes = verifiers.flatMap(({ party }) => party.journal.names('attest-'));
    expect(notes).to.deep.equal([]);
  });

  it('that swaps the numbers of claims harms only the liar', async () => {
    const honest = await bazaar.join('solver', 1, (...all) => openSolver(...all, { once: true, task: 1 }));
    const liar = await bazaar.join('solver', 2, (...all) =>
      openSolver(...all, { once: true, task: 2, cheats: [{ kind: 'weight' }] }),
    );
    for (const { party } of [honest, liar]) await fund(party.client, 50n * TOKEN);
    purses.set(honest.account, await wealth(honest.account));
    const lying = await wealth(liar.account);
    await bazaar.submit({ seed: 1 });
    await bazaar.submit({ seed: 2 });
    const block = await provider().getBlockNumber();
    const before = await snapshot();
    const accused = (): boolean => whistleblower.party.journal.names('challenge-').length > 0;
    await bazaar.until(() => Promise.resolve(accused()), 1);
    const solverOf = async (claim: number): Promise<string> => (await bazaar.claim(claim)).solver;
    const first = await solverOf(1);
    const undone = await sentAfter(block);
    await provider().send('evm_revert', [before]);
    // The one who was second is first.
    const second = undone.filter(
      ({ from }) => [honest.account, liar.account].includes(from) && from !== first,
    );
    const rest = undone.filter((each) => !second.includes(each));
    await again(second[0]!);
    for (const each of [...rest, ...second]) await again(each);
    expect(await solverOf(1)).to.not.equal(first);
    expect(await solverOf(2)).to.equal(first);
    const [mine, theirs] = (await solverOf(1)) === honest.account ? [1, 2] : [2, 1];
    await bazaar.until(async () => (await bazaar.claim(mine)).status === 'settled');
    await bazaar.until(async () => (await bazaar.claim(theirs)).status === 'slashed');
    await bazaar.until(allReleased);
    await bazaar.until(
      async () => (await wealth(whistleblower.account)) > purses.get(whistleblower.account)!,
    );
    await nobodyHasLost();
    expect((await wealth(honest.account)) - purses.get(honest.account)!).to.equal(10n * TOKEN);
    expect((await wealth(liar.account)) < lying).to.equal(true);
    // Nobody was accused of what was the other's.
    for (const number of await bazaar.look.market
      .challenges()
      .then((count) => Array.from({ length: Number(count) }, (_, i) => i + 1)))
      expect(Number((await bazaar.look.market.challengeOf(number)).claim)).to.equal(theirs);
  });
});
