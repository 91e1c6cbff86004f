import { expect } from 'chai';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { GensynError } from '../src/error.js';
import { decodeModel } from '../src/onnx/decode.js';
import { encodeModel, encodeModelPieces } from '../src/onnx/encode.js';
import type { ModelProto, TensorProto, ValueInfoProto } from '../src/onnx/messages.js';
import * as model from '../src/onnx/model.js';
import { attributesModel, branchModel } from './onnx-wire-fixtures.js';

const branch = new Uint8Array(Buffer.from(branchModel, 'base64'));
const attributes = new Uint8Array(Buffer.from(attributesModel, 'base64'));

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof GensynError) return error.code;
    throw error;
  }
  return 'none';
}

function float(name: string, dims: readonly number[]): ValueInfoProto {
  const dim = dims.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: 1, shape: { dim } } } };
}

describe('onnx wire', () => {
  it("reads what Python's onnx writes, and writes the same bytes", () => {
    for (const bytes of [branch, attributes]) expect(encodeModel(decodeModel(bytes))).to.deep.equal(bytes);
    const graph = decodeModel(branch).graph!;
    expect(decodeModel(branch).metadataProps).to.deep.equal([{ key: 'key', value: 'väl' }]);
    expect(graph.node![0]!.attribute!.map((a) => [a.name, a.g?.node?.[0]?.opType])).to.have.deep.members([
      ['then_branch', 'Add'],
      ['else_branch', 'Mul'],
    ]);
    expect(model.tensorData(graph.initializer![0]!).data).to.deep.equal(Float32Array.of(1.5, -2));
  });

  it('reads every attribute and tensor field of the second fixture', () => {
    const graph = decodeModel(attributes).graph!;
    const [transpose, leaky, constant] = graph.node!.map((node) => node.attribute![0]!);
    expect(transpose!.ints).to.deep.equal(BigInt64Array.of(1n, 0n));
    expect(leaky!.f).to.equal(0.25);
    expect(model.tensorData(constant!.t!).data).to.deep.equal(BigInt64Array.of(-1n, 2n ** 40n));
    expect(graph.initializer!.map((t) => model.tensorData(t).data)).to.deep.equal([
      BigInt64Array.of(1n, -1n, 2n ** 62n),
      Uint8Array.of(7, 255),
      Float64Array.of(0.1),
    ]);
    expect(graph.input![0]!.type!.tensorType!.shape!.dim).to.deep.equal([{ dimParam: 'n' }, { dimValue: 3 }]);
  });

  it('writes models that onnxruntime runs', async () => {
    const weights = Float32Array.from({ length: 6 }, (_, i) => i - 2.5);
    const built: ModelProto = {
      irVersion: 10,
      opsetImport: [{ domain: '', version: 21 }],
      graph: {
        name: 'product',
        node: [
          { opType: 'MatMul', input: ['x', 'w'], output: ['h'] },
          {
            opType: 'Transpose',
            input: ['h'],
            output: ['y'],
            attribute: [model.attributeInts('perm', [1, 0])],
          },
        ],
        initializer: [model.tensorFromF32('w', [3, 2], weights)],
        input: [float('x', [1, 3])],
        output: [float('y', [2, 1])],
      },
    };
    const session = await InferenceSession.create(encodeModel(built));
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2, 3), [1, 3]) });
    expect(y!.dims).to.deep.equal([2, 1]);
    expect([...(y!.data as Float32Array)]).to.deep.equal([-2.5 - 1 + 4.5, -1.5 + 1 + 7.5]);
    await session.release();
  });

  it('hands large data through uncopied in both directions', () => {
    const data = new Float32Array(1 << 16).fill(0.5);
    const large: ModelProto = {
      graph: { initializer: [model.tensorFromF32('w', [1 << 16], data)], name: 'g' },
    };
    const pieces = encodeModelPieces(large);
    expect(pieces.some((piece) => piece.buffer === data.buffer)).to.equal(true);
    const whole = encodeModel(large);
    expect(Buffer.concat(pieces).equals(whole)).to.equal(true);
    expect(decodeModel(whole).graph!.initializer![0]!.rawData!.buffer).to.equal(whole.buffer);
  });

  it('writes the same bytes in pieces of whatever size, with texts of any length and alphabet', () => {
    const names = ['', 'x', 'a'.repeat(256), 'b'.repeat(257), 'c'.repeat(1000), 'Gewicht_ä', '重み', '😀'];
    const texts: ModelProto = { graph: { node: names.map((name) => ({ name, opType: 'Add' })) } };
    const whole = encodeModel(texts);
    expect(decodeModel(whole).graph!.node!.map(({ name }) => name)).to.deep.equal(names);
    for (const borrowFrom of [1, 3, 100, 300])
      expect(Buffer.concat(encodeModelPieces(texts, borrowFrom)).equals(whole)).to.equal(true);
  });

  it('keeps negative and large integers', () => {
    const values = [0n, 1n, -1n, 127n, 128n, 2n ** 31n, -(2n ** 31n), 2n ** 63n - 1n, -(2n ** 63n)];
    const node = { attribute: values.map((i) => ({ i })) };
    const back = decodeModel(
      encodeModel({ modelVersion: -5, irVersion: 2 ** 53 - 1, graph: { node: [node] } }),
    );
    expect(back.graph!.node![0]!.attribute!.map((a) => a.i)).to.deep.equal(values);
    expect([back.modelVersion, back.irVersion]).to.deep.equal([-5, 2 ** 53 - 1]);
  });

  it('reads packed, single and mixed runs of numbers, and skips unknown fields', () => {
    // graph.node.attribute.ints: packed 1 2, single 3; then unknown field 30 of every wire type.
    const ints = [0x42, 2, 1, 2, 0x40, 3];
    const unknown = [
      0xf0,
      1,
      5,
      0xf1,
      1,
      ...new Array<number>(8).fill(9),
      0xf2,
      1,
      1,
      7,
      0xf5,
      1,
      1,
      2,
      3,
      4,
    ];
    const attribute = [0x2a, ints.length + unknown.length, ...ints, ...unknown];
    const node = [0x0a, attribute.length, ...attribute];
    const decoded = decodeModel(Uint8Array.from([0x3a, node.length, ...node]));
    expect(decoded.graph!.node![0]!.attribute![0]!).to.deep.equal({ ints: BigInt64Array.of(1n, 2n, 3n) });
  });
});

