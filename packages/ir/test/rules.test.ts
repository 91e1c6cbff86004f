import { expect } from 'chai';
import {
  DataType,
  encodeModel,
  fromOnnx,
  GraphBuilder,
  healthLimit,
  integerRange,
  lintModel,
  range,
  RULES,
  stepLimit,
  tensorFromF32,
  tensorFromI64,
  toOnnx,
  verifyCanonical,
  type Graph,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type Node,
  type Range,
  type RuleName,
  type StateInit,
  type TensorType,
  type ValueInfoProto,
} from '../src/index.js';
import { step } from './step-graph.js';

/** A foreign model: nodes over float inputs of these dimensions, written by some other program. */
function foreign(
  nodes: readonly NodeProto[],
  inputs: Readonly<Record<string, readonly (number | string)[]>>,
  rest: Partial<GraphProto> = {},
): ModelProto {
  const info = (name: string, dims: readonly (number | string)[]): ValueInfoProto => ({
    name,
    type: {
      tensorType: {
        elemType: DataType.float,
        shape: { dim: dims.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })) },
      },
    },
  });
  return {
    irVersion: 10,
    opsetImport: [{ domain: '', version: 21 }],
    graph: {
      name: 'foreign',
      node: nodes,
      input: Object.entries(inputs).map(([name, dims]) => info(name, dims)),
      output: [{ name: nodes.at(-1)!.output![0]! }],
      ...rest,
    },
  };
}

function broken(model: ModelProto): { rule: RuleName; node: string | undefined }[] {
  return lintModel(encodeModel(model)).violations.map(({ rule, node }) => ({ rule, node }));
}

type Declared = readonly [TensorType['dtype'], readonly number[], Range];

/**
 * A canonical file whose operator was put there by hand, as the builder would refuse it: declared inputs, one node.
 */
function forged(
  op: Node['op'],
  declared: readonly Declared[],
  attributes: Node['attributes'] = {},
  type: TensorType = { dtype: 'f32', shape: [] },
): ModelProto {
  const nodes: Node[] = declared.map(([dtype, shape, r], n) => ({
    op: 'Input',
    inputs: [],
    attributes: {},
    type: { dtype, shape },
    range: r,
    name: `in${n}`,
    source: { kind: 'free' },
  }));
  nodes.push({ op, inputs: declared.map((_, n) => n), attributes, type, range: range({ lo: -1, hi: 1 }) });
  const model = toOnnx(
    { nodes, outputs: [{ name: 'out', node: declared.length, role: 'output' }] },
    { name: 'forged' },
  );
  return { ...model, graph: { ...model.graph!, output: [{ name: 'out' }] } };
}

const digits = integerRange(-128, 127);
const unit = range({ lo: -1, hi: 1, tiny: 2 ** -100 });

