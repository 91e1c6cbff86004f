/** Full disputes about a real training run: every kind of fault is found exactly, in few moves and little gas. */
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { startMarketDevnet, type MarketDevnet } from '../../src/devnet/index.js';
import type { Fault, FaultKind } from '../../src/witness/index.js';
import { compiledJob, lyingWitness, type CompiledJob } from './compiled-job.js';
import { marketTable, type MarketTable } from './market-table.js';

// From packages/protocol/dist/test/witness.
const DIGITS = fileURLToPath(new URL('../../../../../examples/digits/job.gml', import.meta.url));
const MOVES_A_SIDE = 12;
/** Of all transactions of both sides. */
const GAS_CEILING = 2_000_000;
const SECONDS = 60;

describe('a dispute about the digits', () => {
  let devnet: MarketDevnet;
  let compiled: CompiledJob;
  let table: MarketTable;
  before(async function () {
    this.timeout(120_000);
    devnet = await startMarketDevnet();
    compiled = await compiledJob(DIGITS);
    table = await marketTable(devnet, compiled);
  });
  after(async () => {
    await table?.close();
    await compiled?.close();
    await devnet.stop();
  });

  // Of the seventh interval: its honest steps are computed once.
  const at = (kind: FaultKind, step: number, steps = 1): Fault => ({ kind, step, steps, seed: step });
  async function play(fault: Fault, side: 0 | 1): Promise<void> {
    const began = performance.now();
    const { liar, witness } = lyingWitness(compiled, fault);
    const sides = side === 0 ? ([witness, compiled.honest] as const) : ([compiled.honest, witness] as const);
    const { descent, moves, outcome, claimStatus, gas, sent } = await table.dispute(...sides);
    const seconds = (performance.now() - began) / 1000;
    console.log(`      ${sent.join(', ')}`);
    console.log(
      `      ${moves.join(' and ')} moves, ${gas} gas for everything, ${seconds.toFixed(1)} s; step ${descent.step}, operator ${descent.operator}, element ${descent.element}, term ${descent.term}`,
    );
    const { step, operator, element, term } = descent;
    expect({ step, operator, element, term }).to.deep.equal(liar.planted());
    expect(outcome).to.equal(side === 0 ? 'challenger' : 'defender');
    expect(claimStatus).to.equal(side === 0 ? 4 : 2);
    expect(Math.max(...moves)).to.be.at.most(MOVES_A_SIDE);
    expect(gas).to.be.below(GAS_CEILING);
    expect(seconds).to.be.below(SECONDS);
  }

  for (const fault of [at('partial', 333), at('batch', 301), at('skip', 320, 30), at('weight', 349)]) {
    it(`finds a false claim: ${fault.kind}`, async function () {
      this.timeout(2 * SECONDS * 1000);
      await play(fault, 0);
    });
  }

  it('costs a false challenge its bond', async function () {
    this.timeout(2 * SECONDS * 1000);
    await play(at('operator', 325), 1);
  });
});