describe('onnx wire, hostile bytes', () => {
  const of = (...bytes: number[]) => Uint8Array.from(bytes);
  it('names what is wrong', () => {
    expect(codeOf(() => decodeModel(of(0x3a, 5, 1)))).to.equal('G0001');
    expect(codeOf(() => decodeModel(of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f)))).to.equal('G0001');
    expect(codeOf(() => decodeModel(of(0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)))).to.equal('G0001');
    expect(codeOf(() => decodeModel(of(0x08, 0x80)))).to.equal('G0001');
    expect(codeOf(() => decodeModel(of(0x08, ...new Array<number>(10).fill(0x80), 1)))).to.equal('G0002');
    expect(codeOf(() => decodeModel(of(0x08, ...new Array<number>(9).fill(0xff), 2)))).to.equal('G0002');
    expect(codeOf(() => decodeModel(of(0x00, 1)))).to.equal('G0003');
    expect(codeOf(() => decodeModel(of(0x3b, 1)))).to.equal('G0003');
    expect(codeOf(() => decodeModel(of(0xf3, 1)))).to.equal('G0003');
    expect(codeOf(() => decodeModel(of(0x3a, 0, 0x3a, 0)))).to.equal('G0006');
    expect(codeOf(() => decodeModel(of(0x12, 2, 0xc3, 0x28)))).to.equal('G0007');
    expect(codeOf(() => decodeModel(of(0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)))).to.equal(
      'G0008',
    );
    expect(codeOf(() => encodeModel({ irVersion: 2 ** 53 }))).to.equal('G0008');
    expect(codeOf(() => encodeModel({ producerName: '\ud800' }))).to.equal('G0007');
  });

  it('stops at deep nesting, too many parts, and a packed value that leaves its run', () => {
    let inner: ModelProto['graph'] = {};
    for (let i = 0; i < 40; i++) inner = { node: [{ attribute: [{ g: inner }] }] };
    const deep = encodeModel({ graph: inner });
    expect(codeOf(() => decodeModel(deep))).to.equal('G0004');
    expect(codeOf(() => decodeModel(deep, { depth: 130 }))).to.equal('none');
    const many = new Uint8Array(2_000_000);
    for (let i = 0; i < many.length; i += 2) many[i] = 0x42;
    expect(codeOf(() => decodeModel(many, { items: 999_999 }))).to.equal('G0005');
    expect(codeOf(() => decodeModel(many, { items: 1_000_000 }))).to.equal('none');
    // initializer { float_data: 3 bytes }
    expect(codeOf(() => decodeModel(of(0x3a, 7, 0x2a, 5, 0x22, 3, 0, 0, 0)))).to.equal('G0001');
  });

  it('lets only GensynError escape from 20,000 mutated models', () => {
    let state = 12345;
    const random = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    const seen = new Map<string, number>();
    for (let round = 0; round < 20_000; round++) {
      const bytes = Array.from(round % 2 === 0 ? branch : attributes);
      for (let edits = 1 + random(4); edits > 0; edits--) {
        const at = random(bytes.length);
        const kind = random(4);
        if (kind === 0) bytes[at] = random(256);
        else if (kind === 1) bytes[at]! ^= 1 << random(8);
        else if (kind === 2) bytes.splice(at, 1 + random(4));
        else bytes.splice(at, 0, ...[255, 255, 255, 255, 15].slice(random(5)));
      }
      const code = codeOf(() => {
        const decoded = decodeModel(Uint8Array.from(bytes));
        for (const tensor of decoded.graph?.initializer ?? []) model.tensorData(tensor);
        encodeModel(decoded);
      });
      seen.set(code, (seen.get(code) ?? 0) + 1);
    }
    // Both readable and broken models must occur, or the test would show nothing.
    for (const code of ['none', 'G0001', 'G0003', 'G0006', 'G0007', 'G0011'])
      expect(seen.get(code)).to.be.above(10);
  });
});

