/** With less gas than a check needs there is never a verdict, however much less. */
import { evaluate, GraphBuilder, rangeOf, type OperatorName, type Value } from '@gensyn/ir';
import { artifacts } from '@gensyn/contracts';
import { expect } from 'chai';
import { Interface } from 'ethers';
import { startDevnet, type Devnet } from '../../src/devnet/start-devnet.js';
import { bitsOfValue } from '../../src/referee/ask-referee.js';
import { claimOf } from '../../src/referee/claim.js';
import { buildQuery } from '../../src/referee/query.js';
import { commitStep, type CommittedStep } from '../../src/referee/step.js';
import { refereeBatch, type RefereeBatch } from './batch.js';
import { tinyJob } from './tiny-job.js';
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

  async function attempt(
    call: string,
    gas: number,
  ): Promise<{ readonly answered: boolean; readonly answer: string }> {
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

  /** Neither `check` nor `judge` of this element answers with less than its need. */
  async function neverJudged(step: CommittedStep, node: number, element: number): Promise<void> {
    const value = step.values[node]!;
    const query = buildQuery(step, node, element);
    const right = bitsOfValue(value.dtype, value.data[element]!);
    const lie = { ...value, data: value.data.slice() };
    lie.data[element] = value.dtype === 'bool' ? 1 - value.data[element]! : 77;
    const calls = [
      abi.encodeFunctionData('check', [query]),
      abi.encodeFunctionData('judge', [query, claimOf(lie, element), claimOf(value, element)]),
    ];
    for (const call of calls) {
      const enough = await need(call);
      const { answered, answer } = await attempt(call, enough);
      expect(answered).to.equal(true);
      expect(answer).to.contain(right.toString(16).padStart(8, '0'));
      // The bound that is asked for lies above what is used: what fails with one gas less is the bound.
      const below = await attempt(call, enough - 1);
      expect(nameOf(below.answer)).to.equal('TooLittleGas');
      for (let n = 1; n <= TRIES; n++) {
        const { answered: judged, answer: said } = await attempt(
          call,
          Math.floor((enough * n) / (TRIES + 1)),
        );
        expect(judged, `${n}/${TRIES + 1} of the gas`).to.equal(false);
        expect(nameOf(said)).to.be.oneOf(['', 'TooLittleGas']);
      }
    }
  }

  /** Empty where not even a reason was given. */
  const nameOf = (answer: string): string | undefined =>
    answer === '0x' ? '' : abi.parseError(answer)?.name;

  for (const op of Object.keys(WIDE) as OperatorName[]) {
    it(`${op} is not judged`, async () => {
      const step = wideStep(op);
      await neverJudged(step, step.values.length - 1, 10);
    });
  }

  it('a node of as many operands and axes as there may be is not judged', async () => {
    const builder = new GraphBuilder();
    const type = { dtype: 'f32', shape: [1, 1, 1, 1, 1, 1, 1, 2] } as const;
    const value = { ...type, data: Float32Array.of(1, 2) };
    const x = builder.input('x', type, rangeOf(value.data), { kind: 'free' });
    builder.output('y', builder.add('Concat', new Array<Value>(32).fill(x), { axis: 7 }), 'output');
    const graph = builder.build();
    const job = { graph, seed: 1, batch: 1, columns: [], columnBytes: () => new Uint8Array() };
    await neverJudged(commitStep(job, 1, evaluate(graph, { x: value })), 1, 63);
  });

  it('inputs and constants are not judged', async () => {
    const job = await tinyJob(1);
    try {
      for (const step of job.steps) {
        const { nodes } = step.job.graph;
        const kinds = ['state', 'batch', 'dropout'].map((kind) =>
          nodes.findIndex(({ source }) => source?.kind === kind),
        );
        for (const id of [...kinds, nodes.findIndex(({ op }) => op === 'Constant')])
          await neverJudged(step, id, 0);
      }
    } finally {
      job.remove();
    }
  });
});
