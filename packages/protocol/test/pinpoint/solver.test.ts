/** Honest players win every game: all places of a fault in a small machine, both sides, all ways to misbehave. */
import { artifacts, type Contracts } from '@gensyn/contracts';
import { LIST_TAG, sha256, type Graph, type Node } from '@gensyn/ir';
import { expect } from 'chai';
import { hexlify, ZeroHash } from 'ethers';
import { contractAt } from '../../src/contracts/contract-at.js';
import { deployCode } from '../../src/deploy/deploy.js';
import { startDevnet, type Devnet } from '../../src/devnet/start-devnet.js';
import { beginning, type Side, type Witness } from '../../src/pinpoint/index.js';
import {
  chainJobRoot,
  copycatPlayer,
  garbagePlayer,
  garbageWitness,
  honestPlayer,
  latePlayer,
  replayingPlayer,
  silentPlayer,
  type ChainJob,
  type Player,
} from '../../src/witness/index.js';
import { deployHarness } from '../deploy-harness.js';
import { countingWitness, type Lie, type Run } from './counting-machine.js';
import { BLOCK_GAS, CLOCK, lost, playGames, type GamePlan, type Played } from './play-games.js';

/** Two chunks of elements and of partial results, and a last interval that is shorter. */
const RUN: Run = { elements: 9, terms: 9, steps: 3, interval: 2 };
const ENTRIES = 4;
const SIDES = [0, 1] as const;
/** With GENSYN_GAMES=all: all pairs of an element and a term of the sums, and every way to misbehave at every place, by both sides. */
const ALL = process.env['GENSYN_GAMES'] === 'all';
/** Games that are played on the chain at a time. */
const AT_ONCE = 250;
/** No game has more moves of one side. */
const MOST_MOVES = 10;