/** At least one file for each rule, with the node that breaks it. */
const files: {
  readonly [R in RuleName]: Readonly<Record<string, readonly [ModelProto, string | undefined]>>;
} = {
  operator: {
    'a transcendental function': [
      foreign([{ name: 'e', opType: 'Exp', input: ['x'], output: ['y'] }], { x: [4] }),
      'e',
    ],
    'a sum of floats': [
      foreign([{ name: 's', opType: 'ReduceSum', input: ['x'], output: ['y'] }], { x: [4] }),
      's',
    ],
    'an operator of another domain': [
      foreign([{ name: 'g', opType: 'Gelu', domain: 'com.microsoft', input: ['x'], output: ['y'] }], {
        x: [4],
      }),
      'g',
    ],
    'a canonical name in another domain': [
      foreign([{ name: 'g', opType: 'Add', domain: 'mine', input: ['x', 'x'], output: ['y'] }], { x: [4] }),
      'g',
    ],
    'an operator of ours that ONNX lacks': [
      foreign([{ name: 'd', opType: 'Dot', input: ['x', 'x'], output: ['y'] }], { x: [2, 2] }),
      'd',
    ],
    'a subgraph': [
      foreign(
        [
          {
            name: 'l',
            opType: 'Loop',
            input: ['x'],
            output: ['y'],
            attribute: [{ name: 'body', type: 5, g: {} }],
          },
        ],
        { x: [4] },
      ),
      'l',
    ],
    'another opset': [
      {
        ...foreign([{ name: 'a', opType: 'Abs', input: ['x'], output: ['y'] }], { x: [4] }),
        opsetImport: [{ version: 13 }],
      },
      undefined,
    ],
    'functions of its own': [
      {
        ...foreign([{ name: 'a', opType: 'Abs', input: ['x'], output: ['y'] }], { x: [4] }),
        functions: [{ name: 'f' }],
      },
      undefined,
    ],
  },
  dtype: {
    'a double': [
      foreign(
        [{ name: 'a', opType: 'Abs', input: ['x'], output: ['y'] }],
        {},
        { input: [{ name: 'x', type: { tensorType: { elemType: DataType.double, shape: {} } } }] },
      ),
      'x',
    ],
    'arithmetic on int64': [
      foreign(
        [{ name: 'a', opType: 'Add', input: ['c', 'c'], output: ['y'] }],
        {},
        { initializer: [tensorFromI64('c', [1], BigInt64Array.of(1n))] },
      ),
      'a',
    ],
    'a cast to half': [
      foreign(
        [
          {
            name: 'c',
            opType: 'Cast',
            input: ['x'],
            output: ['y'],
            attribute: [{ name: 'to', i: 10n, type: 2 }],
          },
        ],
        { x: [1] },
      ),
      'c',
    ],
    'an int64 output': [
      foreign(
        [{ name: 'a', opType: 'Identity', input: ['c'], output: ['y'] }],
        {},
        { initializer: [tensorFromI64('c', [1], BigInt64Array.of(1n))] },
      ),
      'y',
    ],
  },
  staticShape: {
    'a symbolic dimension': [
      foreign([{ name: 'a', opType: 'Abs', input: ['x'], output: ['y'] }], { x: ['batch', 4] }),
      'x',
    ],
    'an empty dimension': [
      foreign([{ name: 'a', opType: 'Abs', input: ['x'], output: ['y'] }], { x: [0, 4] }),
      'x',
    ],
    'a shape that is computed': [
      foreign([{ name: 'r', opType: 'Reshape', input: ['x', 'x'], output: ['y'] }], { x: [4] }),
      'r',
    ],
    'a tensor beyond all memory': [
      foreign(
        [{ name: 'e', opType: 'Expand', input: ['x', 's'], output: ['y'] }],
        { x: [1] },
        { initializer: [tensorFromI64('s', [2], BigInt64Array.of(65536n, 65536n))] },
      ),
      'e',
    ],
    'nine dimensions': [
      foreign([{ name: 'a', opType: 'Abs', input: ['x'], output: ['y'] }], {
        x: new Array<number>(9).fill(1),
      }),
      'x',
    ],
  },
  constraint: {
    'a Concat of 33': [
      foreign(
        [
          {
            name: 'c',
            opType: 'Concat',
            input: new Array<string>(33).fill('x'),
            output: ['y'],
            attribute: [{ name: 'axis', i: 0n, type: 2 }],
          },
        ],
        { x: [4] },
      ),
      'c',
    ],
    'shapes that do not broadcast': [
      foreign([{ name: 'a', opType: 'Add', input: ['x', 'z'], output: ['y'] }], { x: [4], z: [3] }),
      'a',
    ],
    'an unknown attribute': [
      foreign(
        [
          {
            name: 'a',
            opType: 'Abs',
            input: ['x'],
            output: ['y'],
            attribute: [{ name: 'fast', i: 1n, type: 2 }],
          },
        ],
        { x: [4] },
      ),
      'a',
    ],
    'a reduction that drops its axes': [forgedAttribute('keepdims', 0n), 'm'],
    'an output that is declared otherwise': [
      foreign(
        [{ name: 'a', opType: 'Abs', input: ['x'], output: ['y'] }],
        { x: [4] },
        {
          output: [
            {
              name: 'y',
              type: { tensorType: { elemType: DataType.float, shape: { dim: [{ dimValue: 5 }] } } },
            },
          ],
        },
      ),
      'y',
    ],
    'a constant of a wrong form': [
      foreign(
        [
          {
            name: 'c',
            opType: 'Constant',
            input: [],
            output: ['y'],
            attribute: [{ name: 'value_int', i: 1n, type: 2 }],
          },
        ],
        {},
      ),
      'c',
    ],
  },
  dotOperand: {
    'a float MatMul': [
      foreign([{ name: 'm', opType: 'MatMul', input: ['x', 'w'], output: ['y'] }], { x: [2, 3], w: [3, 4] }),
      'm',
    ],
    'a float MatMul behind an operator that is unknown': [
      foreign(
        [
          { name: 'e', opType: 'Exp', input: ['x'], output: ['h'] },
          { name: 'm', opType: 'MatMul', input: ['h', 'w'], output: ['y'] },
        ],
        { x: [2, 3], w: [3, 4] },
      ),
      'm',
    ],
    'digits that are too large': [
      forged('Dot', [
        ['f32', [2, 2], integerRange(-300, 300)],
        ['f32', [2, 2], digits],
      ]),
      '2_Dot',
    ],
  },
  dotBound: {
    'a product that can pass 2^24': [
      forged('Dot', [
        ['f32', [2, 1025], digits],
        ['f32', [1025, 2], digits],
      ]),
      '2_Dot',
    ],
  },
  underflow: {
    'a product that may be subnormal': [
      forged('Mul', [
        ['f32', [4], unit],
        ['f32', [4], unit],
      ]),
      '2_Mul',
    ],
    'a difference that may be subnormal': [
      forged('Sub', [
        ['f32', [4], range({ lo: 0, hi: 1, tiny: 2 ** -110 })],
        ['f32', [4], range({ lo: 0, hi: 1, tiny: 2 ** -110 })],
      ]),
      '2_Sub',
    ],
    'a product of digits that are too fine': [
      forged('Dot', [
        ['f32', [2, 2], range({ lo: -(2 ** -70), hi: 2 ** -70, quantum: 2 ** -70 })],
        ['f32', [2, 2], range({ lo: -(2 ** -70), hi: 2 ** -70, quantum: 2 ** -70 })],
      ]),
      '2_Dot',
    ],
    'an input of any float': [
      foreign([{ name: 'a', opType: 'Abs', input: ['x'], output: ['y'] }], { x: [4] }),
      'x',
    ],
    'a subnormal constant': [
      foreign(
        [{ name: 'a', opType: 'Abs', input: ['c'], output: ['y'] }],
        {},
        { initializer: [tensorFromF32('c', [1], Float32Array.of(1e-40))] },
      ),
      'c',
    ],
  },
  finite: {
    'a product that may overflow': [
      forged('Mul', [
        ['f32', [4], range({ lo: 1, hi: 1e30 })],
        ['f32', [4], range({ lo: 1, hi: 1e30 })],
      ]),
      '2_Mul',
    ],
    'a divisor that may be zero': [
      forged('Div', [
        ['f32', [4], digits],
        ['f32', [4], digits],
      ]),
      '2_Div',
    ],
    'a root of a negative number': [forged('Sqrt', [['f32', [4], digits]]), '1_Sqrt'],
    'a product of digits that may overflow': [
      forged('Dot', [
        ['f32', [2, 2], range({ lo: 0, hi: 2 ** 100, quantum: 2 ** 100 })],
        ['f32', [2, 2], range({ lo: 0, hi: 2 ** 100, quantum: 2 ** 100 })],
      ]),
      '2_Dot',
    ],
    'a constant NaN': [
      foreign(
        [{ name: 'a', opType: 'Abs', input: ['c'], output: ['y'] }],
        {},
        { initializer: [tensorFromF32('c', [1], Float32Array.of(NaN))] },
      ),
      'c',
    ],
  },
  zeroSign: {
    'a reduction over signed zeros': [
      forged('ReduceMax', [['f32', [4], range({ lo: -1, hi: 1, tiny: 0.5, negativeZero: true })]], {
        axes: [0],
      }),
      '1_ReduceMax',
    ],
    'a maximum of signed zeros': [
      forged('Max', [
        ['f32', [4], range({ lo: -1, hi: 1, tiny: 0.5, negativeZero: true })],
        ['f32', [], range({ lo: 0, hi: 0 })],
      ]),
      '2_Max',
    ],
    'a choice of signed zeros': [
      forged('Where', [
        ['bool', [4], integerRange(0, 1)],
        ['f32', [4], digits],
        ['f32', [4], range({ lo: -1, hi: 1, negativeZero: true })],
      ]),
      '3_Where',
    ],
    'a MatMul whose zeros may be negative': [
      withoutZero(
        forged('Dot', [
          ['f32', [2, 2], digits],
          ['f32', [2, 2], digits],
        ]),
      ),
      '2_Dot_MatMul',
    ],
  },
  indexBound: {
    'an index beyond the table': [
      forged('Gather', [
        ['f32', [4], digits],
        ['i32', [2], integerRange(0, 4)],
      ]),
      '2_Gather',
    ],
    'a negative index': [
      forged('Gather', [
        ['f32', [4], digits],
        ['i32', [2], integerRange(-1, 3)],
      ]),
      '2_Gather',
    ],
  },
  exactCast: {
    'a fraction to integer': [forged('Cast', [['f32', [4], unit]], { to: 'i32' }), '1_Cast'],
    'an integer beyond 2^24': [
      forged('Cast', [['i32', [4], integerRange(0, 2 ** 24 + 1)]], { to: 'f32' }),
      '1_Cast',
    ],
  },
  wrap: {
    'a sum that may wrap': [
      forged('Add', [
        ['i32', [4], integerRange(0, 2 ** 31 - 1)],
        ['i32', [4], integerRange(0, 1)],
      ]),
      '2_Add',
    ],
    'a product that may wrap': [
      forged('Mul', [
        ['i32', [4], integerRange(0, 65536)],
        ['i32', [4], integerRange(0, 65536)],
      ]),
      '2_Mul',
    ],
    'the least integer negated': [forged('Neg', [['i32', [4], integerRange(-(2 ** 31), 0)]]), '1_Neg'],
  },
  invariant: {
    'a next state off its grid': [
      stateModel((builder, w) => [builder.add('Mul', [w, builder.scalar(0.3)]), true]),
      `state 'w'`,
    ],
    'bounds that grow unwatched': [
      stateModel((builder, w) => [builder.add('Add', [w, w]), false]),
      `state 'w'`,
    ],
    'a health output that watches something else': [
      stateModel((builder, w) => {
        const other = builder.input('other', { dtype: 'f32', shape: [4] }, digits, { kind: 'free' });
        builder.output(
          'health',
          builder.add('ReduceMax', [builder.add('Abs', [other])], { axes: [0] }),
          'health',
        );
        return [builder.add('Add', [w, w]), false];
      }),
      `state 'w'`,
    ],
    'a health output that sees a part only': [
      stateModel((builder, w) => {
        const part = builder.add('Slice', [builder.add('Abs', [w])], { starts: [0], ends: [2], steps: [1] });
        builder.output('health', builder.add('ReduceMax', [part], { axes: [0] }), 'health');
        return [builder.add('Add', [w, w]), false];
      }),
      `state 'w'`,
    ],
    'a health output that mixes the state it watches with what is computed of it': [
      stateModel((builder, w) => {
        const inverse = builder.add('Div', [
          builder.scalar(1),
          builder.add('Sub', [builder.scalar(1000), w]),
        ]);
        const both = builder.add('Concat', [builder.add('Abs', [w]), inverse], { axis: 0 });
        builder.output('health', builder.add('ReduceMax', [both], { axes: [0] }), 'health');
        return [builder.add('Add', [w, w]), false];
      }),
      `state 'w'`,
    ],
    'a counter on a grid of its own': [counter(range({ lo: 0, hi: 1024, quantum: 512 })), `state 'n'`],
    'a counter with a gap around zero': [
      counter(range({ lo: 0, hi: 1024, tiny: 64, quantum: 1 })),
      `state 'n'`,
    ],
    'a counter of powers of two': [
      counter(range({ lo: 1, hi: 1024, quantum: 1, powerOfTwo: true }), 1),
      `state 'n'`,
    ],
    'initial values off the grid': [forgedStart({ kind: 'uniform', stream: 3, bound: 0.1 }), `state 'w'`],
    'an initial value out of bounds': [forgedStart({ kind: 'constant', value: 2000 }), `state 'w'`],
    'a next state that may be -0': [stateModel((builder, w) => [builder.add('Neg', [w]), true]), `state 'w'`],
  },
  structure: {
    'a value that nothing computes': [
      foreign([{ name: 'a', opType: 'Abs', input: ['nowhere'], output: ['y'] }], {}),
      'a',
    ],
    'nodes out of order': [
      foreign(
        [
          { name: 'b', opType: 'Abs', input: ['h'], output: ['y'] },
          { name: 'a', opType: 'Abs', input: ['x'], output: ['h'] },
        ],
        { x: [4] },
        { output: [{ name: 'y' }] },
      ),
      'b',
    ],
    'a name given twice': [
      foreign([{ name: 'a', opType: 'Abs', input: ['x'], output: ['x'] }], { x: [4] }),
      'x',
    ],
    'an output that nothing computes': [
      foreign(
        [{ name: 'a', opType: 'Abs', input: ['x'], output: ['y'] }],
        { x: [4] },
        { output: [{ name: 'z' }] },
      ),
      'z',
    ],
    'data in another file': [
      foreign(
        [{ name: 'a', opType: 'Abs', input: ['c'], output: ['y'] }],
        {},
        {
          initializer: [
            {
              name: 'c',
              dataType: DataType.float,
              dims: [1],
              dataLocation: 1,
              externalData: [{ key: 'location', value: 'weights.bin' }],
            },
          ],
        },
      ),
      'c',
    ],
    'no graph': [{ irVersion: 10 }, undefined],
    'a state without a next value': [
      forgedOutputs((graph) => graph.outputs.filter(({ name }) => name !== 'w')),
      'w',
    ],
    'declarations of another graph': [
      {
        ...toOnnx(step().build(), { name: 'test' }),
        metadataProps: [
          { key: 'gensyn.inputs', value: '[]' },
          { key: 'gensyn.outputs', value: '[]' },
        ],
      },
      undefined,
    ],
    'declarations that are no JSON': [
      {
        ...toOnnx(step().build(), { name: 'test' }),
        metadataProps: [
          { key: 'gensyn.inputs', value: '[{' },
          { key: 'gensyn.outputs', value: '[]' },
        ],
      },
      undefined,
    ],
  },
};

