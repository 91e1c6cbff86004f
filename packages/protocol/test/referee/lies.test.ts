/** Lies of every kind about every operator: each is refused or lost, and none reverts into a verdict. */
import { artifacts, type Contracts } from '@gensyn/contracts';
import {
  bytesOf,
  committedTypes,
  evaluate,
  GRAPH_NODE_TAG,
  GraphBuilder,
  graphDigests,
  listBytes,
  listRoot,
  OPERATORS,
  rangeOf,
  sha256,
  TENSOR_TAG,
  type OperatorName,
  type TensorData,
  type TensorValue,
} from '@gensyn/ir';
import { expect } from 'chai';
import { Interface } from 'ethers';
import { contractAt } from '../../src/contracts/contract-at.js';
import { deploy } from '../../src/deploy/deploy.js';
import { startDevnet, type Devnet } from '../../src/devnet/start-devnet.js';
import { bitsOfValue, refusal } from '../../src/referee/ask-referee.js';
import { chunkTree } from '../../src/referee/chunk-tree.js';
import { claimOf, VERDICTS } from '../../src/referee/claim.js';
import { partialResults } from '../../src/referee/partials.js';
import { buildQuery, hex, WHOLE, type Query } from '../../src/referee/query.js';
import { commitStep, type CommittedStep } from '../../src/referee/step.js';
import { tinyJob } from './tiny-job.js';
import { WIDE, wideStep } from './wide-steps.js';

const abi = new Interface(artifacts.Referee.abi as object[]);

/** Undefined where shapes do not fit, so that there is no such proof. */
function attempted(build: () => Query): Query | undefined {
  try {
    return build();
  } catch {
    return undefined;
  }
}

