/** Gas of the referee's checks, over tensors of 16M elements and a graph of a thousand nodes, and of the worst of each family. */
import {
  bytesOf,
  constantTensorRoot,
  encodeGraph,
  GraphBuilder,
  graphDigests,
  graphRoot,
  listBytes,
  listRoot,
  batchOrder,
  evaluate,
  PERMUTATION_STREAM,
  range,
  rangeOf,
  SPLIT_EPOCH,
  tensorRoot,
  uniformBits,
  sha256,
  integerRange,
  LEAF_TAG,
  type Graph,
  type TensorValue,
  type Value,
} from '@gensyn/ir';
import { artifacts } from '@gensyn/contracts';
import { Interface } from 'ethers';
import type { Devnet } from '../../src/devnet/start-devnet.js';
import { chunkTree, type ChunkTree } from '../../src/referee/chunk-tree.js';
import { gasOfQuery } from '../../src/referee/ask-referee.js';
import { buildQuery, MAX_TERMS, type Query } from '../../src/referee/query.js';
import { commitStep, type CommittedStep } from '../../src/referee/step.js';
import { deployedAddress } from '../../src/deploy/deploy.js';
import { refereeBatch, type RefereeBatch } from '../referee/batch.js';
import type { Figure } from './measure.js';

const SIDE = 4096;
/** 2^24 elements. */
const LARGE = [SIDE, SIDE];
/** As many, over as many axes as there may be. */
const AXES = [8, 8, 8, 8, 8, 8, 8, 8];
const NODES = 960;
const ELEMENT = 0.5;
const bytesOfElement = new Uint8Array(Float32Array.of(ELEMENT).buffer);

/** The tree of a tensor that holds one value in all of its 2^depth whole chunks: at each level all nodes are alike. */
function uniformTree(depth: number): ChunkTree {
  const chunk = new Uint8Array(32).map((_, i) => bytesOfElement[i % 4]!);
  const path = [sha256(chunk, LEAF_TAG)];
  for (let level = 1; level <= depth; level++) path.push(sha256(path[level - 1]!, path[level - 1]!));
  return { root: path[depth]!, depth, chunk: () => chunk, path: () => path.slice(0, depth) };
}

interface Built {
  readonly graph: Graph;
  /** Numbers of the nodes by what they are called here. */
  readonly ids: Readonly<Record<string, number>>;
}

/** One node of each kind that is dear, behind inputs of 16M elements, and enough others to make a thousand. */
function largeGraph(): Built {
  const b = new GraphBuilder();
  const declared = range({ lo: 0, hi: 1, quantum: 0.25 });
  const input = (name: string, shape: readonly number[]): Value =>
    b.input(name, { dtype: 'f32', shape }, declared, { kind: 'free' });
  const [x, y] = [input('x', LARGE), input('y', LARGE)];
  const condition = b.add('Less', [x, y]);
  const [p, q] = [input('p', AXES), input('q', AXES)];
  const index = b.input('index', { dtype: 'i32', shape: [SIDE] }, integerRange(0, SIDE - 1), {
    kind: 'free',
  });
  // The longest sum that the compiler makes.
  const narrow = b.add('Reshape', [x], { shape: [16384, 1024] });
  const short = b.add('Slice', [y], { starts: [0, 0], ends: [1024, 1024], steps: [1, 1] });
  const few = b.add('Slice', [x], { starts: [0, 0], ends: [SIDE, MAX_TERMS], steps: [1, 1] });
  const flat = b.add('Slice', [y], { starts: [0, 0], ends: [MAX_TERMS, SIDE], steps: [1, 1] });
  const made: Record<string, Value> = {
    'Add of two tensors': b.add('Add', [x, y]),
    'Where of three tensors': b.add('Where', [condition, x, y]),
    'Where of 8 axes': b.add('Where', [b.add('Less', [p, q]), p, q]),
    Transpose: b.add('Transpose', [x], { perm: [1, 0] }),
    'Gather of a row': b.add('Gather', [x, index]),
    'term of Dot': b.add('Dot', [narrow, short]),
    'whole Dot, 16 terms': b.add('Dot', [few, flat]),
    'term of ReduceMax': b.add('ReduceMax', [x], { axes: [1] }),
    'Concat of 32 operands': b.add(
      'Concat',
      Array.from({ length: 32 }, (_, n) =>
        b.add('Slice', [y], { starts: [n, 0], ends: [n + 1, SIDE], steps: [1, 1] }),
      ),
      { axis: 0 },
    ),
  };
  for (const [name, value] of Object.entries(made)) b.output(name, value, 'output');
  let chain = input('z', []);
  for (let n = 0; n < NODES; n++) chain = b.add(n % 2 ? 'Abs' : 'Neg', [chain]);
  b.output('chain', chain, 'output');
  const graph = b.build();
  return { graph, ids: Object.fromEntries(graph.outputs.map(({ name, node }) => [name, node])) };
}

