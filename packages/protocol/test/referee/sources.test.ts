/** Inputs that the chain recomputes: weights, masks, constants and rows, of many seeds, bounds, probabilities and layouts. */
import {
  allocate,
  batchOrder,
  bytesOf,
  elements,
  evaluate,
  fillDropout,
  GraphBuilder,
  initialTensor,
  integerRange,
  range,
  tensorRoot,
  type ColumnFacts,
  type DType,
  type Range,
  type Shape,
  type Source,
  type StateInit,
  type TensorValue,
} from '@gensyn/ir';
import { expect } from 'chai';
import { startDevnet, type Devnet } from '../../src/devnet/start-devnet.js';
import { commitStep, type CommittedStep } from '../../src/referee/step.js';
import { allElements, BATCH_GAS, compareAll, refereeBatch, type RefereeBatch } from './batch.js';

interface Given {
  readonly source: Source;
  readonly value: TensorValue;
  readonly range?: Range;
}

const floats = range({ lo: -(2 ** 20), hi: 2 ** 20, quantum: 2 ** -100 });

/** A step of a graph whose inputs are these. State is returned as it came. */
function sourceStep(
  given: readonly Given[],
  options: {
    seed: number;
    batch?: number;
    step?: number;
    columns?: readonly ColumnFacts[];
    files?: ReadonlyMap<string, Uint8Array>;
  },
): CommittedStep {
  const builder = new GraphBuilder();
  const inputs: Record<string, TensorValue> = {};
  given.forEach(({ source, value, range: declared }, n) => {
    const { dtype, shape } = value;
    const name = `input ${n}`;
    inputs[name] = value;
    const x = builder.input(
      name,
      { dtype, shape },
      declared ??
        (dtype === 'f32'
          ? floats
          : dtype === 'i32'
            ? integerRange(-(2 ** 31), 2 ** 31 - 1)
            : integerRange(0, 1)),
      source,
    );
    builder.output(name, x, source.kind === 'state' ? 'state' : 'output');
  });
  const graph = builder.build();
  const { seed, batch = 1, step = 0, columns = [], files } = options;
  return commitStep(
    { graph, seed, batch, columns, columnBytes: ({ name }) => files!.get(name)! },
    step,
    evaluate(graph, inputs),
  );
}

