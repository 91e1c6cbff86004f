/** Gas of the market's calls, each as a transaction of its own, in a market on a chain that nobody has used before. */
import { artifacts, type Contracts } from '@gensyn/contracts';
import { LIST_TAG, sha256 } from '@gensyn/ir';
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
import type { Devnet } from '../../src/devnet/start-devnet.js';
import { devnetValues } from '../../src/market/index.js';
import {
  beginning,
  firstOpening,
  nextMove,
  readDescent,
  writeDescent,
  type Side,
} from '../../src/pinpoint/index.js';
import { deployHarness } from '../deploy-harness.js';
import { countingWitness, type Lie, type Run } from '../pinpoint/counting-machine.js';
import type { Figure } from './measure.js';

const TOKEN = 10n ** 18n;
/** Small, but with every level of a descent. */
const RUN: Run = { elements: 70, terms: 60, steps: 23, interval: 5 };
const LIE: Lie = { step: 8, operator: 1, element: 33, term: 41 };
const SEATS = 3;
const coder = AbiCoder.defaultAbiCoder();

/** About a tenth above what was measured. */
const CEILINGS: Readonly<Record<string, number>> = {
  deposit: 118_000,
  submit: 290_000,
  takeSeat: 196_000,
  claim: 250_000,
  checkpoint: 80_000,
  prove: 66_000,
  'draw of three seats': 200_000,
  commitAttestation: 62_000,
  revealAttestation: 68_000,
  settle: 132_000,
  release: 105_000,
  demand: 258_000,
  commitChallenge: 115_000,
  challenge: 275_000,
  'a move': 92_000,
  judge: 61_000,
  'resolve, answered': 90_000,
  'resolve, upheld': 113_000,
  withdraw: 80_000,
  burn: 108_000,
};

/** Of an attestation: of what is said; of a challenge: of what is right and what is disputed. */
function commitment(
  claim: bigint,
  seat: number | bigint,
  content: readonly string[],
  account: string,
): string {
  const words = ['uint256', 'uint256', ...content.map(() => 'bytes32'), 'address', 'bytes32'];
  return keccak256(coder.encode(words, [claim, seat, ...content, account, ZeroHash]));
}

const as = <C>(contract: C, signer: Signer): C =>
  (contract as { connect(signer: Signer): C }).connect(signer);