/** A step in which every element of every f32 tensor is the same, so that 16M of them need not be hashed. */
function uniformStep(graph: Graph): CommittedStep {
  const large = new Float32Array(SIDE * SIDE).fill(ELEMENT);
  const values = graph.nodes.map(({ type }): TensorValue => {
    const size = type.shape.reduce((product, dim) => product * dim, 1);
    const data =
      type.dtype === 'i32'
        ? new Int32Array(size)
        : type.dtype === 'bool'
          ? new Uint8Array(size)
          : large.subarray(0, size);
    return { ...type, data };
  });
  const tree = (id: number): ChunkTree => {
    const { dtype, shape } = graph.nodes[id]!.type;
    const size = shape.reduce((product, dim) => product * dim, 1);
    if (dtype === 'f32' && size >= 8) return uniformTree(Math.log2(size / 8));
    if (dtype === 'bool' && size > 2 ** 20) {
      const path = [sha256(new Uint8Array(32), LEAF_TAG)];
      const depth = Math.log2(size / 32);
      for (let level = 1; level <= depth; level++) path.push(sha256(path[level - 1]!, path[level - 1]!));
      return { root: path[depth]!, depth, chunk: () => new Uint8Array(32), path: () => path.slice(0, depth) };
    }
    return chunkTree(bytesOf(values[id]!.data));
  };
  const digests = graph.nodes.map(({ type }) =>
    constantTensorRoot(
      type.dtype,
      type.shape,
      type.dtype === 'f32' ? bytesOfElement : new Uint8Array(type.dtype === 'i32' ? 4 : 1),
    ),
  );
  const operators = [...digests, new Uint8Array(32)];
  const none = new Uint8Array(32);
  return {
    job: { graph, seed: 1, batch: 1, columns: [], columnBytes: () => none },
    number: 1,
    values,
    nodes: encodeGraph(graph).nodes,
    graphTree: chunkTree(listBytes(graphDigests(graph))),
    operatorTree: chunkTree(listBytes(operators)),
    roots: { graph: graphRoot(graph), operators: listRoot(operators), state: none, columns: none },
    tensorTree: tree,
    stateTree: chunkTree(none),
    columnTree: () => chunkTree(none),
  };
}

const abi = new Interface(artifacts.Referee.abi as object[]);

/** What the arguments take: 4 gas for a zero byte, 16 for another. */
function calldataGas(data: string): number {
  const bytes = Buffer.from(data.slice(2), 'hex');
  return bytes.reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
}

/** What a check may take unless it is named here. */
const CEILING = 120_000;
const CEILINGS: Readonly<Record<string, number>> = {
  'whole Dot, 16 terms': 500_000,
  'Concat of 32 operands': 1_000_000,
};

const CHECKS_GAS = 2_000_000;

/** Gas of a check with its arguments, as a part of a transaction. */
async function gasOf(batch: RefereeBatch, query: Query): Promise<number> {
  const data = abi.encodeFunctionData('check', [query]);
  const [answered, , used] = (await batch.contract.getFunction('attempt')(data, CHECKS_GAS)) as [
    boolean,
    string,
    bigint,
  ];
  return answered ? Number(used) + calldataGas(data) : Infinity;
}

