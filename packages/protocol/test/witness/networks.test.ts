/** Faults in every operator of the convolutional network and of the GPT, narrow versions of the examples: each is pinned on chain. */
import fs from 'node:fs';
import { uniformBits, type Node } from '@gensyn/ir';
import { expect } from 'chai';
import { startMarketDevnet, type MarketDevnet } from '../../src/devnet/index.js';
import { MAX_TERMS, termsOf } from '../../src/referee/index.js';
import { FAULT_KINDS, randomFault, type Fault } from '../../src/witness/index.js';
import { BLOCK_GAS, lost, playGames } from '../pinpoint/play-games.js';
import { boutOf, type Bout } from './bout.js';
import { compiledJob, lyingWitness, remembering, type CompiledJob } from './compiled-job.js';
import { marketTable, type MarketTable } from './market-table.js';
import { networkFolder, NETWORKS, type Network } from './network-jobs.js';

const MOVES_A_SIDE = 12;
/** Of all transactions of both sides. */
const GAS_CEILING = 2_000_000;
const SECONDS = 60;
/** Of each kind of operator: more with GENSYN_FAULTS=<number>. */
const FAULTS = Number(process.env['GENSYN_FAULTS'] ?? 2) || 100;

for (const [which, name] of (Object.keys(NETWORKS) as Network[]).entries()) {
  describe(`faults in a narrow ${name}`, () => {
    let devnet: MarketDevnet;
    let compiled: CompiledJob;
    let table: MarketTable;
    let accounts: [string, string, string];
    const folder = networkFolder(name);
    before(async function () {
      this.timeout(120_000);
      devnet = await startMarketDevnet({ gasLimit: BLOCK_GAS });
      const { source, set } = NETWORKS[name](folder);
      compiled = await compiledJob(source, remembering, set);
      table = await marketTable(devnet, compiled);
      const signers = devnet.accounts.slice(1, 4);
      accounts = (await Promise.all(signers.map((each) => each.getAddress()))) as typeof accounts;
    });
    after(async () => {
      await table?.close();
      await compiled?.close();
      await devnet?.stop();
      fs.rmSync(folder, { recursive: true });
    });

    /** What the referee has a way of its own for: operators, inputs by their source, reductions by whether they are judged by terms. */
    function kindOf(node: Node): string {
      const types = { values: compiled.job.step.nodes.map(({ type }) => type) };
      if (node.source) return `${node.op} of ${node.source.kind}`;
      const terms = termsOf(types, node);
      return terms === 0 ? node.op : `${node.op} ${terms > MAX_TERMS ? 'by terms' : 'at once'}`;
    }

    function nodesByKind(): Map<string, number[]> {
      const kinds = new Map<string, number[]>();
      compiled.job.step.nodes.forEach((node, id) => {
        const kind = kindOf(node);
        kinds.set(kind, [...(kinds.get(kind) ?? []), id]);
      });
      return kinds;
    }

    /** One element of a random one of `nodes`, in a random step. */
    function faultIn(nodes: readonly number[], seed: number): Fault {
      const { manifest, step: graph } = compiled.job;
      const run = { from: 0, steps: manifest.steps, interval: manifest.checkpointEvery };
      const operator = nodes[uniformBits(seed, 0, 0, 0) % nodes.length]!;
      const { shape } = graph.nodes[operator]!.type;
      const element = uniformBits(seed, 0, 0, 1) % shape.reduce((a, b) => a * b, 1);
      const types = { values: graph.nodes.map(({ type }) => type) };
      const terms = termsOf(types, graph.nodes[operator]!);
      const term = terms > MAX_TERMS ? { term: uniformBits(seed, 0, 0, 3) % terms } : {};
      return { ...randomFault('operator', run, seed), operator, element, ...term };
    }

    it('cost a solver its claim, in few moves and little gas', async function () {
      this.timeout(2 * SECONDS * 1000);
      const { manifest } = compiled.job;
      const run = { from: 0, steps: manifest.steps, interval: manifest.checkpointEvery };
      const began = performance.now();
      // The longest way: down to a term of a sum.
      const fault = randomFault('partial', run, 7 + which);
      const { liar, witness } = lyingWitness(compiled, fault);
      const { descent, moves, outcome, claimStatus, gas, sent } = await table.dispute(
        witness,
        compiled.honest,
      );
      const seconds = (performance.now() - began) / 1000;
      console.log(`      ${sent.join(', ')}`);
      console.log(`      ${moves.join(' and ')} moves, ${gas} gas for everything, ${seconds.toFixed(1)} s`);
      const { step, operator, element, term } = descent;
      expect({ step, operator, element, term }).to.deep.equal(liar.planted());
      expect(term).to.be.a('number');
      expect(outcome).to.equal('challenger');
      expect(claimStatus).to.equal(4);
      expect(Math.max(...moves)).to.be.at.most(MOVES_A_SIDE);
      expect(gas).to.be.below(GAS_CEILING);
      expect(seconds).to.be.below(SECONDS);
    });

    it('are pinned to operator, element and term, whatever the operator', async function () {
      this.timeout(120_000);
      const kinds = nodesByKind();
      const faults = [...kinds.values()].flatMap((nodes, k) =>
        Array.from({ length: FAULTS }, (_, i) => faultIn(nodes, 1000 * which + FAULTS * k + i)),
      );
      const { manifest, step: graph } = compiled.job;
      const run = { from: 0, steps: manifest.steps, interval: manifest.checkpointEvery };
      for (const kind of FAULT_KINDS) faults.push(randomFault(kind, run, which));
      const bouts: Bout[] = [];
      for (const [i, fault] of faults.entries()) bouts.push(await boutOf(compiled, fault, i));
      const { pinpoint } = table.clients[0]!;
      const plans = bouts.map(({ plan }) => plan);
      const played = await playGames(devnet.provider, pinpoint, accounts, plans);
      expect(lost(played)).to.deep.equal([]);
      played.forEach(({ descent, flagged, plan }, i) => {
        const { step, operator, element, term } = descent;
        expect({ step, operator, element, term, flagged }, plan.name).to.deep.equal({
          ...bouts[i]!.planted(),
          flagged: false,
        });
      });
      const most = Math.max(...played.flatMap(({ moves }) => moves));
      const families = [...kinds].map(([kind, nodes]) => `${kind} ${nodes.length}`).join(', ');
      console.log(`      ${graph.nodes.length} nodes: ${families}`);
      console.log(`      ${played.length} games, at most ${most} moves a side`);
      expect(most).to.be.at.most(MOVES_A_SIDE);
    });
  });
}
