/** Shapes and state entries as the chain reads them from a graph's root, against the packages. */
import { artifacts, type Contracts } from '@gensyn/contracts';
import {
  bytesOf,
  evaluate,
  graphRoot,
  listRoot,
  randomGraph,
  sha256,
  stateEntryDigest,
  tensorRoot,
  tensorTree,
  type Graph,
} from '@gensyn/ir';
import { expect } from 'chai';
import { concat, getBytes, hexlify, ZeroHash } from 'ethers';
import { contractAt } from '../../src/contracts/contract-at.js';
import { deployCode } from '../../src/deploy/deploy.js';
import { startDevnet, type Devnet } from '../../src/devnet/start-devnet.js';
import { graphProofs, nodeTree } from '../../src/pinpoint/index.js';
import { MAX_TERMS } from '../../src/referee/index.js';

const NO_TERM = 2n ** 64n - 1n;

describe('graph referee', () => {
  let devnet: Devnet;
  let referee: Contracts['GraphReferee'];
  before(async () => {
    devnet = await startDevnet();
    const { address } = await deployCode(devnet.signer, artifacts.Referee);
    referee = contractAt(
      'GraphReferee',
      (await deployCode(devnet.signer, artifacts.GraphReferee, [address])).address,
      devnet.signer,
    );
  });
  after(() => devnet.stop());

  for (const seed of [1, 2, 3]) {
    it(`reads the shapes of random graph ${seed}`, async () => {
      const { graph, inputs } = randomGraph(seed, { nodes: 16 });
      const proofs = graphProofs(graph);
      const root = hexlify(graphRoot(graph));
      const values = evaluate(graph, inputs);
      for (const [id, { type }] of graph.nodes.entries()) {
        const bytes = bytesOf(values[id]!.data);
        const layout = await referee.layoutOf(root, proofs.entries, id, proofs.layout(id));
        // What the header and the tree's root give is the tensor root.
        const found = sha256(getBytes(concat([layout.header, tensorTree(bytes).root])));
        expect(hexlify(found)).to.equal(hexlify(tensorRoot(type.dtype, type.shape, bytes)));
        expect(Number(layout.elements)).to.equal(type.shape.reduce((a, b) => a * b, 1));
        expect(Number(layout.terms) === 0 || Number(layout.terms) > MAX_TERMS).to.equal(true);
      }
    });
  }

  it('reads the state and computes its entries', async () => {
    const random = randomGraph(4, { nodes: 8 });
    // Every output of this graph is the next state.
    const graph: Graph = {
      ...random.graph,
      outputs: random.graph.outputs.map((output) => ({ ...output, role: 'state' })),
    };
    const proofs = graphProofs(graph);
    const root = hexlify(graphRoot(graph));
    const values = evaluate(graph, random.inputs);
    const roots = graph.nodes.map(({ type }, id) =>
      tensorRoot(type.dtype, type.shape, bytesOf(values[id]!.data)),
    );
    const digests = graph.outputs.map(({ name, node }) =>
      stateEntryDigest({ name, ...graph.nodes[node]!.type, root: roots[node]! }),
    );
    const entries = [...roots, listRoot(digests)];
    const state = await referee.layoutOf(
      root,
      proofs.entries,
      proofs.entries - 1,
      proofs.layout(proofs.entries - 1),
    );
    expect([state.dtype, state.elements]).to.deep.equal([0n, BigInt(digests.length)]);
    const stateRoot = sha256(getBytes(concat([state.header, nodeTree(digests).root])));
    expect(hexlify(stateRoot)).to.equal(hexlify(listRoot(digests)));
    const job = {
      graph: root,
      data: ZeroHash,
      init: ZeroHash,
      seed: 1,
      batch: 1,
      steps: 1,
      interval: 1,
      holdout: 0,
    };
    for (const [index, digest] of digests.entries()) {
      const question = {
        job: ZeroHash,
        step: 0,
        entries: proofs.entries,
        entry: proofs.entries - 1,
        index,
        term: NO_TERM,
        before: ZeroHash,
        trace: hexlify(listRoot(entries)),
        partials: ZeroHash,
      };
      const right = await referee.rightValue(job, question, proofs.stateEntry(index, nodeTree(entries)));
      expect(right).to.equal(hexlify(digest));
    }
  });
});
