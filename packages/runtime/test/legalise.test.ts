import {
  bytesOf,
  evaluate,
  GraphBuilder,
  integerRange,
  outputName,
  randomGraph,
  range,
  toOnnx,
  type Graph,
  type ModelProto,
  type TensorValue,
  type Value,
} from '@gensyn/ir';
import { expect } from 'chai';
import { createSession, fromTensor, loadRuntime, runSession, toTensor } from '../src/device/onnxruntime.js';
import { legalise } from '../src/legalise/legalise.js';
import { INTEGER_TARGET, PLAIN_TARGET } from '../src/legalise/target.js';
import {
  inputsFor,
  spelling,
  trainingStep,
  xorshift,
  type Digits,
  type StepShape,
} from './legalise-fixture.js';

type Values = Readonly<Record<string, TensorValue>>;

async function run(model: ModelProto, graph: Graph, inputs: Values, threads: number): Promise<TensorValue[]> {
  const runtime = await loadRuntime();
  const session = await createSession(model, { threads, providers: ['cpu'] });
  const names = new Set((model.graph!.input ?? []).map((input) => input.name));
  const feeds = Object.fromEntries(
    Object.entries(inputs)
      .filter(([name]) => names.has(name))
      .map(([name, value]) => [name, toTensor(runtime, value)]),
  );
  const results = await runSession(session, feeds);
  const values = graph.outputs.map((output) => {
    const { type } = graph.nodes[output.node]!;
    const value = fromTensor(results[outputName(output)]!, type.dtype);
    return { ...value, data: value.data.slice() };
  });
  await session.release();
  return values;
}

function expectSameBits(
  graph: Graph,
  got: readonly TensorValue[],
  want: readonly TensorValue[],
  what: string,
): void {
  graph.outputs.forEach((output, i) => {
    expect(got[i]!.shape, `${what}: shape of ${output.name}`).to.deep.equal([...want[i]!.shape]);
    expect(
      Buffer.from(bytesOf(got[i]!.data)).equals(Buffer.from(bytesOf(want[i]!.data))),
      `${what}: bits of ${output.name}`,
    ).to.equal(true);
  });
}

/** Legalised, with 1 and 2 threads and either kernel, against the normative evaluation. */
async function check(graph: Graph, inputs: Values, what: string): Promise<void> {
  const values = evaluate(graph, inputs);
  const want = graph.outputs.map((output) => values[output.node]!);
  for (const target of [INTEGER_TARGET, PLAIN_TARGET]) {
    const model = legalise(graph, 'legalised', target);
    for (const threads of [1, 2]) {
      const kernel = target.integerProducts ? 'bytes' : 'f32';
      expectSameBits(
        graph,
        await run(model, graph, inputs, threads),
        want,
        `${what}, ${kernel}, ${threads} threads`,
      );
    }
  }
}

function operators(model: ModelProto): Map<string, number> {
  const counts = new Map<string, number>();
  for (const node of model.graph!.node ?? []) counts.set(node.opType!, (counts.get(node.opType!) ?? 0) + 1);
  return counts;
}

