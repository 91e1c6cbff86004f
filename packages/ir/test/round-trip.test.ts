import { expect } from 'chai';
import {
  decodeModel,
  encodeModel,
  fromOnnx,
  graphRoot,
  integerRange,
  lintModel,
  randomGraph,
  toOnnx,
  verifyCanonical,
  type Graph,
} from '../src/index.js';
import { hex } from './onnxruntime.js';
import { step } from './step-graph.js';

/** What must survive: all but the offset and length of a place, which a line and column stand for. */
function comparable(graph: Graph): unknown {
  return {
    outputs: graph.outputs,
    nodes: graph.nodes.map(({ span, ...node }) => ({
      ...node,
      place: span && `${span.file}:${span.line}:${span.column}`,
    })),
  };
}

function roundTrip(graph: Graph): Graph {
  return fromOnnx(decodeModel(encodeModel(toOnnx(graph, { name: 'test' }))));
}

describe('ONNX round trip', () => {
  it('keeps a training step whole, and its root', () => {
    const graph = step().build();
    expect(verifyCanonical(graph)).to.deep.equal([]);
    const back = roundTrip(graph);
    expect(comparable(back)).to.deep.equal(comparable(graph));
    expect(hex(graphRoot(back))).to.equal(hex(graphRoot(graph)));
  });

  it('keeps random graphs whole, which are canonical by the file alone', function () {
    this.timeout(60_000);
    for (let seed = 0; seed < 150; seed++) {
      const { graph } = randomGraph(seed);
      const back = roundTrip(graph);
      expect(comparable(back), `seed ${seed}`).to.deep.equal(comparable(graph));
      const lint = lintModel(encodeModel(toOnnx(graph, { name: 'random' })));
      expect(lint.violations, `seed ${seed}`).to.deep.equal([]);
    }
  });

  it('writes the same bytes for the same graph', () => {
    const bytes = () => hex(encodeModel(toOnnx(step().build(), { name: 'test' })));
    expect(bytes()).to.equal(bytes());
  });

  it('names no folder of the machine', () => {
    const builder = step();
    builder.span = { file: '/home/someone/job.gml', offset: 0, length: 1, line: 1, column: 2 };
    builder.output('more', builder.scalar(5), 'output');
    builder.output(
      'most',
      builder.add('Neg', [
        builder.input('z', { dtype: 'f32', shape: [] }, integerRange(0, 1), { kind: 'free' }),
      ]),
      'output',
    );
    const places = toOnnx(builder.build(), { name: 'test' }).graph!.node!.map(
      ({ docString }) => docString ?? '',
    );
    expect(places).to.include('job.gml:1:2');
    expect(places.join()).not.to.include('/home');
  });

  it('puts a value that goes by two names under both', () => {
    const graph = step().build();
    const model = toOnnx(graph, { name: 'test' });
    const copies = model
      .graph!.node!.filter(({ opType }) => opType === 'Identity')
      .map(({ output }) => output![0]);
    expect(copies).to.have.members(['next.still', 'again', 'constant']);
  });
});