function forgedAttribute(name: string, i: bigint): ModelProto {
  return foreign(
    [{ name: 'm', opType: 'ReduceMax', input: ['x'], output: ['y'], attribute: [{ name, i, type: 2 }] }],
    { x: [4] },
  );
}

function withoutZero(model: ModelProto): ModelProto {
  const [matmul] = model.graph!.node!;
  return { ...model, graph: { ...model.graph!, node: [{ ...matmul!, output: ['out'] }] } };
}

/** A state `w` of integers, its next value, and whether the health output is to watch it. */
function stateModel(
  next: (
    builder: GraphBuilder,
    w: ReturnType<GraphBuilder['input']>,
  ) => [ReturnType<GraphBuilder['input']>, boolean],
): ModelProto {
  const builder = new GraphBuilder();
  const w = builder.input('w', { dtype: 'f32', shape: [4] }, digits, {
    kind: 'state',
    init: { kind: 'constant', value: 0 },
  });
  const [value, watch] = next(builder, w);
  builder.output('w', value, 'state');
  if (watch)
    builder.output(
      'health',
      builder.add('ReduceMax', [builder.add('Abs', [value])], { axes: [0] }),
      'health',
    );
  return toOnnx(builder.build(), { name: 'state' });
}

/** A state `n` that counts by one, whatever its declaration says. */
function counter(declared: Range, start = 0): ModelProto {
  const builder = new GraphBuilder();
  const init = { kind: 'constant', value: start } as const;
  const n = builder.input('n', { dtype: 'i32', shape: [] }, declared, { kind: 'state', init });
  builder.output('n', builder.add('Add', [n, builder.constant(Int32Array.of(1), [])]), 'state');
  return toOnnx(builder.build(), { name: 'counter' });
}