describe('legalisation', function () {
  this.timeout(60_000);

  const shapes: StepShape[] = [
    { batch: 5, inputs: 7, hidden: 6, outputs: 3, bytes: true, digits: 2, block: 514 },
    { batch: 8, inputs: 33, hidden: 17, outputs: 10, bytes: false, digits: 2, block: 8 },
    { batch: 3, inputs: 9, hidden: 5, outputs: 1, bytes: false, digits: 3, block: 1024 },
    { batch: 1, inputs: 4, hidden: 4, outputs: 2, bytes: true, digits: 1, block: 2 },
    { batch: 64, inputs: 300, hidden: 40, outputs: 12, bytes: true, digits: 2, block: 50 },
  ];
  for (const shape of shapes) {
    it(`keeps every bit of a training step (${shape.batch}x${shape.inputs}x${shape.hidden}x${shape.outputs}, ${shape.digits} digits, blocks of ${shape.block})`, async () => {
      const graph = trainingStep(shape);
      for (const kind of ['random', 'zeros', 'extreme'] as const)
        await check(graph, inputsFor(graph, xorshift(17), kind), kind);
    });
  }

  it('agrees with the canonical model over several steps that feed each other', async () => {
    const graph = trainingStep(shapes[1]!);
    let inputs: Record<string, TensorValue> = inputsFor(graph, xorshift(3), 'random');
    for (let step = 0; step < 4; step++) {
      const want = await run(toOnnx(graph, { name: 'canonical' }), graph, inputs, 1);
      const got = await run(legalise(graph, 'legalised', INTEGER_TARGET), graph, inputs, 2);
      expectSameBits(graph, got, want, `step ${step}`);
      const next = graph.outputs.flatMap((output, i): [string, TensorValue][] =>
        output.role === 'state' ? [[output.name, got[i]!]] : [],
      );
      inputs = { ...inputs, ...Object.fromEntries(next) };
    }
  });

  it('computes every product on bytes', () => {
    const counts = operators(legalise(trainingStep(shapes[0]!), 'legalised', INTEGER_TARGET));
    expect(counts.get('MatMul')).to.equal(undefined);
    expect(counts.get('MatMulIntegerToFloat')).to.be.greaterThan(0);
    // Digits come from quantisation alone: no node rounds by adding 1.5 * 2^23.
    const { initializer } = legalise(trainingStep(shapes[0]!), 'legalised', INTEGER_TARGET).graph!;
    const words = (initializer ?? [])
      .filter((t) => t.rawData?.length === 4)
      .map((t) => new Float32Array(t.rawData!.slice().buffer)[0]);
    expect(words).not.to.include(1.5 * 2 ** 23);
  });

  it('without integer products settles the sign of zeros once in each product', () => {
    const graph = trainingStep(shapes[1]!);
    const [canonical, plain] = [toOnnx(graph, { name: 'plain' }), legalise(graph, 'plain', PLAIN_TARGET)].map(
      operators,
    );
    expect(plain!.get('MatMul')).to.equal(canonical!.get('MatMul'));
    expect(plain!.get('Add')).to.be.lessThan(canonical!.get('Add')! - 0.6 * canonical!.get('MatMul')!);
  });

  for (const [name, left, right] of [
    ['all smallest', -128, -128],
    ['smallest by largest', -128, 127],
    ['all largest', 127, 127],
  ] as const) {
    it(`is exact at the ends of the digits (${name})`, async () => {
      const b = new GraphBuilder();
      const { product } = spelling(b);
      const digit = integerRange(-128, 127);
      const a = b.input('a', { dtype: 'f32', shape: [3, 2048] }, digit, { kind: 'free' });
      const c = b.input('b', { dtype: 'f32', shape: [2048, 5] }, digit, { kind: 'free' });
      b.output(
        'y',
        product({ parts: [a], unit: undefined }, { parts: [c], unit: undefined }, 1024),
        'output',
      );
      const graph = b.build();
      const filled = (shape: number[], value: number): TensorValue => ({
        dtype: 'f32',
        shape,
        data: new Float32Array(shape[0]! * shape[1]!).fill(value),
      });
      await check(graph, { a: filled([3, 2048], left), b: filled([2048, 5], right) }, name);
      expect(operators(legalise(graph, 'joined', INTEGER_TARGET)).get('MatMulIntegerToFloat')).to.equal(1);
    });
  }

  it('rounds a joined product once, as the canonical sum does', async () => {
    const b = new GraphBuilder();
    const { product } = spelling(b);
    const digit = integerRange(-128, 127);
    const a = b.input('a', { dtype: 'f32', shape: [4, 2048] }, digit, { kind: 'free' });
    const c = b.input('b', { dtype: 'f32', shape: [2048, 4] }, digit, { kind: 'free' });
    b.output('y', product({ parts: [a], unit: undefined }, { parts: [c], unit: undefined }, 1024), 'output');
    const graph = b.build();
    const draw = xorshift(99);
    const near = (shape: number[]): TensorValue => ({
      dtype: 'f32',
      shape,
      data: Float32Array.from({ length: 8192 }, () => 120 + Math.floor(draw() * 8)),
    });
    const inputs = { a: near([4, 2048]), b: near([2048, 4]) };
    const sums = evaluate(graph, inputs)[graph.outputs[0]!.node]!.data;
    expect(Math.max(...sums)).to.be.greaterThan(2 ** 24);
    await check(graph, inputs, 'beyond 2^24');
  });

  it('takes batches, one matrix for all of them, masks and finer grids', async () => {
    const b = new GraphBuilder();
    const { digits, product, transposed } = spelling(b);
    const free = (name: string, shape: number[], r = range({ lo: -4, hi: 4, quantum: 2 ** -40 })) =>
      b.input(name, { dtype: 'f32', shape }, r, { kind: 'free' });
    const x = free('x', [2, 3, 6]);
    const w = free('w', [6, 4]);
    const q = free('q', [2, 3, 6]);
    const halves = free('halves', [3, 6], range({ lo: -60, hi: 60, quantum: 0.5 }));
    const bytes = free('bytes', [6, 4], integerRange(0, 255));
    const hot = b.add('Cast', [b.add('Less', [b.scalar(0), halves])], { to: 'f32' });
    const one = (v: typeof x) => ({ parts: [v], unit: undefined });
    b.output('shared', product(digits(x, 2), digits(w, 2), 4), 'output');
    b.output('scores', product(digits(x, 2), transposed(digits(q, 2)), 1024), 'output');
    b.output('grid', product(one(halves), digits(w, 2), 1024), 'output');
    b.output('mask', product(one(hot), digits(w, 2), 1024), 'output');
    b.output('right', product(transposed(digits(w, 2)), one(bytes), 514), 'output');
    b.output('both', product(one(hot), one(bytes), 514), 'output');
    const graph = b.build();
    for (const kind of ['random', 'extreme'] as const)
      await check(graph, inputsFor(graph, xorshift(5), kind), kind);
  });

  it('lays padded digits out as columns of bytes', async () => {
    const b = new GraphBuilder();
    const { digits, product, transposed } = spelling(b);
    const free = (name: string, shape: number[], r = range({ lo: -4, hi: 4, quantum: 2 ** -40 })) =>
      b.input(name, { dtype: 'f32', shape }, r, { kind: 'free' });
    const columns = (part: Value): Value => {
      const around = b.add('Pad', [part], { before: [0, 0, 1, 0], after: [0, 0, 1, 2] });
      const rows = [0, 1, 2].map((i) => {
        const box = { starts: [0, 0, i, i], ends: [2, 3, i + 5, i + 5], steps: [1, 1, 2, 2] };
        return b.add('Reshape', [b.add('Slice', [around], box)], { shape: [2, 3, 1, 9] });
      });
      return b.add('Reshape', [b.add('Concat', rows, { axis: 2 })], { shape: [2, 9, 9] });
    };
    const laid = ({ parts, unit }: Digits): Digits => ({ parts: parts.map(columns), unit });
    const w = digits(free('w', [4, 9]), 2);
    const image = laid(digits(free('x', [2, 3, 5, 6]), 2));
    const bytes = laid({ parts: [free('bytes', [2, 3, 5, 6], integerRange(0, 255))], unit: undefined });
    b.output('forward', product(w, image, 1024), 'output');
    b.output('pixels', product(w, bytes, 514), 'output');
    b.output('backward', product(image, transposed(image), 1024), 'output');
    b.output('both', product(bytes, transposed(image), 514), 'output');
    const graph = b.build();
    for (const kind of ['random', 'extreme'] as const)
      await check(graph, inputsFor(graph, xorshift(11), kind), kind);
    // Bytes alone are padded, with the byte that stands for zero.
    const pads = (legalise(graph, 'columns', INTEGER_TARGET).graph!.node ?? []).filter(
      (node) => node.opType === 'Pad',
    );
    expect(
      pads.every((node) => /^(u8|i8):/.test(node.input![2] ?? '')),
      'a pad of floats',
    ).to.equal(true);
  });

  it('keeps digits that are outputs, and values with several readers', async () => {
    const b = new GraphBuilder();
    const { op, c, digits, product } = spelling(b);
    const x = b.input('x', { dtype: 'f32', shape: [4, 4] }, range({ lo: -4, hi: 4, quantum: 2 ** -40 }), {
      kind: 'free',
    });
    const split = digits(x, 2);
    const y = product(split, split, 1024);
    b.output('hi', split.parts[0]!, 'output');
    b.output('y', y, 'output');
    b.output('z', op('Add', y, op('Mul', y, c(0.5))), 'output');
    b.output('unit', split.unit!, 'output');
    const graph = b.build();
    await check(graph, inputsFor(graph, xorshift(8), 'random'), 'shared');
  });

  it('finds the largest magnitude of large tensors, zeros of both signs included', async () => {
    const b = new GraphBuilder();
    const { largest } = spelling(b);
    const x = b.input(
      'x',
      { dtype: 'f32', shape: [128, 150] },
      range({ lo: -4, hi: 4, quantum: 2 ** -40, negativeZero: true }),
      { kind: 'free' },
    );
    b.output('m', largest(x), 'output');
    const graph = b.build();
    const of = (value: (i: number) => number): Values => ({
      x: { dtype: 'f32', shape: [128, 150], data: Float32Array.from({ length: 19200 }, (_, i) => value(i)) },
    });
    await check(
      graph,
      of(() => -0),
      'negative zeros',
    );
    await check(
      graph,
      of((i) => (i % 2 ? 0 : -0)),
      'both zeros',
    );
    await check(
      graph,
      of((i) => (i === 777 ? -3.5 : i / 19200)),
      'a negative largest',
    );
  });

  it('keeps random graphs', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const { graph, inputs } = randomGraph(seed);
      const values = evaluate(graph, inputs);
      const want = graph.outputs.map((output) => values[output.node]!);
      for (const target of [INTEGER_TARGET, PLAIN_TARGET]) {
        expectSameBits(
          graph,
          await run(legalise(graph, 'random', target), graph, inputs, 1),
          want,
          `seed ${seed}`,
        );
      }
    }
  });
});