export async function marketGas(devnet: Devnet): Promise<Figure[]> {
  const most = new Map<string, number>();
  const { provider, signer } = devnet;
  const [submitter, solver, challenger, verifier] = [0, 1, 2, 3].map((i): Signer => devnet.accounts[i]!) as [
    Signer,
    Signer,
    Signer,
    Signer,
  ];
  async function paid(name: string, sending: Promise<ContractTransactionResponse>) {
    const receipt = (await (await sending).wait())!;
    most.set(name, Math.max(most.get(name) ?? 0, Number(receipt.gasUsed)));
    return receipt;
  }
  const deployed = async (name: keyof Contracts, args: readonly unknown[]): Promise<string> =>
    (await deployCode(signer, artifacts[name], args)).address;
  const founder = await signer.getAddress();
  const referee = await deployHarness(signer, 'CountingReferee', [RUN.elements, RUN.terms]);
  const tokenAt = await deployed('GensynToken', [founder, 2000n * TOKEN]);
  const parameters = await deployed('Parameters', [founder, devnetValues]);
  const pinpointAt = await deployed('Pinpoint', [await referee.getAddress()]);
  const token = contractAt('GensynToken', tokenAt, signer);
  const pinpoint = contractAt('Pinpoint', pinpointAt, signer);
  const selections = await deployed('Selections', []);
  const marketAt = await deployed('TaskMarket', [tokenAt, parameters, pinpointAt, selections]);
  const market = contractAt('TaskMarket', marketAt, signer);
  for (const account of [submitter, solver, challenger, verifier]) {
    await (await token.transfer(await account.getAddress(), 400n * TOKEN)).wait();
    await (await as(token, account).approve(marketAt, 400n * TOKEN)).wait();
    await paid('deposit', as(market, account).deposit(400n * TOKEN));
  }
  const wait = async (seconds: number): Promise<void> => {
    await provider.send('evm_increaseTime', [seconds]);
    await provider.send('evm_mine', []);
  };
  const truth = countingWitness(RUN);
  const last = new Uint8Array(32);
  last[31] = 4;
  const graph = hexlify(sha256(LIST_TAG, last, new Uint8Array(32)));
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

  /** A task that is submitted, claimed and proven as `witness` has it. Returns the claim. */
  async function proven(witness: ReturnType<typeof countingWitness>): Promise<bigint> {
    const now = (await provider.getBlock('latest'))!.timestamp;
    const submission = {
      ...{ job, entries: 4, graphTree: ZeroHash, parent: 0, segment: RUN.steps },
      ...{ rewardMin: 10n * TOKEN, rewardMax: 20n * TOKEN, rise: 1000, workTime: 1000 },
      ...{
        deadline: now + 100_000,
        artefacts: 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
      },
    };
    const [task, claim] = [(await market.tasks()) + 1n, (await market.claims()) + 1n];
    await paid('submit', as(market, submitter).submit(submission));
    await paid('claim', as(market, solver).claim(task, 0, 0));
    const run = await witness.run();
    const records = Math.ceil(RUN.steps / RUN.interval);
    const path = run.path(records - 1).map((each) => hexlify(each));
    const [root, state] = [hexlify(run.root), hexlify(run.entry(records - 1))];
    const { artefacts } = submission;
    await paid('checkpoint', as(market, solver).checkpoint(claim, records, root, state, path, artefacts));
    await paid('prove', as(market, solver).prove(claim, root));
    return claim;
  }

  for (let seat = 0; seat < SEATS; seat++) await paid('takeSeat', as(market, verifier).takeSeat());

  // Honest from the submission to the fees.
  const honest = await proven(truth);
  await provider.send('anvil_mine', ['0x2']);
  await paid('draw of three seats', market.draw(honest));
  const { sample } = await market.claimOf(honest);
  const from = Number(sample) * RUN.interval;
  const { traces } = await truth.segment(from, Math.min(RUN.interval, RUN.steps - from));
  const trace = hexlify(traces.at(-1)!);
  const owner = await verifier.getAddress();
  const seats = Array.from({ length: SEATS }, (_, i) => i + 1);
  for (const seat of seats) {
    const held = commitment(honest, seat, [trace], owner);
    const { seed } = await market.claimOf(honest);
    await paid('commitAttestation', as(market, verifier).commitAttestation(honest, seat, seed, held));
  }
  await wait(devnetValues.commitTime + 1);
  for (const seat of seats)
    await paid('revealAttestation', as(market, verifier).revealAttestation(honest, seat, trace, ZeroHash));
  await wait(2 * devnetValues.revealTime + devnetValues.challengeTime + 1);
  await paid('settle', market.settle(honest));
  for (const seat of seats) await paid('release', market.release(honest, seat));

  // A piece of what is claimed is wanted; that there is no such entry is the answer.
  const wanted = await proven(truth);
  const { root: claimed } = await market.claimOf(wanted);
  await paid('demand', as(market, challenger).demand(wanted, claimed, 1, 2, 0));
  const [roots, state] = [await truth.run(), await truth.state(RUN.interval - 1)];
  const place = {
    root: claimed,
    records: Math.ceil(RUN.steps / RUN.interval),
    record: 1,
    entry: 2,
    piece: 0,
  };
  const nothing = { name: ZeroHash, dtype: 0, dims: [], tensor: ZeroHash, entry: [], chunks: [], path: [] };
  const asked = await market.challenges();
  await pinpoint.answer((await market.challengeOf(asked)).game, place, {
    ...{ state: hexlify(roots.entry(0)), record: roots.path(0).map((each) => hexlify(each)) },
    ...{ count: 2, list: hexlify(state.root), ...nothing },
  });
  await paid('resolve, answered', market.resolve(asked));

  // False, and caught.
  const witnesses = [countingWitness(RUN, LIE), truth] as const;
  const players = [solver, challenger] as const;
  const claim = await proven(witnesses[0]);
  const [run, mine] = [await witnesses[0].run(), await witnesses[1].run()];
  const root = hexlify(mine.root);
  const held = commitment(claim, 0, [root, hexlify(run.root)], await challenger.getAddress());
  await paid('commitChallenge', as(market, challenger).commitChallenge(claim, held));
  const first = await firstOpening(
    truth,
    beginning(
      {
        ...{ job: ZeroHash, graph, entries: 4, interval: RUN.interval, step: 0, steps: RUN.steps },
        ...{ before: job.init, nodes: [hexlify(run.root), root] },
      },
      'run',
    ),
  );
  const number = (await market.challenges()) + 1n;
  let receipt = await paid(
    'challenge',
    as(market, challenger).challenge(claim, 0, root, ZeroHash, [], [...first]),
  );
  const { game } = await market.challengeOf(number);
  for (let side: Side = 0; ; side = side === 0 ? 1 : 0) {
    const moved = receipt.logs
      .map((log) => pinpoint.interface.parseLog(log))
      .find((event) => event?.name === 'Moved')!;
    const descent = readDescent(moved.args['descent'] as Iterable<string>);
    if (descent.level === 'value') {
      await paid('judge', pinpoint.judge(game, writeDescent(descent), 1, job, '0x'));
      break;
    }
    const opened = [...(moved.args['opened'] as Iterable<string>)];
    const move = await nextMove(witnesses[side], descent, opened, side);
    receipt = await paid('a move', as(pinpoint, players[side]).move(game, move));
  }
  await paid('resolve, upheld', market.resolve(number));
  await paid('burn', market.burn());
  await paid('withdraw', as(market, challenger).withdraw(TOKEN));

  return [...most].map(([name, gas]) => ({
    name,
    gas,
    ceiling: CEILINGS[name] ?? 0,
    of: `${RUN.steps} steps, intervals of ${RUN.interval}`,
  }));
}