/** A dropout mask of this declared range. */
function mask(declared: Range, keep: number): ModelProto {
  const builder = new GraphBuilder();
  const source = { kind: 'dropout', stream: 1, keep } as const;
  const m = builder.input('m', { dtype: 'f32', shape: [4] }, declared, source);
  builder.output('out', builder.add('Abs', [m]), 'output');
  return toOnnx(builder.build(), { name: 'mask' });
}

/** A product of digits whose +0 is what `change` makes of it. */
function forgedZero(change: (graph: GraphProto) => Partial<GraphProto>): ModelProto {
  const builder = new GraphBuilder();
  const a = builder.input('a', { dtype: 'f32', shape: [2, 2] }, digits, { kind: 'free' });
  builder.output('out', builder.add('Dot', [a, a]), 'output');
  const model = toOnnx(builder.build(), { name: 'zero' });
  return { ...model, graph: { ...model.graph!, ...change(model.graph!) } };
}

function forgedStart(init: StateInit): ModelProto {
  const graph = step().build();
  const nodes = graph.nodes.map((node) =>
    node.name === 'w' ? { ...node, source: { kind: 'state' as const, init } } : node,
  );
  return toOnnx({ ...graph, nodes }, { name: 'test' });
}

function forgedOutputs(change: (graph: Graph) => Graph['outputs']): ModelProto {
  const graph = step().build();
  return toOnnx({ ...graph, outputs: change(graph) }, { name: 'test' });
}

