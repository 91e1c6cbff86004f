/** onnxruntime's graph optimisation changes bits, so it must stay off; this fails when a session turns it on. */
import { expect } from 'chai';
import { encodeModel, tensorFromF32, type ModelProto } from '@gensyn/ir';
import { createSession, loadRuntime, runSession } from '../src/device/onnxruntime.js';

const N = 64;
const FACTOR = Math.fround(0.3);

/** y = (x * 0.3) w, which optimisation turns into 0.3 * (x w): one rounding in another place. */
function model(): ModelProto {
  const info = (name: string, dims: readonly number[]) => ({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
  });
  return {
    irVersion: 9,
    opsetImport: [{ domain: '', version: 21 }],
    graph: {
      name: 'scaled product',
      node: [
        { opType: 'Mul', name: 'scale', input: ['x', 'factor'], output: ['scaled'] },
        { opType: 'MatMul', name: 'product', input: ['scaled', 'w'], output: ['y'] },
      ],
      initializer: [tensorFromF32('factor', [], Float32Array.of(FACTOR))],
      input: [info('x', [N, 1]), info('w', [1, N])],
      output: [info('y', [N, N])],
    },
  };
}

describe('graph optimisation', () => {
  const x = Float32Array.from({ length: N }, (_, i) => Math.sin(i + 1));
  const w = Float32Array.from({ length: N }, (_, i) => Math.cos(i + 1));
  const expected = Float32Array.from(
    { length: N * N },
    (_, k) => Math.fround(x[Math.floor(k / N)]! * FACTOR) * w[k % N]!,
  );
  const differing = (y: Float32Array): number => y.filter((value, i) => value !== expected[i]).length;

  it('is off in our sessions, which compute what the model says', async () => {
    const runtime = await loadRuntime();
    const session = await createSession(model(), { threads: 1, providers: ['cpu'] });
    const { y } = await runSession(session, {
      x: new runtime.Tensor('float32', x, [N, 1]),
      w: new runtime.Tensor('float32', w, [1, N]),
    });
    expect(differing(y!.data as Float32Array)).to.equal(0);
    await session.release();
  });

  it('would change bits of this model', async () => {
    const runtime = await loadRuntime();
    const session = await runtime.InferenceSession.create(encodeModel(model()), {
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
    });
    const { y } = await session.run({
      x: new runtime.Tensor('float32', x, [N, 1]),
      w: new runtime.Tensor('float32', w, [1, N]),
    });
    expect(differing(y!.data as Float32Array)).to.be.greaterThan(N);
    await session.release();
  });
});
