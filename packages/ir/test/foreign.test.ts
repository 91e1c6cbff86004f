import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import {
  bytesOf,
  DataType,
  encodeModel,
  evaluate,
  lintModel,
  tensorFromI32,
  tensorFromI64,
  type AttributeProto,
  type ModelProto,
  type NodeProto,
} from '../src/index.js';
import { hex } from './onnxruntime.js';

const INT = 2;
const STRING = 3;
const TENSOR = 4;
const INTS = 7;

interface Spelling {
  readonly input?: readonly string[];
  readonly attribute?: readonly AttributeProto[];
  /** Constant int64 operands by name. */
  readonly lists?: Readonly<Record<string, readonly number[]>>;
  /** Nodes before this one. */
  readonly before?: readonly NodeProto[];
}

/** One operator over `x` i32[2, 3, 4], as another program might write it: integers need no declared range. */
function model(
  opType: string,
  { input = ['x'], attribute = [], lists = {}, before = [] }: Spelling,
): ModelProto {
  const dims = [2, 3, 4].map((dimValue) => ({ dimValue }));
  return {
    irVersion: 10,
    opsetImport: [{ domain: '', version: 21 }],
    graph: {
      name: 'foreign',
      input: [{ name: 'x', type: { tensorType: { elemType: DataType.int32, shape: { dim: dims } } } }],
      output: [{ name: 'y', type: { tensorType: { elemType: DataType.int32 } } }],
      initializer: [
        tensorFromI32('zero', [], Int32Array.of(0)),
        ...Object.entries(lists).map(([name, list]) =>
          tensorFromI64(name, [list.length], BigInt64Array.from(list, BigInt)),
        ),
      ],
      node: [
        ...before,
        { name: 'n', opType, input, output: ['y'], ...(attribute.length > 0 ? { attribute } : {}) },
      ],
    },
  };
}

const axis = (i: bigint): AttributeProto => ({ name: 'axis', i, type: INT });

const spellings: Readonly<Record<string, ModelProto>> = {
  'Reshape with 0 and -1': model('Reshape', { input: ['x', 's'], lists: { s: [0, -1] } }),
  'Reshape with allowzero off': model('Reshape', {
    input: ['x', 's'],
    lists: { s: [24] },
    attribute: [{ name: 'allowzero', i: 0n, type: INT }],
  }),
  'Transpose without perm': model('Transpose', {}),
  'Transpose with perm': model('Transpose', {
    attribute: [{ name: 'perm', ints: BigInt64Array.of(1n, 0n, 2n), type: INTS }],
  }),
  'Slice from the end, to beyond the end': model('Slice', {
    input: ['x', 'starts', 'ends', 'axes'],
    lists: { starts: [-2, 1], ends: [2 ** 31 - 1, -1], axes: [-1, 1] },
  }),
  'Slice with steps': model('Slice', {
    input: ['x', 'starts', 'ends', 'axes', 'steps'],
    lists: { starts: [0], ends: [99], axes: [2], steps: [3] },
  }),
  'Slice without axes, with steps': model('Slice', {
    input: ['x', 'starts', 'ends', '', 'steps'],
    lists: { starts: [0, 1], ends: [2, 3], steps: [1, 2] },
  }),
  'Concat along the last axis': model('Concat', { input: ['x', 'x'], attribute: [axis(-1n)] }),
  'Pad with a mode and a zero': model('Pad', {
    input: ['x', 'p', 'zero'],
    lists: { p: [0, 1, 0, 2, 0, 1] },
    attribute: [{ name: 'mode', s: new TextEncoder().encode('constant'), type: STRING }],
  }),
  'Expand by a shorter shape': model('Expand', { input: ['x', 's'], lists: { s: [5, 1, 1, 4] } }),
  'Gather without an axis': model('Gather', { input: ['x', 'zero'] }),
  'Identity and Constant': model('Reshape', {
    input: ['copy', 's'],
    before: [
      { opType: 'Identity', input: ['x'], output: ['copy'] },
      {
        opType: 'Constant',
        output: ['s'],
        attribute: [{ name: 'value', type: TENSOR, t: tensorFromI64('', [1], BigInt64Array.of(24n)) }],
      },
    ],
  }),
};

/** Spellings that ONNX allows and the canonical operators do not mean. */
const refused: Readonly<Record<string, ModelProto>> = {
  'Slice backwards': model('Slice', {
    input: ['x', 'starts', 'ends', 'axes', 'steps'],
    lists: { starts: [3], ends: [0], axes: [2], steps: [-1] },
  }),
  'Pad by reflection': model('Pad', {
    input: ['x', 'p'],
    lists: { p: [0, 0, 1, 0, 0, 1] },
    attribute: [{ name: 'mode', s: new TextEncoder().encode('reflect'), type: STRING }],
  }),
  'Pad that cuts': model('Pad', { input: ['x', 'p'], lists: { p: [0, 0, -1, 0, 0, 0] } }),
  'Gather along another axis': model('Gather', { input: ['x', 'zero'], attribute: [axis(1n)] }),
};

describe('ONNX of other programs', () => {
  const data = Int32Array.from({ length: 24 }, (_, i) => i * 7 - 50);

  for (const [name, proto] of Object.entries(spellings)) {
    it(`reads ${name} as onnxruntime does`, async () => {
      const bytes = encodeModel(proto);
      const { graph, violations } = lintModel(bytes);
      expect(violations).to.deep.equal([]);
      const values = evaluate(graph!, { x: { dtype: 'i32', shape: [2, 3, 4], data } });
      const session = await ort.InferenceSession.create(bytes, {
        graphOptimizationLevel: 'disabled',
        logSeverityLevel: 3,
      });
      const { y } = await session.run({ x: new ort.Tensor('int32', data, [2, 3, 4]) });
      await session.release();
      const own = values[graph!.outputs[0]!.node]!;
      expect([...own.shape]).to.deep.equal([...y!.dims]);
      expect(hex(bytesOf(own.data))).to.equal(hex(y!.data as Int32Array));
    });
  }

  for (const [name, proto] of Object.entries(refused)) {
    it(`refuses ${name}`, () => {
      expect(lintModel(encodeModel(proto)).violations.map(({ rule, node }) => `${rule} ${node}`)).to.include(
        'constraint n',
      );
    });
  }
});