describe('honest players', () => {
  const truth = countingWitness(RUN);
  let devnet: Devnet;
  let pinpoint: Contracts['Pinpoint'];
  let accounts: [string, string, string];
  before(async () => {
    devnet = await startDevnet({ gasLimit: BLOCK_GAS });
    const referee = await deployHarness(devnet.signer, 'CountingReferee', [RUN.elements, RUN.terms]);
    const { address } = await deployCode(devnet.signer, artifacts.Pinpoint, [await referee.getAddress()]);
    pinpoint = contractAt('Pinpoint', address, devnet.signer);
    accounts = (await Promise.all(devnet.accounts.slice(1, 4).map((each) => each.getAddress()))) as [
      string,
      string,
      string,
    ];
  });
  after(() => devnet.stop());

  const word = (value: number): Uint8Array => {
    const bytes = new Uint8Array(32);
    bytes[31] = value;
    return bytes;
  };
  const job: ChainJob = {
    graph: hexlify(sha256(LIST_TAG, word(ENTRIES), word(0))),
    data: ZeroHash,
    init: hexlify(truth.stateRoot(0)),
    seed: 1,
    batch: 1,
    steps: RUN.steps,
    interval: RUN.interval,
    holdout: 0,
  };

  const everyLie: readonly Lie[] = Array.from({ length: RUN.steps }, (_, step) => step)
    .flatMap((step) => [0, 1, 2, 3].map((operator) => ({ step, operator })))
    .flatMap((place) =>
      Array.from({ length: place.operator === 3 ? 2 : RUN.elements }, (_, element) => ({
        ...place,
        element,
      })),
    )
    .flatMap((place) =>
      Array.from({ length: place.operator === 1 ? RUN.terms : 1 }, (_, term) => ({ ...place, term })),
    )
    // Every element and every term at least.
    .filter(
      ({ operator, element, term }) =>
        ALL || operator !== 1 || element === 0 || term === (element * 4) % RUN.terms,
    );

  /** A game of the honest player against a liar, over the whole run or over the operator list of an interval's last step. */
  async function plan(
    name: string,
    side: Side,
    witness: Witness,
    behave: (player: Player) => Player = (player) => player,
    interval?: number,
    frontRun = false,
  ): Promise<GamePlan> {
    const lying = behave(honestPlayer(witness));
    const honest = honestPlayer(truth);
    const from = interval === undefined ? 0 : interval * RUN.interval;
    const steps = interval === undefined ? RUN.steps : Math.min(RUN.interval, RUN.steps - from);
    const rootOf = async (each: Witness): Promise<string> =>
      hexlify(
        interval === undefined ? (await each.run()).root : (await each.segment(from, steps)).traces.at(-1)!,
      );
    const [wrong, right] = [await rootOf(witness), await rootOf(truth)];
    const common = { job: chainJobRoot(job), graph: job.graph, entries: ENTRIES, interval: RUN.interval };
    const before = hexlify(truth.stateRoot(from));
    const nodes = side === 0 ? ([wrong, right] as const) : ([right, wrong] as const);
    return {
      name: `${name} by the ${side === 0 ? 'defender' : 'challenger'}`,
      job,
      start: beginning(
        { ...common, step: from, steps, before, nodes },
        interval === undefined ? 'run' : 'attestation',
      ),
      players: side === 0 ? [lying, honest] : [honest, lying],
      honest: (1 - side) as Side,
      proof: (descent) => truth.proof(descent),
      frontRun,
    };
  }

  const nameOf = (lie: Lie): string => `${lie.step}/${lie.operator}/${lie.element}/${lie.term}`;
  async function play(plans: readonly GamePlan[]): Promise<Played[]> {
    const played = await playGames(devnet.provider, pinpoint, accounts, plans);
    expect(lost(played).slice(0, 5)).to.deep.equal([]);
    expect(Math.max(...played.flatMap(({ moves }) => moves))).to.be.at.most(MOST_MOVES);
    return played;
  }

  it('find every lie in its place', async function () {
    this.timeout(ALL ? 3_600_000 : 600_000);
    const lies = everyLie.flatMap((lie) => SIDES.map((side) => ({ lie, side })));
    const plans = await Promise.all(
      lies.map(({ lie, side }) => plan(`lie ${nameOf(lie)}`, side, countingWitness(RUN, lie))),
    );
    const played = await play(plans);
    played.forEach(({ descent, flagged }, i) => {
      const { step, operator, element, term } = lies[i]!.lie;
      expect([descent.step, descent.operator, descent.element, descent.term, flagged]).to.deep.equal([
        step,
        operator,
        element,
        operator === 1 ? term : undefined,
        false,
      ]);
    });
    console.log(
      `      ${played.length} games, at most ${Math.max(...played.flatMap(({ moves }) => moves))} moves a side`,
    );
  });

  it('find lies of attestations', async function () {
    this.timeout(ALL ? 3_600_000 : 600_000);
    const plans = await Promise.all(
      everyLie.flatMap((lie, i) =>
        (ALL ? SIDES : [SIDES[i % 2]!]).map((side) =>
          plan(
            `attested ${nameOf(lie)}`,
            side,
            countingWitness(RUN, lie),
            undefined,
            Math.floor(lie.step / RUN.interval),
          ),
        ),
      ),
    );
    const played = await play(plans);
    console.log(`      ${played.length} games`);
  });

  it('win against silence, lateness, garbage, replays and copies at every turn, and when somebody moves before them', async function () {
    this.timeout(ALL ? 3_600_000 : 600_000);
    const behaviours: [string, (player: Player) => Player][] = [
      ['late', (player) => latePlayer(player, CLOCK)],
    ];
    for (let moves = 0; moves < 5; moves++) {
      behaviours.push(
        [`silent after ${moves}`, (player) => silentPlayer(player, moves)],
        [`replaying after ${moves}`, (player) => replayingPlayer(player, moves)],
        [`copying after ${moves}`, (player) => copycatPlayer(player, moves)],
        [`garbage after ${moves}`, (player) => garbagePlayer(player, moves, moves)],
      );
    }
    behaviours.push(['front-run', (player) => player]);
    // Everything with everything; else every behaviour of each side at every operator, each time with another lie of it.
    const turns = new Map<number, number>();
    const next = (operator: number): Lie => {
      const all = everyLie.filter((lie) => lie.operator === operator);
      const turn = turns.get(operator) ?? 0;
      turns.set(operator, turn + 1);
      return all[turn % all.length]!;
    };
    const cases = behaviours.flatMap((behaviour) =>
      SIDES.flatMap((side) =>
        (ALL ? everyLie : [0, 1, 2, 3].map(next)).map((lie) => ({ lie, side, behaviour })),
      ),
    );
    const played: Played[] = [];
    for (let first = 0; first < cases.length; first += AT_ONCE)
      played.push(
        ...(await play(
          await Promise.all(
            cases.slice(first, first + AT_ONCE).map(({ lie, side, behaviour: [name, behave] }) => {
              const witness = countingWitness(RUN, lie);
              const frontRun = name === 'front-run';
              return plan(`${name} with ${nameOf(lie)}`, side, witness, behave, undefined, frontRun);
            }),
          ),
        )),
      );
    const pairs = new Set(cases.map(({ lie, side, behaviour: [name] }) => `${name} ${side} ${lie.operator}`));
    expect(pairs.size).to.equal(behaviours.length * SIDES.length * 4);
    expect(new Set(cases.map(({ lie }) => lie.step)).size).to.equal(RUN.steps);
    const flagged = played.filter((each) => each.flagged).length;
    console.log(`      ${played.length} games, ${flagged} of them ended by the clock`);
    expect(flagged).to.be.greaterThan(played.length / 4);
  });

  it('win against runs that never were, under trees that fit each other', async function () {
    this.timeout(ALL ? 3_600_000 : 600_000);
    const node = { type: { dtype: 'f32', shape: [RUN.elements] } } as unknown as Node;
    const output = (name: string, at: number) => ({ name, node: at, role: 'state' }) as const;
    const graph: Graph = { nodes: [node, node, node], outputs: [output('a', 2), output('b', 1)] };
    const plans = await Promise.all(
      Array.from({ length: 10 }, (_, seed) => seed).flatMap((seed) =>
        SIDES.map((side) => {
          const garbage = garbageWitness({ graph, from: 0, ...RUN, seed, shapes: truth });
          return plan(`garbage ${seed}`, side, garbage, undefined, seed % 2 === 0 ? undefined : 1);
        }),
      ),
    );
    await play(plans);
  });
});