describe('onnx tensors', () => {
  const raw = (dims: number[], dataType: number, bytes: number): TensorProto => ({
    dims,
    dataType,
    rawData: new Uint8Array(bytes),
  });
  it('checks data against shape, type and range', () => {
    expect(codeOf(() => model.tensorData(raw([2, 3], 1, 24)))).to.equal('none');
    expect(codeOf(() => model.tensorData(raw([2, 3], 1, 23)))).to.equal('G0011');
    expect(codeOf(() => model.tensorData(raw([-1], 1, 4)))).to.equal('G0011');
    expect(codeOf(() => model.tensorData(raw([2 ** 40, 2 ** 40], 1, 4)))).to.equal('G0011');
    expect(codeOf(() => model.tensorData(raw([1], 17, 1)))).to.equal('G0012');
    const both = { ...raw([1], 1, 4), floatData: Float32Array.of(1) };
    expect(codeOf(() => model.tensorData(both))).to.equal('G0011');
    const u8 = { dims: [1], dataType: 2, int32Data: Int32Array.of(256) };
    expect(codeOf(() => model.tensorData(u8))).to.equal('G0011');
    expect(codeOf(() => model.tensorData({ dims: [1], dataType: 9, int32Data: Int32Array.of(2) }))).to.equal(
      'G0011',
    );
    expect(codeOf(() => model.tensorFromF32('w', [3], new Float32Array(2)))).to.equal('G0011');
  });

  it('reads unaligned data', () => {
    const bytes = new Uint8Array(9);
    bytes.set(new Uint8Array(Float32Array.of(1, 2).buffer), 1);
    const tensor = { dims: [2], dataType: 1, rawData: bytes.subarray(1) };
    expect(model.tensorData(tensor).data).to.deep.equal(Float32Array.of(1, 2));
  });

  it('refuses external paths that leave the folder', () => {
    const at = (location: string, more: { key: string; value: string }[] = []): TensorProto => ({
      dims: [2],
      dataType: 1,
      dataLocation: 1,
      externalData: [{ key: 'location', value: location }, ...more],
    });
    const bad = ['', '/etc/passwd', '../w', 'a/../../w', 'a//b', './w', 'a\\..\\b', 'C:w', 'w\u0000', 'a/'];
    for (const path of bad)
      expect(
        codeOf(() => model.externalLocation(at(path))),
        path,
      ).to.equal('G0013');
    expect(codeOf(() => model.tensorData(at('w.bin')))).to.equal('G0014');
    const ranged = at('data/w.bin', [{ key: 'offset', value: '4096' }]);
    expect(model.externalLocation(ranged)).to.deep.equal({ location: 'data/w.bin', offset: 4096, length: 8 });
    expect(codeOf(() => model.externalLocation(at('w', [{ key: 'offset', value: '-1' }])))).to.equal('G0011');
    const data = model.tensorData(ranged, () => new Uint8Array(Float32Array.of(3, 4).buffer)).data;
    expect(data).to.deep.equal(Float32Array.of(3, 4));
  });
});
