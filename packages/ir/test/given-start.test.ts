/** State that starts from given values: committed to by the graph, kept in its file, and not invented where it is missing. */
import { expect } from 'chai';
import {
  GraphBuilder,
  decodeModel,
  encodeModel,
  fromOnnx,
  graphRoot,
  initialTensor,
  range,
  toOnnx,
  verifyCanonical,
  type Graph,
  type StateInit,
} from '../src/index.js';

const root = (digit: string): StateInit => ({ kind: 'given', root: digit.repeat(64) });

function graph(init: StateInit): Graph {
  const builder = new GraphBuilder();
  const w = builder.input('w', { dtype: 'f32', shape: [2] }, range({ lo: -1, hi: 1, quantum: 2 ** -20 }), {
    kind: 'state',
    init,
  });
  builder.output('w', builder.add('Min', [w, builder.scalar(0.5)]), 'state');
  return builder.build();
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const code = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return undefined;
};

describe('state that starts from given values', () => {
  it('is part of the graph root', () => {
    const roots = [root('0'), root('a'), { kind: 'constant', value: 0 } as const].map((init) =>
      hex(graphRoot(graph(init))),
    );
    expect(new Set(roots).size).to.equal(3);
  });

  it('is canonical, and survives its file', () => {
    const original = graph(root('b'));
    expect(verifyCanonical(original)).to.deep.equal([]);
    const read = fromOnnx(decodeModel(encodeModel(toOnnx(original, { name: 'given' }))));
    expect(hex(graphRoot(read))).to.equal(hex(graphRoot(original)));
  });

  it('has a root of 64 hex digits', () => {
    const forged = graph({ kind: 'given', root: 'B'.repeat(64) });
    expect(code(() => graphRoot(forged))).to.equal('G0023');
    expect(code(() => fromOnnx(decodeModel(encodeModel(toOnnx(forged, { name: 'given' })))))).to.not.equal(
      undefined,
    );
  });

  it('is copied from the values, which must be there', () => {
    const entry = { name: 'w', dtype: 'f32', shape: [2], init: root('c') } as const;
    const value = { dtype: 'f32', shape: [2], data: Float32Array.of(1, 2) } as const;
    const start = initialTensor(entry, 0, new Map([['w', value]]));
    start.data[0] = 9;
    expect([...value.data]).to.deep.equal([1, 2]);
    expect(code(() => initialTensor(entry, 0))).to.equal('G0032');
    expect(code(() => initialTensor(entry, 0, new Map([['w', { ...value, shape: [1, 2] }]])))).to.equal(
      'G0032',
    );
  });
});