describe('inputs on chain', () => {
  let devnet: Devnet;
  let batch: RefereeBatch;
  before(async () => {
    devnet = await startDevnet({ gasLimit: BATCH_GAS });
    batch = await refereeBatch(devnet);
  });
  after(() => devnet.stop());

  async function allRight(step: CommittedStep): Promise<void> {
    const { checked, mismatches } = await compareAll(
      batch,
      step.values.flatMap((_, id) => allElements(step, id)),
    );
    expect(checked).to.be.greaterThan(0);
    expect(mismatches.slice(0, 3)).to.deep.equal([]);
  }

  it('starts weights at random, by any bound', async () => {
    for (const seed of [0, 1, 0xffff_ffff]) {
      const inits = [1, 0.1, 1 / 3, 2 ** -10, 1e-20, 0.30000001192092896, 5e5, Math.sqrt(6 / 784)].map(
        (bound, i): StateInit => ({ kind: 'uniform', stream: i === 3 ? 0xffff_ffff : i, bound }),
      );
      const shape = [3, 7];
      const given = inits.map((init) => ({
        source: { kind: 'state', init } as const,
        value: initialTensor({ name: 'w', dtype: 'f32', shape, init }, seed),
      }));
      await allRight(sourceStep(given, { seed }));
    }
  });

  it('starts constants of every type', async () => {
    const of = (dtype: DType, value: number): Given => {
      const init = { kind: 'constant', value } as const;
      return {
        source: { kind: 'state', init },
        value: initialTensor({ name: 'c', dtype, shape: [2], init }, 0),
      };
    };
    const reals = [0, 1, -1, 0.1, -1 / 3, 16777217, 16777219, 2 ** -99, 1e6, 0.9999999999];
    const integers = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 123456789];
    await allRight(
      sourceStep(
        [
          ...reals.map((x) => of('f32', x)),
          ...integers.map((x) => of('i32', x)),
          of('bool', 0),
          of('bool', 1),
        ],
        { seed: 3 },
      ),
    );
  });

  it('starts from values that travel with the job, and from no others', async () => {
    const data = Float32Array.from({ length: 21 }, (_, i) => (i - 7) / 3);
    const shape = [3, 7];
    const root = Buffer.from(tensorRoot('f32', shape, bytesOf(data))).toString('hex');
    const start = (values: Float32Array): Given => ({
      source: { kind: 'state', init: { kind: 'given', root } },
      value: { dtype: 'f32', shape, data: values },
    });
    await allRight(sourceStep([start(data)], { seed: 5 }));
    const other = sourceStep([start(data.with(20, 1))], { seed: 5 });
    const refused = await batch.ask([allElements(other, 0)[20]!.query]).then(
      () => false,
      () => true,
    );
    expect(refused).to.equal(true);
  });

  it('draws masks of any probability', async () => {
    for (const [seed, step] of [
      [1, 0],
      [42, 1000],
      [0xdead_beef, 0xffff_fffe],
    ] as const) {
      const keeps = [
        0.5,
        0.9,
        1,
        0.75,
        0.1,
        1 / 3,
        0.99,
        0.001,
        0.3,
        0.7,
        0.6,
        0.2,
        Math.SQRT1_2,
        1 - 2 ** -53,
        0.123456789,
      ];
      const given = keeps.map((keep, stream): Given => {
        const data = new Float32Array(24);
        fillDropout(data, seed, stream, step, keep);
        return { source: { kind: 'dropout', stream, keep }, value: { dtype: 'f32', shape: [4, 6], data } };
      });
      await allRight(sourceStep(given, { seed, step }));
    }
  });

  it('reads rows of files of every type and layout, over epochs, without what is held out', async () => {
    const rows = 23;
    const files = new Map<string, Uint8Array>();
    const column = (
      name: string,
      storage: 'u8' | 'i32' | 'f32',
      dims: Shape,
      start: number,
      stride: number,
      holdout: number,
    ): ColumnFacts => {
      const size = elements(dims);
      const data =
        storage === 'u8'
          ? Uint8Array.from({ length: size }, (_, i) => (i * 37) & 255)
          : allocate(storage, size).map((_, i) => (storage === 'i32' ? i * 1001 - 5000 : i / 8 - 3));
      files.set(name, bytesOf(data));
      return {
        dataset: holdout ? 'first' : 'second',
        name,
        rows,
        holdout,
        manifest: {
          storage,
          dims,
          start,
          stride,
          root: Buffer.from(tensorRoot(storage, dims, bytesOf(data))).toString('hex'),
        },
      };
    };
    const columns = [
      column('pixels', 'u8', [rows, 3, 2], 0, 6, 4),
      column('label', 'i32', [rows], 0, 1, 4),
      column('target', 'f32', [rows, 3], 0, 3, 4),
      // Windows of text overlap.
      column('text', 'u8', [rows + 9], 1, 1, 0),
    ];
    const shapes: Readonly<Record<string, Shape>> = { pixels: [3, 2], label: [], target: [3], text: [8] };
    const cells = (each: ColumnFacts): ArrayLike<number> => {
      const bytes = files.get(each.name)!;
      const { storage } = each.manifest;
      return storage === 'u8'
        ? bytes
        : storage === 'i32'
          ? new Int32Array(bytes.buffer)
          : new Float32Array(bytes.buffer);
    };
    const size = 5;
    for (const step of [0, 3, 7, 200]) {
      for (const dtype of ['f32', 'i32'] as const) {
        const given = columns
          .filter(({ manifest }) => dtype === 'f32' || manifest.storage !== 'f32')
          .map((each): Given => {
            const order = batchOrder(9, size, rows, each.holdout).training(step);
            const width = elements(shapes[each.name]!);
            const data = allocate(dtype, size * width).map(
              (_, i) =>
                cells(each)[
                  each.manifest.start + order[Math.floor(i / width)]! * each.manifest.stride + (i % width)
                ]!,
            );
            return {
              source: { kind: 'batch', dataset: each.dataset, column: each.name },
              value: { dtype, shape: [size, ...shapes[each.name]!], data },
            };
          });
        await allRight(sourceStep(given, { seed: 9, batch: size, step, columns, files }));
      }
    }
  });

  it('opens later states under the root before the step', async () => {
    const init = { kind: 'constant', value: 0 } as const;
    const data = Float32Array.from({ length: 100 }, (_, i) => i / 4 - 9);
    const given: Given[] = [
      { source: { kind: 'state', init }, value: { dtype: 'i32', shape: [], data: Int32Array.of(17) } },
      { source: { kind: 'state', init }, value: { dtype: 'f32', shape: [10, 10], data } },
      {
        source: { kind: 'state', init },
        value: { dtype: 'bool', shape: [70], data: Uint8Array.from({ length: 70 }, (_, i) => i & 1) },
      },
    ];
    await allRight(sourceStep(given, { seed: 0, step: 17 }));
  });
});