describe('lies before the referee', () => {
  let devnet: Devnet;
  let referee: Contracts['Referee'];
  before(async () => {
    devnet = await startDevnet();
    referee = contractAt('Referee', (await deploy(devnet.signer, 'Referee')).address, devnet.signer);
  });
  after(() => devnet.stop());

  /** The name of the contract's error, or the value it gave. */
  async function answer(query: Query): Promise<string> {
    try {
      return await referee.check(query);
    } catch (error) {
      const why = refusal(error);
      if (!why) throw error;
      return why.name;
    }
  }

  async function verdict(
    query: Query,
    first: TensorValue,
    second: TensorValue,
    index: number,
  ): Promise<string> {
    const partial = query.term !== WHOLE;
    const [given] = await referee.judge(
      query,
      claimOf(first, index, partial),
      claimOf(second, index, partial),
    );
    return VERDICTS[Number(given)]!;
  }

  const target = (step: CommittedStep): number => step.values.length - 1;
  const changed = (value: TensorValue, index: number, bits: number): TensorValue => {
    const data = value.data.slice() as TensorData;
    if (data instanceof Uint8Array) data[index] = bits;
    else new DataView(data.buffer).setUint32(4 * index, bits, true);
    return { ...value, data };
  };
  const edited = (query: Query, edit: (proof: Buffer) => Buffer): Query => ({
    ...query,
    proof: `0x${edit(Buffer.from(query.proof.slice(2), 'hex')).toString('hex')}`,
  });

  for (const op of Object.keys(WIDE) as OperatorName[]) {
    describe(op, () => {
      const step = wideStep(op);
      const node = target(step);
      const value = step.values[node]!;
      // Beyond the first chunk, and of Pad, inside.
      const element =
        op === 'Slice'
          ? 9
          : op === 'ReduceMax' || op === 'Dot'
            ? 10
            : value.data.length - (value.dtype === 'bool' ? 40 : 14);
      const query = buildQuery(step, node, element);
      const right = `0x${bitsOfValue(value.dtype, value.data[element]!).toString(16).padStart(8, '0')}`;
      const refused = async (lie: Query): Promise<string> => {
        const said = await answer(lie);
        expect(abi.getError(said), said).not.to.equal(null);
        return said;
      };

      it('a wrong value loses, to the right one or to nobody', async () => {
        expect(await answer(query)).to.equal(right);
        const wrong = changed(value, element, value.dtype === 'bool' ? 1 - value.data[element]! : 0x40490fdb);
        expect(await verdict(query, value, wrong, element)).to.equal('first');
        expect(await verdict(query, wrong, value, element)).to.equal('second');
        expect(await verdict(query, wrong, changed(value, element, 7), element)).to.equal('neither');
      });

      it('NaN, -0 and other bytes that no value has lose', async () => {
        const spellings =
          value.dtype === 'bool' ? [2, 255] : [0x7fc00000, 0x7fc00001, 0x80000000, 0x00000001];
        for (const bits of spellings)
          expect(await verdict(query, changed(value, element, bits), value, element)).to.equal('second');
      });

      it('what is not in dispute is not judged', async () => {
        const other = changed(value, element === 0 ? 1 : 0, 1);
        const claims = [claimOf(value, element), claimOf(other, element)] as const;
        const error = await referee.judge(query, ...claims).then(() => undefined, refusal);
        expect(error?.name).to.equal('NotDisputed');
      });

      it('an opening of another operand or another place is refused', async () => {
        const elsewhere = buildQuery(step, node, 0);
        if (elsewhere.proof !== query.proof) await refused({ ...query, proof: elsewhere.proof });
        // Each operand in turn as the node itself, whose own operands are read in its place.
        for (const id of step.job.graph.nodes[node]!.inputs)
          expect(await refused({ ...query, node: id })).to.be.oneOf([
            'OtherGraph',
            'IndexBeyondCount',
            'NoSuchElement',
          ]);
        if (step.job.graph.nodes[node]!.inputs.length > 1) {
          const { graph } = step.job;
          // The second operand in place of the first, with its own place: wrong in nothing but which it is.
          const nodes = graph.nodes.map((each, id) =>
            id === node ? { ...each, inputs: each.inputs.map(() => each.inputs[1]!) } : each,
          );
          const lie = attempted(() =>
            buildQuery({ ...step, job: { ...step.job, graph: { ...graph, nodes } } }, node, element),
          );
          if (lie) await refused(lie);
        }
      });

      it('values of another step, another graph and another claim are refused', async () => {
        const stale = wideStep(op, 1);
        expect(
          await refused({
            ...query,
            context: {
              ...query.context,
              operatorsRoot: buildQuery(stale, node, element).context.operatorsRoot,
            },
          }),
        ).to.equal('OtherOperand');
        expect(await refused({ ...query, proof: buildQuery(stale, node, element).proof })).to.be.oneOf([
          'OtherOperand',
          'TrailingBytes',
          'ProofTooShort',
        ]);
        const other = buildQuery(wideStep(op, 0, 2), node + 2, element);
        expect(await refused({ ...other, context: query.context })).to.equal('OtherGraph');
        expect(
          await refused({ ...query, context: { ...query.context, graphRoot: other.context.graphRoot } }),
        ).to.equal('OtherGraph');
        const wrongRoot = { ...claimOf(value, element), root: other.context.graphRoot };
        expect(
          (
            await referee
              .judge(query, wrongRoot, claimOf(changed(value, element, 1), element))
              .then(() => undefined, refusal)
          )?.name,
        ).to.equal('OtherTensor');
      });

      it('proofs of another depth, leaves as nodes and bytes left over are refused', async () => {
        expect(await refused(edited(query, (proof) => Buffer.concat([proof, Buffer.alloc(1)])))).to.equal(
          'TrailingBytes',
        );
        expect(await refused(edited(query, (proof) => Buffer.concat([proof, Buffer.alloc(32)])))).to.equal(
          'TrailingBytes',
        );
        expect(await refused(edited(query, (proof) => proof.subarray(0, -1)))).to.equal('ProofTooShort');
        expect(await refused(edited(query, (proof) => proof.subarray(0, -32)))).to.equal('ProofTooShort');
        for (const nodes of [query.nodes - 1, query.nodes + 1, 2 * query.nodes + 1])
          await refused({ ...query, nodes });
        const claim = claimOf(value, element);
        const rival = claimOf(changed(value, element, 1), element);
        // The pair above the leaf, with one sibling less: an inner node as chunk.
        for (const path of [claim.path.slice(1), [...claim.path, claim.chunk]]) {
          expect(
            (await referee.judge(query, { ...claim, path }, rival).then(() => undefined, refusal))?.name,
          ).to.equal('OtherPathLength');
        }
      });

      it('places beyond the ends are refused', async () => {
        expect(await refused({ ...query, element: value.data.length })).to.equal('NoSuchElement');
        expect(await refused({ ...query, element: 2 ** 40 })).to.equal('NoSuchElement');
        expect(await refused({ ...query, node: query.nodes })).to.equal('NoSuchNode');
        const terms = OPERATORS[op].family === 'reduce' ? 16n : 0n;
        expect(await refused({ ...query, term: terms })).to.equal('NoSuchTerm');
      });

      it('no byte of a proof can be changed', async () => {
        const length = (query.proof.length - 2) / 2;
        for (let n = 0; n < 12; n++) {
          const at = Math.floor(((n + 0.5) * length) / 12);
          await refused(
            edited(query, (proof) => {
              proof[at]! ^= 1 << (n % 8);
              return proof;
            }),
          );
        }
      });
    });
  }

  for (const op of ['Dot', 'ReduceMax'] as const) {
    it(`${op}: a lie in one term loses there`, async () => {
      const step = wideStep(op);
      const node = target(step);
      const partials = partialResults(step, node, 10);
      const value: TensorValue = { dtype: 'f32', shape: [partials.length], data: partials };
      for (const term of [0, 1, 7, 8, 15]) {
        const query = buildQuery(step, node, 10, term);
        const lie = changed(value, term, 0x45000000);
        expect(await verdict(query, value, lie, term)).to.equal('first');
        expect(await verdict(query, lie, value, term)).to.equal('second');
        if (term === 0) continue;
        // The difference began earlier: this term is not what is in dispute.
        const earlier = changed(lie, term - 1, 0x45000000);
        const error = await referee
          .judge(query, claimOf(value, term, true), claimOf(earlier, term, true))
          .then(() => undefined, refusal);
        expect(error?.name).to.equal('NoDispute');
        expect(
          await answer({ ...query, context: { ...query.context, partialsRoot: claimOf(lie, term).root } }),
        ).to.equal('OtherTensor');
      }
    });
  }

  it('a tensor that does not end in zeros loses', async () => {
    const value = {
      dtype: 'f32',
      shape: [10],
      data: Float32Array.from({ length: 10 }, (_, k) => k + 1),
    } as const;
    const builder = new GraphBuilder();
    builder.output(
      'y',
      builder.add('Abs', [
        builder.input('x', { dtype: 'f32', shape: [10] }, rangeOf(value.data), { kind: 'free' }),
      ]),
      'output',
    );
    const graph = builder.build();
    const step = commitStep(
      { graph, seed: 1, batch: 1, columns: [], columnBytes: () => new Uint8Array() },
      1,
      evaluate(graph, { x: value }),
    );
    const query = buildQuery(step, 1, 9);
    const claim = claimOf(value, 9);
    // The same ten values, and an eleventh that the shape does not have, under a root that says ten.
    const tree = chunkTree(bytesOf(Float32Array.from({ length: 11 }, (_, k) => k + 1)));
    const word = (n: number): Buffer => Buffer.from(n.toString(16).padStart(64, '0'), 'hex');
    const root = hex(sha256(TENSOR_TAG, word(committedTypes.f32.code), word(1), word(10), tree.root));
    const dirty = { ...claim, root, chunk: hex(tree.chunk(1)), path: tree.path(1).map(hex) };
    const judged = async (...claims: [typeof claim, typeof claim]): Promise<string> =>
      VERDICTS[Number((await referee.judge(query, ...claims))[0])]!;
    expect(await judged(dirty, claim)).to.equal('second');
    expect(await judged(claim, dirty)).to.equal('first');
  });

  it('operands that no canonical graph has are refused, even if both sides agree on them', async () => {
    const committed = (op: OperatorName, operand: number, bits: number): Query => {
      const honest = wideStep(op);
      const values = honest.values.map((value, id) => (id === operand ? changed(value, 0, bits) : value));
      return buildQuery(commitStep(honest.job, 1, values), target(honest), 0);
    };
    for (const bits of [0x7fc00000, 0x7fc00001, 0xff800000, 0x7f800000, 0x00000001, 0x807fffff]) {
      for (const op of ['Add', 'Transpose', 'Dot', 'ReduceMax'] as const)
        expect(await answer(committed(op, 0, bits))).to.equal('NotCanonical');
    }
    expect(await answer(committed('And', 1, 2))).to.equal('NotCanonical');
    // -0 is a value.
    expect(await answer(committed('Neg', 0, 0x80000000))).to.equal('0x00000000');
    // An index beyond the table, with a row of the table that would be there if it went on.
    const query = committed('Gather', 1, 1);
    expect(await answer(query)).to.match(/^0x/);
    const beyond = wideStep('Gather');
    const values = beyond.values.map((value, id) => (id === 1 ? changed(value, 0, 9) : value));
    const lie = attempted(() => buildQuery(commitStep(beyond.job, 1, values), target(beyond), 0));
    expect(await answer(lie!)).to.equal('IndexOutOfRange');
  });

  it('a node that takes what comes after it is refused', async () => {
    const builder = new GraphBuilder();
    const x = builder.input('x', { dtype: 'f32', shape: [16] }, rangeOf(Float32Array.of(1, 2)), {
      kind: 'free',
    });
    builder.output('y', builder.add('Neg', [builder.add('Abs', [x])]), 'output');
    const graph = builder.build();
    const given = { dtype: 'f32', shape: [16], data: new Float32Array(16).fill(2) } as const;
    const values = evaluate(graph, { x: given });
    for (const operand of [1, 2]) {
      const nodes = graph.nodes.map((node, id) => (id === 1 ? { ...node, inputs: [operand] } : node));
      const step = commitStep(
        { graph: { ...graph, nodes }, seed: 1, batch: 1, columns: [], columnBytes: () => new Uint8Array() },
        1,
        values,
      );
      expect(await answer(buildQuery(step, 1, 9))).to.equal('OperandAfterNode');
    }
  });

  it('types of operands that are not theirs open nothing, even under a root that says so', async () => {
    const step = wideStep('Reshape');
    const node = target(step);
    // f32[6, 16] as operand becomes f32[16, 6]: of the same size.
    const bytes = Buffer.from(step.nodes[node]!);
    const at = 1 + 2 + 8 + 4 + 4 + 2;
    expect([bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]).to.deep.equal([6, 16]);
    bytes.writeUInt32LE(16, at);
    bytes.writeUInt32LE(6, at + 4);
    const nodes = step.nodes.map((each, id) => (id === node ? new Uint8Array(bytes) : each));
    const digests = graphDigests(step.job.graph);
    digests[node + 1] = sha256(GRAPH_NODE_TAG, nodes[node]!);
    const forged = { ...step, nodes, graphTree: chunkTree(listBytes(digests)) };
    expect(await answer(buildQuery(forged, node, 20))).to.equal('OtherGraph');
    const roots = { ...step.roots, graph: listRoot(digests) };
    expect(await answer(buildQuery({ ...forged, roots }, node, 20))).to.equal('OtherOperand');
  });

  it('inputs of another step, another row and another column are refused', async () => {
    const job = await tinyJob(6);
    try {
      const step = job.steps[6]!;
      const { nodes } = step.job.graph;
      const inputs = nodes.flatMap(({ op, source }, id) =>
        op === 'Input' ? [{ id, kind: source!.kind }] : [],
      );
      for (const { id, kind } of inputs) {
        const query = buildQuery(step, id, 0);
        const honest = await answer(query);
        expect(honest).to.equal(
          `0x${bitsOfValue(step.values[id]!.dtype, step.values[id]!.data[0]!).toString(16).padStart(8, '0')}`,
        );
        const { context } = query;
        if (kind === 'state') {
          expect(
            await answer({
              ...query,
              context: { ...context, stateRoot: buildQuery(job.steps[5]!, id, 0).context.stateRoot },
            }),
          ).to.equal('OtherRoot');
          expect(await answer({ ...query, proof: buildQuery(job.steps[5]!, id, 0).proof })).to.equal(
            'OtherRoot',
          );
        }
        if (kind === 'batch') {
          expect(
            await answer({ ...query, context: { ...context, columnsRoot: context.stateRoot } }),
          ).to.equal('OtherRoot');
          // Of every other step, the row is another one, and so the opening, unless it lies in the same chunk.
          const rows = await Promise.all(
            job.steps.slice(0, 6).map((other) => answer({ ...query, proof: buildQuery(other, id, 0).proof })),
          );
          for (const said of rows) expect(said === 'OtherRoot' || said === honest, said).to.equal(true);
        }
        expect(await answer(edited(query, (proof) => Buffer.concat([proof, Buffer.alloc(32)])))).to.equal(
          'TrailingBytes',
        );
      }
    } finally {
      job.remove();
    }
  });
});
