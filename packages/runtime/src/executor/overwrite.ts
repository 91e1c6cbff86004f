/** Finds out whether onnxruntime's results may be written over its inputs, which halves the memory that a large state takes. */
import { GraphBuilder, range, toOnnx } from '@gensyn/ir';
import { createSession, loadRuntime, runSession } from '../device/onnxruntime.js';

let answer: Promise<boolean> | undefined;

/**
 * True when this build of onnxruntime-node copies tensors between JavaScript and its own memory (1.30 does), so an output may be
 * bound to the buffer of an input. Asked of the library itself: the first output overwrites what the second still has to read.
 */
export function outputsMayOverwriteInputs(): Promise<boolean> {
  return (answer ??= ask());
}

async function ask(): Promise<boolean> {
  const runtime = await loadRuntime();
  const size = 2 ** 16;
  const builder = new GraphBuilder();
  const inputs = ['a', 'b'].map((name) =>
    builder.input(name, { dtype: 'f32', shape: [size] }, range({ lo: -64, hi: 64, quantum: 1 }), {
      kind: 'free',
    }),
  );
  const [a, b] = [inputs[0]!, inputs[1]!];
  builder.output('first', builder.add('Add', [a, builder.scalar(1)]), 'output');
  builder.output('second', builder.add('Add', [a, b]), 'output');
  const session = await createSession(toOnnx(builder.build(), { name: 'overwrite' }), {
    threads: 1,
    providers: ['cpu'],
  });
  try {
    const tensors = [1, 8].map(
      (value) => new runtime.Tensor('float32', new Float32Array(size).fill(value), [size]),
    );
    const feeds = { a: tensors[0]!, b: tensors[1]! };
    for (const before of [1, 2]) {
      await runSession(session, feeds, { first: tensors[0]!, second: tensors[1]! });
      const [first, second] = tensors.map((tensor) => tensor.data as Float32Array);
      // a becomes 2, then 3; b becomes 9, then 11.
      if (!first!.every((x) => x === before + 1) || !second!.every((x) => x === (before === 1 ? 9 : 11)))
        return false;
    }
    return true;
  } finally {
    await session.release();
  }
}
