import { expect } from 'chai';
import {
  encodeGraph,
  encodeNode,
  GraphBuilder,
  graphRoot,
  integerRange,
  randomGraph,
  tensorRoot,
  type Graph,
  type Node,
} from '../src/index.js';
import { hex } from './onnxruntime.js';
import { step } from './step-graph.js';

const root = (graph: Graph) => hex(graphRoot(graph));

describe('graph root', () => {
  it('has the bytes that its definition says', () => {
    const builder = new GraphBuilder();
    const x = builder.input('x', { dtype: 'f32', shape: [2, 3] }, integerRange(-1, 1), {
      kind: 'dropout',
      stream: 7,
      keep: 0.5,
    });
    const c = builder.constant(Float32Array.of(1, 2, 3), [3]);
    builder.output('y', builder.add('Transpose', [builder.add('Add', [x, c])], { perm: [1, 0] }), 'loss');
    const { header, nodes } = encodeGraph(builder.build());
    const f64 = (...values: number[]) => hex(Float64Array.from(values));
    const shape = '02' + '02000000' + '03000000';
    const row = '01' + '03000000';
    expect(nodes.map(hex)).to.deep.equal([
      `6001${shape}00000000` + '0100000078' + f64(-1, 1, 1, 1) + '00' + '02' + '07000000' + f64(0.5),
      `6101${row}00000000` + hex(tensorRoot('f32', [3], new Uint8Array(Float32Array.of(1, 2, 3).buffer))),
      `0101${shape}02000000` + `00000000${'01' + shape}` + `01000000${'01' + row}`,
      `2101${'02' + '03000000' + '02000000'}01000000` +
        `02000000${'01' + shape}` +
        '02000000' +
        '01000000' +
        '00000000',
    ]);
    expect(hex(header)).to.equal('04000000' + '01000000' + '01' + '03000000' + '0100000079');
  });

  it('is that of the recorded step', () => {
    expect(root(step().build())).to.equal('4b2b19a9d6f854fa825e1027e3002830497a28c93f4eb3046c5c32a3b684d777');
  });

  it('has none for a value of more axes than its encoding counts', () => {
    const graph = step().build();
    const shape = new Array<number>(256).fill(1);
    const nodes = graph.nodes.map((node) => ({ ...node, type: { ...node.type, shape } }));
    expect(() => graphRoot({ ...graph, nodes })).to.throw('256 does not fit');
  });

  it('has none for an operand that there is not', () => {
    const graph = step().build();
    const nodes = graph.nodes.map((node) => (node.op === 'Mul' ? { ...node, inputs: [0, 9999] } : node));
    expect(() => graphRoot({ ...graph, nodes })).to.throw('operand 9999 does not fit');
  });

  it('does not depend on places in the job', () => {
    const graph = step().build();
    expect(root({ ...graph, nodes: graph.nodes.map(({ span: _, ...node }) => node) })).to.equal(root(graph));
  });

  it('changes with whatever the graph means', () => {
    const graph = step().build();
    const at = (op: Node['op'], change: (node: Node) => Partial<Node>): Graph => {
      const id = graph.nodes.findIndex((node) => node.op === op);
      return {
        ...graph,
        nodes: graph.nodes.map((node, n) => (n === id ? { ...node, ...change(node) } : node)),
      };
    };
    const [first, ...rest] = graph.outputs;
    const changed: Graph[] = [
      graph,
      at('Input', () => ({ name: 'v' })),
      at('Input', (node) => ({ range: { ...node.range, hi: 2048 } })),
      at('Input', (node) => ({ range: { ...node.range, negativeZero: true } })),
      at('Input', () => ({ source: { kind: 'free' } })),
      at('Input', () => ({ source: { kind: 'state', init: { kind: 'uniform', stream: 4, bound: 0.125 } } })),
      at('Input', () => ({ source: { kind: 'state', init: { kind: 'constant', value: 0.1 } } })),
      at('Constant', (node) => ({ data: node.data!.map((x) => x + 1) as Float32Array })),
      at('Mul', (node) => ({ inputs: [...node.inputs].reverse() })),
      at('Mul', () => ({ op: 'Div' })),
      at('ReduceMax', () => ({ attributes: { axes: [0] } })),
      { ...graph, outputs: [{ ...first!, name: 'u' }, ...rest] },
      { ...graph, outputs: [{ ...first!, role: 'output' }, ...rest] },
      { ...graph, outputs: [{ ...first!, node: 0 }, ...rest] },
      { ...graph, outputs: rest },
    ];
    expect(new Set(changed.map(root)).size).to.equal(changed.length);
  });

  it('encodes every operator with all its attributes', function () {
    this.timeout(30_000);
    // Two nodes that differ encode differently: nothing that the operators declare is left out.
    const seen = new Map<string, string>();
    for (let seed = 0; seed < 200; seed++) {
      const { graph } = randomGraph(seed);
      for (const node of graph.nodes) {
        if (node.op === 'Input' || node.op === 'Constant') continue;
        const operands = node.inputs.map((id) => [id, graph.nodes[id]!.type]);
        const meaning = JSON.stringify([node.op, node.type, operands, node.attributes]);
        const bytes = hex(encodeNode(node, graph));
        expect(seen.get(bytes) ?? meaning).to.equal(meaning);
        seen.set(bytes, meaning);
      }
    }
  });
});
