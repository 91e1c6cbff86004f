import { expect } from 'chai';
import { evaluate, firstOutside, formatRange, OPERATORS, randomGraph } from '../src/index.js';
import { differences } from './onnxruntime.js';

describe('random graphs', () => {
  it('compute values inside the ranges that are deduced for them', function () {
    this.timeout(120_000);
    const met = new Set<string>();
    for (let seed = 0; seed < 2000; seed++) {
      const { graph, inputs } = randomGraph(seed);
      evaluate(graph, inputs).forEach(({ data }, id) => {
        const node = graph.nodes[id]!;
        met.add(node.op);
        const outside = firstOutside(data, node.range);
        if (outside >= 0)
          expect.fail(
            `seed ${seed}: node ${id} ${node.op} computes ${data[outside]} outside ${formatRange(node.range)}`,
          );
      });
    }
    expect([...met].sort(), 'every operator occurs').to.deep.equal(Object.keys(OPERATORS).sort());
  });

  for (const threads of [1, 2]) {
    it(`compute the same bits on onnxruntime with ${threads} thread${threads === 1 ? '' : 's'}`, async function () {
      this.timeout(120_000);
      for (let seed = 10_000 * threads; seed < 10_000 * threads + 300; seed++) {
        // Every tenth graph is large enough to be shared between threads.
        const { graph, inputs } = randomGraph(seed, seed % 10 === 0 ? { axis: 24, nodes: 16 } : {});
        expect(await differences(graph, inputs, threads), `seed ${seed}`).to.deep.equal([]);
      }
    });
  }
});