describe('rules', () => {
  it('constraint: a dropout mask is declared to hold what it holds', () => {
    expect(broken(mask(range({ lo: 0, hi: 4, quantum: 4 }), 0.25))).to.deep.equal([]);
    const wrong = { rule: 'constraint', node: 'm' };
    expect(broken(mask(integerRange(0, 1), 0.3))).to.deep.include(wrong);
    expect(broken(mask(range({ lo: 0, hi: 8, quantum: 8 }), 0.25))).to.deep.include(wrong);
    expect(broken(mask(range({ lo: 1, hi: 4, quantum: 1 }), 0.25))).to.deep.include(wrong);
    expect(broken(mask(integerRange(0, 1), -1))).to.deep.include(wrong);
  });

  it('zeroSign: the zero added to a product is nothing else, and nothing is added to the addition', () => {
    expect(broken(forgedZero(() => ({})))).to.deep.equal([]);
    const five = tensorFromF32('f32:0', [], Float32Array.of(5));
    const later = forgedZero((graph) => ({ initializer: [...graph.initializer!, five] }));
    expect(broken(later).map(({ rule }) => rule)).to.include.members(['zeroSign', 'structure']);
    const third = forgedZero((graph) => ({
      node: graph.node!.map((node) =>
        node.opType === 'Add' ? { ...node, input: [...node.input!, 'a'] } : node,
      ),
    }));
    expect(broken(third).map(({ rule }) => rule)).to.include('zeroSign');
  });

  it('operator: one opset speaks for the domain, under either of its names', () => {
    const model = forgedZero(() => ({}));
    const opsetImport = [...model.opsetImport!, { domain: 'ai.onnx', version: 7 }];
    expect(broken({ ...model, opsetImport })).to.deep.equal([{ rule: 'operator', node: undefined }]);
  });

  for (const rule of Object.keys(RULES) as RuleName[]) {
    describe(`${RULES[rule].code} ${rule}`, () => {
      for (const [what, [model, node]] of Object.entries(files[rule])) {
        it(`${rule}: ${what}`, () => expect(broken(model)).to.deep.include({ rule, node }));
      }
    });
  }

  it('are numbered in order, each once', () => {
    const codes = Object.values(RULES).map(({ code }) => code);
    expect(codes).to.deep.equal(codes.map((_, n) => `G${String(101 + n).padStart(4, '0')}`));
  });

  it('accept a watched state, of which the bounds alone may be left', () => {
    expect(broken(stateModel((builder, w) => [builder.add('Add', [w, w]), true]))).to.deep.equal([]);
  });

  it('say how long and how far the proofs of a step reach', () => {
    const watched = stateModel((builder, w) => [builder.add('Add', [w, w]), true]);
    expect(healthLimit(fromOnnx(watched))).to.equal(127);
    expect(healthLimit(step().build())).to.equal(1024);
    expect(stepLimit(step().build())).to.equal(100);
  });

  it('are all told, not just the first', () => {
    const model = foreign(
      [
        { name: 'm', opType: 'MatMul', input: ['x', 'w'], output: ['h'] },
        { name: 'e', opType: 'Exp', input: ['h'], output: ['i'] },
        { name: 's', opType: 'Softmax', input: ['i'], output: ['y'] },
      ],
      { x: [2, 3], w: [3, 4] },
    );
    const rules = broken(model).map(({ rule, node }) => `${rule} ${node}`);
    expect(rules).to.include.members(['dotOperand m', 'operator e', 'operator s']);
  });

  it('distrust what a graph in memory says of itself', () => {
    const graph = step().build();
    const changed = (change: (node: Node) => Partial<Node>): Graph => ({
      ...graph,
      nodes: graph.nodes.map((node) => (node.op === 'Mul' ? { ...node, ...change(node) } : node)),
    });
    const rules = (g: Graph) => verifyCanonical(g).map(({ rule }) => rule);
    expect(rules(graph)).to.deep.equal([]);
    expect(rules(changed(() => ({ range: range({ lo: 0, hi: 0 }) })))).to.include('constraint');
    expect(rules(changed(() => ({ type: { dtype: 'f32', shape: [7] } })))).to.include('constraint');
    expect(rules(changed(() => ({ inputs: [99, 0] })))).to.include('structure');
    expect(rules({ ...graph, nodes: [...graph.nodes].reverse() })).to.include('structure');
    expect(rules({ ...graph, outputs: [...graph.outputs, graph.outputs[0]!] })).to.include('structure');
  });
});
