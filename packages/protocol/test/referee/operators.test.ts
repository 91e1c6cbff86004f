/** The contract against the normative evaluation: every element of every operator's examples and of random graphs, byte for byte. */
import {
  evaluate,
  GraphBuilder,
  OPERATORS,
  randomGraph,
  randomInputs,
  rangeOf,
  type Case,
  type Graph,
  type OperatorName,
  type TensorValue,
} from '@gensyn/ir';
import { expect } from 'chai';
import { startDevnet, type Devnet } from '../../src/devnet/start-devnet.js';
import { commitStep, type CommittedStep } from '../../src/referee/step.js';
import { allElements, allTerms, BATCH_GAS, compareAll, refereeBatch, type RefereeBatch } from './batch.js';

function stepOf(graph: Graph, inputs: Readonly<Record<string, TensorValue>>): CommittedStep {
  return commitStep(
    { graph, seed: 1, batch: 1, columns: [], columnBytes: () => new Uint8Array() },
    0,
    evaluate(graph, inputs),
  );
}

/** A graph of one operator over inputs that hold the operands of an example. */
function caseStep(op: OperatorName, example: Case): CommittedStep {
  const builder = new GraphBuilder();
  const operands = example.inputs.map((value, i) => {
    const { dtype, shape } = value;
    return builder.input(`x${i}`, { dtype, shape }, rangeOf(value.data), { kind: 'free' });
  });
  builder.output('y', builder.add(op, operands, example.attributes), 'output');
  return stepOf(builder.build(), Object.fromEntries(example.inputs.map((value, i) => [`x${i}`, value])));
}

const computed = (graph: Graph): number[] =>
  graph.nodes.flatMap((node, id) => (node.op === 'Input' ? [] : [id]));

describe('the referee', () => {
  let devnet: Devnet;
  let batch: RefereeBatch;
  before(async () => {
    devnet = await startDevnet({ gasLimit: BATCH_GAS });
    batch = await refereeBatch(devnet);
  });
  after(() => devnet.stop());

  for (const [name, operator] of Object.entries(OPERATORS).filter(([, { cases }]) => cases.length > 0)) {
    it(`computes ${name} as defined`, async () => {
      const asked = operator.cases.flatMap((example) => {
        const step = caseStep(name as OperatorName, example);
        const node = step.values.length - 1;
        const terms =
          operator.family === 'reduce'
            ? Array.from(step.values[node]!.data, (_, element) => allTerms(step, node, element)).flat()
            : [];
        return [...allElements(step, node), ...terms];
      });
      const { checked, mismatches } = await compareAll(batch, asked);
      expect(checked).to.be.greaterThan(0);
      expect(mismatches).to.deep.equal([]);
    });
  }

  it('computes every element of random graphs as defined', async () => {
    let checked = 0;
    const seen = new Set<OperatorName>();
    for (let seed = 1; seed <= 20; seed++) {
      const { graph, inputs } = randomGraph(seed, { nodes: 20, axis: 4 });
      for (const given of [inputs, randomInputs(graph, seed + 1000)]) {
        const step = stepOf(graph, given);
        const asked = computed(graph).flatMap((id) => allElements(step, id));
        const tally = await compareAll(batch, asked);
        expect(tally.mismatches.slice(0, 3), `seed ${seed}`).to.deep.equal([]);
        checked += tally.checked;
      }
      graph.nodes.forEach(({ op }) => seen.add(op));
    }
    expect(seen.size).to.equal(Object.keys(OPERATORS).length);
    expect(checked).to.be.greaterThan(4_000);
  });
});
