/** What honest parties end with when others cheat around the game: by several claims and challenges at once, by copies, against themselves. */
import { expect } from 'chai';
import { hexlify } from 'ethers';
import { startMarketDevnet, type MarketDevnet } from '../../src/devnet/index.js';
import { refusal } from '../../src/chain/refusal.js';
import { FAULT_KINDS, randomFault, type FaultKind, type JobWitness } from '../../src/witness/index.js';
import { compiledJob, lyingWitness, remembering, type CompiledJob } from './compiled-job.js';
import { marketTable, type MarketTable, type Playing } from './market-table.js';
import { writeSmallJob } from './small-jobs.js';

/** With GENSYN_GAMES=all: every way to misbehave with every kind of lie. */
const ALL = process.env['GENSYN_GAMES'] === 'all';
const SETTLED = 3;
const SLASHED = 4;

describe('honest money', () => {
  let devnet: MarketDevnet;
  let compiled: CompiledJob;
  let table: MarketTable;
  let remove: () => void;
  let truth: JobWitness;
  const witnesses = new Map<FaultKind, JobWitness>();
  before(async function () {
    this.timeout(60_000);
    devnet = await startMarketDevnet();
    const small = writeSmallJob('plain');
    ({ remove } = small);
    compiled = await compiledJob(small.source, remembering);
    table = await marketTable(devnet, compiled);
    truth = compiled.honest;
  });
  after(async () => {
    await table?.close();
    await compiled?.close();
    remove?.();
    await devnet.stop();
  });

  function lying(kind: FaultKind): JobWitness {
    const known = witnesses.get(kind);
    if (known) return known;
    const { steps, checkpointEvery } = compiled.job.manifest;
    const fault = randomFault(kind, { from: 0, steps, interval: checkpointEvery }, 1);
    const { witness } = lyingWitness(compiled, fault);
    witnesses.set(kind, witness);
    return witness;
  }
  /** Two lies at a time: other ones for each way to misbehave, so that together these are of all kinds; or all. */
  async function withLies(
    way: number,
    play: (first: JobWitness, second: JobWitness) => Promise<void>,
  ): Promise<void> {
    const at = (k: number): JobWitness => lying(FAULT_KINDS[k % FAULT_KINDS.length]!);
    for (const k of ALL ? FAULT_KINDS.keys() : [2 * way]) await play(at(k), at(k + 1));
  }

  const rootOf = async (witness: JobWitness): Promise<string> => hexlify((await witness.run()).root);
  const commit = async (claim: bigint, by: number, held: string): Promise<void> => {
    const { market, send } = table.clients[by]!;
    await send('commit', market.commitChallenge.populateTransaction(claim, held));
  };
  const status = async (claim: bigint): Promise<number> =>
    Number((await table.clients[0]!.market.claimOf(claim)).status);
  const resolve = async (challenge: bigint): Promise<void> => {
    const { market, send } = table.clients[0]!;
    await send('resolve', market.resolve.populateTransaction(challenge));
  };
  const collect = async (challenge: bigint): Promise<void> => {
    const { market, send } = table.clients[0]!;
    await send('collect', market.collect.populateTransaction(challenge));
  };
  const refusalOf = async (act: () => Promise<unknown>): Promise<string | undefined> => {
    try {
      await act();
    } catch (error) {
      return refusal(error)?.name;
    }
    return undefined;
  };
  /** Once nobody's clock has anything left. */
  const resolveSilent = async ({ game, challenge }: Playing): Promise<void> => {
    const { pinpoint, send } = table.clients[0]!;
    await devnet.pass(1000);
    await send('flag', pinpoint.flag.populateTransaction(game));
    await resolve(challenge);
  };
  /** What it changes of the free tokens of the accounts. */
  async function changes(action: () => Promise<void>): Promise<bigint[]> {
    const free = (): Promise<bigint[]> => Promise.all([0, 1, 2, 3].map((i) => table.free(i)));
    const before = await free();
    await action();
    return (await free()).map((now, i) => now - before[i]!);
  }

  it('a right claim survives two false challenges at once, and is paid for each', () =>
    withLies(0, async (first, second) => {
      const net = await changes(async () => {
        const claim = await table.proven(truth);
        await commit(claim, 2, await table.commitment(claim, 2, await rootOf(first)));
        await commit(claim, 3, await table.commitment(claim, 3, await rootOf(second)));
        const games = [await table.challenge(claim, 2, first), await table.challenge(claim, 3, second)];
        // Moves of both games in turn.
        const outcomes = await table.playAll(games, truth, [first, second]);
        expect(outcomes).to.deep.equal(['defender', 'defender']);
        for (const { challenge } of games) await resolve(challenge);
        await devnet.pass(1000);
        const { market, send } = table.clients[0]!;
        await send('settle', market.settle.populateTransaction(claim));
        expect(await status(claim)).to.equal(SETTLED);
      });
      expect(net[1]! > 0n).to.equal(true);
      expect([net[2]! < 0n, net[3]! < 0n]).to.deep.equal([true, true]);
    }));

  it('two false claims one after the other are both slashed', () =>
    withLies(1, async (first, second) => {
      for (const lie of [first, second]) {
        const net = await changes(async () => {
          const claim = await table.proven(lie);
          await commit(claim, 2, await table.commitment(claim, 2, await rootOf(truth)));
          const game = await table.challenge(claim, 2, truth);
          expect(await table.playAll([game], lie, [truth])).to.deep.equal(['challenger']);
          await resolve(game.challenge);
          expect(await status(claim)).to.equal(SLASHED);
        });
        expect([net[1]! < 0n, net[2]! > 0n]).to.deep.equal([true, true]);
      }
    }));

  it('a challenge that is copied out of the open stays with whoever made it', () =>
    withLies(2, async (first) => {
      const net = await changes(async () => {
        const claim = await table.proven(first);
        const held = await table.commitment(claim, 2, await rootOf(truth));
        // The copy is there before the original.
        await commit(claim, 3, held);
        await commit(claim, 2, held);
        expect(await refusalOf(() => table.challenge(claim, 3, truth))).to.equal('OtherCommitment');
        const game = await table.challenge(claim, 2, truth);
        expect(await table.playAll([game], first, [truth])).to.deep.equal(['challenger']);
        await resolve(game.challenge);
        const { market, send } = table.clients[3]!;
        await send('take back', market.takeBack.populateTransaction(claim));
        await collect(game.challenge);
      });
      expect([net[1]! < 0n, net[2]! > 0n, net[3]]).to.deep.equal([true, true, 0n]);
    }));

  it('a liar that challenges itself first costs the honest challenger nothing, and saves itself nothing', () =>
    withLies(3, async (first) => {
      const net = await changes(async () => {
        const claim = await table.proven(first);
        await commit(claim, 3, await table.commitment(claim, 3, await rootOf(truth)));
        await commit(claim, 2, await table.commitment(claim, 2, await rootOf(truth)));
        const friend = await table.challenge(claim, 3, truth);
        const honest = await table.challenge(claim, 2, truth);
        expect(await table.playAll([friend], first, [truth])).to.deep.equal(['challenger']);
        await resolve(friend.challenge);
        expect(await status(claim)).to.equal(SLASHED);
        // The honest game goes on to its own end, and the prize waits for it.
        expect(await table.playAll([honest], first, [truth])).to.deep.equal(['challenger']);
        await resolve(honest.challenge);
        await collect(friend.challenge);
      });
      expect(net[2]! > 0n).to.equal(true);
      // Solver and friend together lose at least a third of the stake, which is the reward: ten tokens.
      expect(net[1]! + net[3]! <= -(10n ** 19n) / 3n).to.equal(true);
    }));

  it('a liar that loses a false challenge of its own claim does not shield the claim', () =>
    withLies(4, async (first, second) => {
      const net = await changes(async () => {
        const claim = await table.proven(first);
        await commit(claim, 3, await table.commitment(claim, 3, await rootOf(second)));
        await commit(claim, 2, await table.commitment(claim, 2, await rootOf(truth)));
        const friend = await table.challenge(claim, 3, second);
        const honest = await table.challenge(claim, 2, truth);
        // The friend says nothing, so its clock runs out; the honest game goes on meanwhile.
        expect(await table.playAll([honest], first, [truth])).to.deep.equal(['challenger']);
        await resolve(honest.challenge);
        expect(await status(claim)).to.equal(SLASHED);
        await resolveSilent(friend);
        await collect(honest.challenge);
      });
      expect(net[2]! > 0n).to.equal(true);
      expect(net[1]! + net[3]! < 0n).to.equal(true);
    }));
  it('whoever sends the transactions of an honest challenger before it gets nowhere', () =>
    withLies(5, async (first) => {
      const net = await changes(async () => {
        const claim = await table.proven(first);
        await commit(claim, 2, await table.commitment(claim, 2, await rootOf(truth)));
        // Without a commitment of its own, and with one to the same.
        expect(await refusalOf(() => table.challenge(claim, 3, truth))).to.be.oneOf([
          'OtherCommitment',
          'NothingCommitted',
        ]);
        await commit(claim, 3, await table.commitment(claim, 2, await rootOf(truth)));
        expect(await refusalOf(() => table.challenge(claim, 3, truth))).to.equal('OtherCommitment');
        const game = await table.challenge(claim, 2, truth);
        // Moves of either side, sent by somebody else.
        expect(await table.playAll([game], first, [truth], 3)).to.deep.equal(['challenger']);
        await resolve(game.challenge);
        const { market, send } = table.clients[3]!;
        await send('take back', market.takeBack.populateTransaction(claim));
        await collect(game.challenge);
      });
      expect([net[1]! < 0n, net[2]! > 0n, net[3]]).to.deep.equal([true, true, 0n]);
    }));
});
