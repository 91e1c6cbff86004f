/** Whole training steps of a compiled job, confirmed on chain element by element. */
import { expect } from 'chai';
import { startDevnet, type Devnet } from '../../src/devnet/start-devnet.js';
import { MAX_TERMS, termsOf } from '../../src/referee/query.js';
import type { CommittedStep } from '../../src/referee/step.js';
import { allElements, BATCH_GAS, compareAll, refereeBatch, type RefereeBatch } from './batch.js';
import { tinyJob, type TinyJob } from './tiny-job.js';

/** In the second epoch: 16 rows to train on, 3 a step. */
const LATER = 6;

describe('a training step on chain', () => {
  let devnet: Devnet;
  let batch: RefereeBatch;
  let job: TinyJob;
  before(async () => {
    devnet = await startDevnet({ gasLimit: BATCH_GAS });
    batch = await refereeBatch(devnet);
    job = await tinyJob(LATER);
  });
  after(async () => {
    await devnet.stop();
    job.remove();
  });

  const sources = (step: CommittedStep): number[] =>
    step.job.graph.nodes.flatMap(({ op }, id) => (op === 'Input' ? [id] : []));
  const all = (step: CommittedStep): number[] => step.job.graph.nodes.map((_, id) => id);

  it('starts from weights, rows and masks that the chain recomputes', async () => {
    const step = job.steps[0]!;
    const { checked, mismatches } = await compareAll(
      batch,
      sources(step).flatMap((id) => allElements(step, id)),
    );
    expect(checked).to.be.greaterThan(60);
    expect(mismatches).to.deep.equal([]);
  });

  it('is right in every element', async () => {
    const step = job.steps[LATER]!;
    const { checked, mismatches } = await compareAll(
      batch,
      all(step).flatMap((id) => allElements(step, id)),
    );
    expect(mismatches.slice(0, 3)).to.deep.equal([]);
    const answers = step.values.map(({ data }, id) => {
      const terms = termsOf(step, step.job.graph.nodes[id]!);
      return data.length * (terms > MAX_TERMS ? terms : 1);
    });
    expect(checked).to.equal(answers.reduce((sum, each) => sum + each, 0));
    expect(checked).to.be.greaterThan(3000);
  });
});
