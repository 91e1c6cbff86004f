/** Whether this processor multiplies bytes exactly: without VNNI or AMX some kernels add pairs in 16 bits, which saturates. */
import { GraphBuilder, evaluate, integerRange, type TensorValue } from '@gensyn/ir';
import { legalise } from '../legalise/legalise.js';
import { INTEGER_TARGET } from '../legalise/target.js';
import { createSession, loadRuntime, runSession, toTensor } from './onnxruntime.js';

let answer: Promise<boolean> | undefined;

/** Runs products of extreme digits as the integer target writes them, and compares them with the definition. Asked once. */
export function integerProductsAreExact(): Promise<boolean> {
  return (answer ??= probe());
}

/** Rows, terms, columns: around the block sizes of kernels, with remainders. */
const SHAPES = [
  [1, 64, 16],
  [3, 130, 33],
  [16, 1024, 48],
] as const;

async function probe(): Promise<boolean> {
  for (const [m, k, n] of SHAPES) {
    for (const lo of [-128, 0]) {
      const builder = new GraphBuilder();
      const digits = integerRange(lo, 127);
      const free = { kind: 'free' } as const;
      // Two roundings and clamps of the operands are what real digits have; here the inputs themselves are digits.
      const a = builder.input('a', { dtype: 'f32', shape: [m, k] }, digits, free);
      const b = builder.input('b', { dtype: 'f32', shape: [k, n] }, digits, free);
      builder.output('c', builder.add('Dot', [a, b]), 'output');
      const graph = builder.build();
      const extreme = (size: number, every: number): Float32Array =>
        Float32Array.from({ length: size }, (_, i) => (i % every === 0 ? lo : 127));
      const inputs: Record<string, TensorValue> = {
        a: { dtype: 'f32', shape: [m, k], data: extreme(m * k, 5) },
        b: { dtype: 'f32', shape: [k, n], data: extreme(k * n, 3) },
      };
      const expected = evaluate(graph, inputs)[graph.outputs[0]!.node]!.data;
      const runtime = await loadRuntime();
      const session = await createSession(legalise(graph, 'probe', INTEGER_TARGET), {
        threads: 1,
        providers: ['cpu'],
      });
      try {
        const feeds = Object.fromEntries(
          Object.entries(inputs).map(([name, value]) => [name, toTensor(runtime, value)]),
        );
        const found = (await runSession(session, feeds))['c']!.data as Float32Array;
        if (!found.every((x, i) => x === expected[i])) return false;
      } finally {
        await session.release();
      }
    }
  }
  return true;
}
