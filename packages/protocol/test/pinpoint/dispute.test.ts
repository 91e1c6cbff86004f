/** One dispute from the challenge to the slashed stake, through the contracts on a chain, with everybody's gas. */
import { artifacts, type Contracts } from '@gensyn/contracts';
import { jobRoot, LIST_TAG, sha256, type Manifest } from '@gensyn/ir';
import { expect } from 'chai';
import {
  AbiCoder,
  hexlify,
  keccak256,
  ZeroHash,
  type ContractTransactionResponse,
  type Signer,
} from 'ethers';
import { contractAt } from '../../src/contracts/contract-at.js';
import { deployCode } from '../../src/deploy/deploy.js';
import { startDevnet, type Devnet } from '../../src/devnet/start-devnet.js';
import {
  beginning,
  firstOpening,
  nextMove,
  OUTCOMES,
  readDescent,
  writeDescent,
  type Descent,
  type Side,
  type Witness,
} from '../../src/pinpoint/index.js';
import { devnetValues } from '../../src/market/index.js';
import { deployHarness } from '../deploy-harness.js';
import { countingWitness, type Lie, type Run } from './counting-machine.js';

/** Of all transactions of both sides. */
const GAS_CEILING = 2_000_000;
const MOVES_A_SIDE = 12;
const TOKEN = 10n ** 18n;
const RUN: Run = { elements: 4000, terms: 1000, steps: 640, interval: 40 };
const coder = AbiCoder.defaultAbiCoder();

