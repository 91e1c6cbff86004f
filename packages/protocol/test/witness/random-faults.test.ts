/** Hundreds of faults in real training runs, over all operators and levels, each played to its end on a chain: the truth wins each time. */
import { artifacts, type Contracts } from '@gensyn/contracts';
import { OPERATORS, uniformBits } from '@gensyn/ir';
import { expect } from 'chai';
import { contractAt } from '../../src/contracts/contract-at.js';
import { deployCode } from '../../src/deploy/deploy.js';
import { startDevnet, type Devnet } from '../../src/devnet/start-devnet.js';
import { FAULT_KINDS, randomFault, type Fault } from '../../src/witness/index.js';
import { BLOCK_GAS, lost, playGames } from '../pinpoint/play-games.js';
import { boutOf, type Bout } from './bout.js';
import { compiledJob, remembering, type CompiledJob } from './compiled-job.js';
import { MORE_OPERATORS, withMoreOperators } from './more-operators.js';
import { SMALL_JOBS, writeSmallJob } from './small-jobs.js';

/** More with GENSYN_GAMES=<number>. */
const GAMES = Number(process.env['GENSYN_GAMES'] ?? 300) || 3000;
const MOST_MOVES = 12;

describe('random faults of real runs', () => {
  let devnet: Devnet;
  let pinpoint: Contracts['Pinpoint'];
  let accounts: [string, string, string];
  const jobs: CompiledJob[] = [];
  const removing: (() => void)[] = [];
  before(async function () {
    this.timeout(120_000);
    devnet = await startDevnet({ gasLimit: BLOCK_GAS });
    const deployed = async (name: keyof Contracts, args: readonly unknown[] = []): Promise<string> =>
      (await deployCode(devnet.signer, artifacts[name], args)).address;
    const referee = await deployed('GraphReferee', [await deployed('Referee')]);
    pinpoint = contractAt('Pinpoint', await deployed('Pinpoint', [referee]), devnet.signer);
    accounts = (await Promise.all(devnet.accounts.slice(1, 4).map((each) => each.getAddress()))) as [
      string,
      string,
      string,
    ];
    for (const name of SMALL_JOBS) {
      const { source, remove } = writeSmallJob(name);
      removing.push(remove);
      jobs.push(await compiledJob(source, remembering));
    }
    jobs.push(withMoreOperators(jobs.at(-1)!, remembering));
  });
  after(async () => {
    for (const job of jobs) await job.close();
    for (const remove of removing) remove();
    await devnet.stop();
  });

  /** An element of a random node that computes `op`, or an ordinary fault at a random place. */
  function faultOf(compiled: CompiledJob, i: number): Fault {
    const { manifest, step: graph } = compiled.job;
    const run = { from: 0, steps: manifest.steps, interval: manifest.checkpointEvery };
    const more = compiled === jobs.at(-1);
    if (!more && i % 4 === 0) return randomFault(FAULT_KINDS[(i / 4) % FAULT_KINDS.length]!, run, i);
    const ops = more ? MORE_OPERATORS : [...new Set(graph.nodes.map(({ op }) => op))];
    const op = ops[i % ops.length]!;
    const nodes = graph.nodes.flatMap((node, id) => (node.op === op ? [id] : []));
    const operator = nodes[uniformBits(i, 0, 0, 0) % nodes.length]!;
    const size = graph.nodes[operator]!.type.shape.reduce((a, b) => a * b, 1);
    const element = uniformBits(i, 0, 0, 1) % size;
    return { ...randomFault('operator', run, i), operator, element };
  }

  it('are pinned to operator, element and term, and lost by the liar', async function () {
    this.timeout(GAMES * 1000);
    const seen = new Map<string, number>();
    let [games, most, attested] = [0, 0, 0];
    const fifth = Math.floor(GAMES / 5);
    // The first job is more than twice as large; the last is for what the others do not compute.
    const shares = [fifth, GAMES - 2 * fifth, fifth];
    for (const [j, compiled] of jobs.entries()) {
      const share = shares[j]!;
      for (let first = 0; first < share; first += 100) {
        const bouts: Bout[] = [];
        for (let i = first; i < Math.min(first + 100, share); i++)
          bouts.push(await boutOf(compiled, faultOf(compiled, i), i));
        const played = await playGames(
          devnet.provider,
          pinpoint,
          accounts,
          bouts.map(({ plan }) => plan),
        );
        expect(lost(played).slice(0, 5)).to.deep.equal([]);
        played.forEach(({ descent, moves, flagged, plan }, k) => {
          const { step, operator, element, term } = descent;
          expect({ step, operator, element, term, flagged }, plan.name).to.deep.equal({
            ...bouts[k]!.planted(),
            flagged: false,
          });
          most = Math.max(most, ...moves);
          if (plan.start.level === 'attestation') attested++;
          seen.set(bouts[k]!.op, (seen.get(bouts[k]!.op) ?? 0) + 1);
        });
        games += played.length;
      }
    }
    console.log(
      `      ${games} games, ${attested} of them over attestations, at most ${most} moves a side: ${[...seen].map(([op, n]) => `${op} ${n}`).join(', ')}`,
    );
    expect(most).to.be.at.most(MOST_MOVES);
    expect(Object.keys(OPERATORS).filter((op) => !seen.has(op))).to.deep.equal([]);
    expect(seen.has('state')).to.equal(true);
  });
});