/** Passes through the Feistel network that a row takes: as many as in `permuted` of Threefry.sol. */
function passes(
  seed: number,
  epoch: number,
  rows: number,
  position: number,
): { readonly at: number; readonly count: number } {
  let half = 1;
  while (4 ** half < rows) half++;
  const mask = 2 ** half - 1;
  let [x, count] = [position, 0];
  do {
    let [left, right] = [x >>> half, x & mask];
    for (let round = 0; round < 6; round++) {
      [left, right] = [
        right,
        left ^ (uniformBits(seed, PERMUTATION_STREAM, epoch, round * 2 ** 16 + right) & mask),
      ];
    }
    x = left * 2 ** half + right;
    count++;
  } while (x >= rows);
  return { at: x, count };
}

const ROWS = 5;
/** MAX_WALKS of Threefry.sol. */
const MAX_PASSES = 88;

/** One row of a column of five, in which three numbers of four are passed over. */
function rowStep(seed: number): CommittedStep {
  const builder = new GraphBuilder();
  const data = Float32Array.from({ length: ROWS }, (_, i) => i + 1);
  builder.output(
    'y',
    builder.add('Abs', [
      builder.input('x', { dtype: 'f32', shape: [1, 1] }, rangeOf(data), {
        kind: 'batch',
        dataset: 'd',
        column: 'c',
      }),
    ]),
    'output',
  );
  const graph = builder.build();
  const bytes = bytesOf(data);
  const root = Buffer.from(tensorRoot('f32', [ROWS], bytes)).toString('hex');
  const column = {
    dataset: 'd',
    name: 'c',
    rows: ROWS,
    holdout: 0,
    manifest: { storage: 'f32', dims: [ROWS], start: 0, stride: 1, root },
  } as const;
  const [row] = batchOrder(seed, 1, ROWS, 0).training(0);
  const x = { dtype: 'f32', shape: [1, 1], data: data.slice(row!, row! + 1) } as const;
  return commitStep(
    { graph, seed, batch: 1, columns: [column], columnBytes: () => bytes },
    0,
    evaluate(graph, { x }),
  );
}

/** As many passes as the contract allows, by what one more pass takes: rows that take so many are too rare to be found. */
async function rowGas(batch: RefereeBatch): Promise<Figure> {
  const measured = new Map<number, number>();
  for (let seed = 1; seed <= 40; seed++) {
    const first = passes(seed, 0, ROWS, 0);
    const count = first.count + passes(seed, SPLIT_EPOCH, ROWS, first.at).count;
    measured.set(
      count,
      Math.max(measured.get(count) ?? 0, await gasOf(batch, buildQuery(rowStep(seed), 0, 0))),
    );
  }
  const counts = [...measured.keys()].sort((a, b) => a - b);
  const [least, most] = [counts[0]!, counts.at(-1)!];
  const each = Math.ceil((measured.get(most)! - measured.get(least)!) / (most - least));
  return {
    name: 'row of a data set',
    gas: measured.get(most)! + (MAX_PASSES - most) * each,
    ceiling: 1_000_000,
    of: `${MAX_PASSES} passes of ${each}; ${measured.get(least)!} for ${least}, ${measured.get(most)!} for ${most}`,
  };
}

export async function refereeGas(devnet: Devnet): Promise<Figure[]> {
  const batch = await refereeBatch(devnet);
  const { graph, ids } = largeGraph();
  const step = uniformStep(graph);
  const figures: Figure[] = [];
  for (const [name, node] of Object.entries(ids)) {
    if (name === 'chain') continue;
    // Far from the front; of Concat, in its last operand; of Dot, in the middle of the sum.
    const { shape } = graph.nodes[node]!.type;
    const element = shape.reduce((product, dim) => product * dim, 1) - 5;
    const query = buildQuery(step, node, element, name.startsWith('term') ? 256 : undefined);
    const alone = await gasOfQuery(devnet.signer, deployedAddress('Referee'), query);
    figures.push({
      name,
      gas: await gasOf(batch, query),
      ceiling: CEILINGS[name] ?? CEILING,
      of: `${(query.proof.length - 2) / 2} bytes of proof; ${alone} as a transaction of its own`,
    });
  }
  return [...figures, await rowGas(batch)];
}
