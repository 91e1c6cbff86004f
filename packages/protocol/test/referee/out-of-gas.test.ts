/** With less gas than a check needs there is never a verdict, however much less. */
import type { OperatorName } from '@gensyn/ir';
import { artifacts } from '@gensyn/contracts';
import { expect } from 'chai';
import { Interface } from 'ethers';
import { startDevnet, type Devnet } from '../../src/devnet/start-devnet.js';
import { bitsOfValue } from '../../src/referee/ask-referee.js';
import { claimOf } from '../../src/referee/claim.js';
import { buildQuery } from '../../src/referee/query.js';
import { refereeBatch, type RefereeBatch } from './batch.js';
import { WIDE, wideStep } from './wide-steps.js';

const abi = new Interface(artifacts.Referee.abi as object[]);
const ENOUGH = 3_000_000;
/** Gas limits tried below the need. */
const TRIES = 24;

describe('out of gas', () => {
  let devnet: Devnet;
  let batch: RefereeBatch;
  before(async () => {
    devnet = await startDevnet();
    batch = await refereeBatch(devnet);
  });
  after(() => devnet.stop());

  async function attempt(call: string, gas: number): Promise<{ readonly answered: boolean; readonly answer: string }> {
    const [answered, answer] = (await batch.contract.getFunction('attempt')(call, gas)) as [boolean, string];
    return { answered, answer };
  }

  /** The least gas with which the call is answered: below, the answer is an error. */
  async function need(call: string): Promise<number> {
    let [low, high] = [0, ENOUGH];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((await attempt(call, middle)).answered) high = middle;
      else low = middle;
    }
    return high;
  }

  for (const op of Object.keys(WIDE) as OperatorName[]) {
    it(`${op} is not judged`, async () => {
      const step = wideStep(op);
      const node = step.values.length - 1;
      const value = step.values[node]!;
      const query = buildQuery(step, node, 10);
      const right = bitsOfValue(value.dtype, value.data[10]!);
      const lie = { ...value, data: value.data.slice() };
      lie.data[10] = value.dtype === 'bool' ? 1 - value.data[10]! : 77;
      const calls = [abi.encodeFunctionData('check', [query]), abi.encodeFunctionData('judge', [query, claimOf(lie, 10), claimOf(value, 10)])];
      for (const call of calls) {
        const enough = await need(call);
        const { answered, answer } = await attempt(call, enough);
        expect(answered).to.equal(true);
        expect(answer).to.contain(right.toString(16).padStart(8, '0'));
        // The bound that is asked for lies above what is used: what fails with one gas less is the bound.
        const below = await attempt(call, enough - 1);
        expect(abi.parseError(below.answer)?.name).to.equal('TooLittleGas');
        for (let n = 1; n <= TRIES; n++) {
          const { answered: judged, answer: said } = await attempt(call, Math.floor((enough * n) / (TRIES + 1)));
          expect(judged, `${op} with ${n}/${TRIES + 1} of the gas`).to.equal(false);
          expect(said === '0x' || abi.parseError(said)?.name === 'TooLittleGas').to.equal(true);
        }
      }
    });
  }
});