describe('dispute', () => {
  let devnet: Devnet;
  let token: Contracts['GensynToken'];
  let pinpoint: Contracts['Pinpoint'];
  let market: Contracts['TaskMarket'];
  let gas = 0;
  let sent: number[] = [];
  before(async () => {
    devnet = await startDevnet();
    const { signer } = devnet;
    const founder = await signer.getAddress();
    const deployed = async (name: keyof Contracts, args: readonly unknown[]): Promise<string> =>
      (await deployCode(signer, artifacts[name], args)).address;
    const referee = await deployHarness(signer, 'CountingReferee', [RUN.elements, RUN.terms]);
    const tokenAt = await deployed('GensynToken', [founder, 1000n * TOKEN]);
    const parameters = await deployed('Parameters', [founder, devnetValues]);
    const pinpointAt = await deployed('Pinpoint', [await referee.getAddress()]);
    token = contractAt('GensynToken', tokenAt, signer);
    pinpoint = contractAt('Pinpoint', pinpointAt, signer);
    market = contractAt(
      'TaskMarket',
      await deployed('TaskMarket', [tokenAt, parameters, pinpointAt, await deployed('Selections', [])]),
      signer,
    );
    for (const account of devnet.accounts.slice(0, 3)) {
      const mine = as(token, account);
      await (await token.transfer(await account.getAddress(), 300n * TOKEN)).wait();
      await (await mine.approve(await market.getAddress(), 300n * TOKEN)).wait();
      await (await as(market, account).deposit(300n * TOKEN)).wait();
    }
  });
  after(() => devnet.stop());

  const as = <C>(contract: C, signer: Signer): C =>
    (contract as { connect(signer: Signer): C }).connect(signer);

  async function paid(sending: Promise<ContractTransactionResponse>) {
    const receipt = (await (await sending).wait())!;
    gas += Number(receipt.gasUsed);
    sent.push(Number(receipt.gasUsed));
    return receipt;
  }

  /** A job of the counting machine, taken and proven by account 1 as `witness` has it. Returns the claim. */
  async function proven(witness: ReturnType<typeof countingWitness>) {
    const [submitter, solver] = [devnet.accounts[0]!, devnet.accounts[1]!];
    const tree = hexlify(ZeroHash);
    const graph = hexlify(sha256(LIST_TAG, getWord(4), getWord(0)));
    const truth = countingWitness(RUN);
    const job = {
      graph,
      data: ZeroHash,
      init: hexlify(truth.stateRoot(0)),
      seed: 1,
      batch: 1,
      steps: RUN.steps,
      interval: RUN.interval,
      holdout: 0,
    };
    const now = (await devnet.provider.getBlock('latest'))!.timestamp;
    const submission = {
      job,
      entries: 4,
      graphTree: tree,
      parent: 0,
      segment: RUN.steps,
      rewardMin: 10n * TOKEN,
      rewardMax: 10n * TOKEN,
      rise: 0,
      workTime: 1000,
      deadline: now + 10_000,
      artefacts: 'cid',
    };
    const task = (await market.tasks()) + 1n;
    await (await as(market, submitter).submit(submission)).wait();
    const manifest = {
      graphRoot: graph,
      dataRoot: ZeroHash,
      initRoot: job.init,
      seed: 1,
      batch: 1,
      steps: RUN.steps,
      checkpointEvery: RUN.interval,
      holdoutRows: 0,
    };
    const bare = {
      ...manifest,
      graphRoot: graph.slice(2),
      dataRoot: ZeroHash.slice(2),
      initRoot: job.init.slice(2),
    } as unknown as Manifest;
    expect((await market.taskOf(task)).job).to.equal(`0x${jobRoot(bare)}`);
    const claim = (await market.claims()) + 1n;
    await (await as(market, solver).claim(task, 0, 0)).wait();
    const run = await witness.run();
    const records = RUN.steps / RUN.interval;
    const path = run.path(records - 1).map((each) => hexlify(each));
    await (
      await as(market, solver).checkpoint(
        claim,
        records,
        hexlify(run.root),
        hexlify(run.entry(records - 1)),
        path,
        'cid',
      )
    ).wait();
    await (await as(market, solver).prove(claim, hexlify(run.root))).wait();
    return { task, claim, job, run };
  }

  const getWord = (value: number): Uint8Array => {
    const bytes = new Uint8Array(32);
    bytes[31] = value;
    return bytes;
  };

  /** Where the game stands and what was opened last, out of the chain's events. */
  async function standing(game: bigint): Promise<{ descent: Descent; opened: readonly string[] }> {
    const events = await (
      pinpoint as unknown as {
        queryFilter(name: string): Promise<{ args: { game: bigint; descent: never; opened: string[] } }[]>;
      }
    ).queryFilter('Moved');
    const { args } = events.filter((event) => event.args.game === game).at(-1)!;
    return { descent: readDescent(args.descent), opened: [...args.opened] };
  }

  async function play(lies: readonly [Lie | undefined, Lie | undefined]) {
    [gas, sent] = [0, []];
    const witnesses = lies.map((lie) => countingWitness(RUN, lie)) as [
      ReturnType<typeof countingWitness>,
      Witness,
    ];
    const players: readonly [Signer, Signer] = [devnet.accounts[1]!, devnet.accounts[2]!];
    const { claim, job, run } = await proven(witnesses[0]);
    const challenger = await players[1].getAddress();
    const mine = (await witnesses[1].run()).root;
    const commitment = keccak256(
      coder.encode(
        ['uint256', 'uint256', 'bytes32', 'bytes32', 'address', 'bytes32'],
        [claim, 0, mine, run.root, challenger, ZeroHash],
      ),
    );
    await paid(as(market, players[1]).commitChallenge(claim, commitment));
    const start = beginning(
      {
        job: ZeroHash,
        graph: job.graph,
        entries: 4,
        interval: RUN.interval,
        step: 0,
        steps: RUN.steps,
        before: job.init,
        nodes: [hexlify(run.root), hexlify(mine)],
      },
      'run',
    );
    const challenge = (await market.challenges()) + 1n;
    await paid(
      as(market, players[1]).challenge(
        claim,
        0,
        hexlify(mine),
        ZeroHash,
        [],
        [...(await firstOpening(witnesses[1], start))],
      ),
    );
    const { game } = await market.challengeOf(challenge);
    const moves = [0, 1];
    for (let side: Side = 0; ; side = (1 - side) as Side) {
      const { descent, opened } = await standing(game);
      if (descent.level === 'value') break;
      await paid(
        as(pinpoint, players[side]).move(game, await nextMove(witnesses[side], descent, opened, side)),
      );
      moves[side]! += 1;
    }
    const { descent } = await standing(game);
    await paid(pinpoint.judge(game, writeDescent(descent), lies[0] ? 1 : 0, job, '0x'));
    await paid(market.resolve(challenge));
    return { claim, descent, moves, outcome: OUTCOMES[Number(await pinpoint.outcomeOf(game))] };
  }

  it('pins a false claim to the term, in few moves and little gas', async function () {
    this.timeout(60_000);
    const lie: Lie = { step: 437, operator: 1, element: 3333, term: 777 };
    const { claim, descent, moves, outcome } = await play([lie, undefined]);
    console.log(
      `      ${sent.join(' ')}\n      ${moves[0]} and ${moves[1]} moves, ${gas} gas for everything`,
    );
    expect(outcome).to.equal('challenger');
    expect([descent.step, descent.operator, descent.element, descent.term]).to.deep.equal([
      437, 1, 3333, 777,
    ]);
    expect((await market.claimOf(claim)).status).to.equal(4n);
    expect(Math.max(...moves)).to.be.at.most(MOVES_A_SIDE);
    expect(gas).to.be.below(GAS_CEILING);
  });

  it('costs a false challenge its bond', async function () {
    this.timeout(60_000);
    const lie: Lie = { step: 80, operator: 2, element: 0, term: 0 };
    const { claim, descent, moves, outcome } = await play([undefined, lie]);
    console.log(
      `      ${sent.join(' ')}\n      ${moves[0]} and ${moves[1]} moves, ${gas} gas for everything`,
    );
    expect(outcome).to.equal('defender');
    expect([descent.step, descent.operator, descent.element, descent.term]).to.deep.equal([
      80,
      2,
      0,
      undefined,
    ]);
    expect((await market.claimOf(claim)).status).to.equal(2n);
    expect(gas).to.be.below(GAS_CEILING);
  });
});
