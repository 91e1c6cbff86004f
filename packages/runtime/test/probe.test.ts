/** The conformance probe: silent about a device that is right, loud about one that is not. */
import { expect } from 'chai';
import type { ModelProto } from '@gensyn/ir';
import { openCpu, probeDevice, integerProductsAreExact, type Device } from '@gensyn/runtime';

/** The processor with one operator replaced by another. */
async function liar(from: string, to: string): Promise<Device> {
  const honest = await openCpu({ threads: 1, products: 'float' });
  return {
    ...honest,
    legalise(graph, name): ModelProto {
      const model = honest.legalise(graph, name);
      return {
        ...model,
        graph: {
          ...model.graph,
          node: (model.graph!.node ?? []).map((node) =>
            node.opType === from ? { ...node, opType: to } : node,
          ),
        },
      };
    },
  };
}

describe('conformance probe', function () {
  this.timeout(20_000);
  it('finds nothing on the processor, with either kernel of products', async () => {
    const kernels = ['float', ...((await integerProductsAreExact()) ? ['integer' as const] : [])] as const;
    for (const products of kernels) {
      const results = await probeDevice(
        await openCpu({ threads: 2, products: products as 'float' | 'integer' }),
      );
      expect(
        results.filter(({ different }) => different > 0),
        products,
      ).to.deep.equal([]);
    }
  });

  for (const [from, to] of [
    ['Max', 'Min'],
    ['LessOrEqual', 'Less'],
    ['Sub', 'Add'],
  ] as const) {
    it(`finds a device whose ${from} is ${to}`, async () => {
      const results = await probeDevice(await liar(from, to));
      const wrong = results
        .filter(({ different }) => different > 0)
        .map(({ operator }) => operator as string);
      expect(wrong).to.deep.equal([from]);
    });
  }
});
