/** Times ONNX steps against each other in one process, turn by turn, many steps to a call. */
import ort from 'onnxruntime-node';
import { encodeModel } from '../packages/ir/dist/src/index.js';
import { LOOP, loopModel } from '../packages/runtime/dist/src/executor/loop-model.js';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Numbers that are the same on every run, standard normal or so. */
export function noise(seed) {
  let x = seed | 1;
  const uniform = () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
  return { uniform, normal: () => uniform() + uniform() + uniform() + uniform() - 2 };
}

/** A step model (next.<state> outputs) made ready to run `steps` at a time over the given inputs. */
export async function prepare(model, { steps, feeds, threads = 2, optimise = false, profile }) {
  const states = model.graph.output.map((o) => o.name).filter((n) => n.startsWith('next.')).map((n) => n.slice(5));
  const scalars = model.graph.output.map((o) => o.name).filter((n) => !n.startsWith('next.'));
  const sources = model.graph.input.map((i) => i.name).filter((n) => !states.includes(n));
  const session = await ort.InferenceSession.create(encodeModel(loopModel(model, { states, sources, scalars })), {
    graphOptimizationLevel: optimise ? 'all' : 'disabled',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 4,
    ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
  });
  const inputs = { [LOOP.trips]: new ort.Tensor('int64', BigInt64Array.of(BigInt(steps)), []) };
  for (const name of states) inputs[LOOP.stateIn(name)] = feeds[name];
  for (const name of sources) inputs[LOOP.stack(name)] = feeds[name];
  return { session, run: () => session.run(inputs), states, scalars };
}

/** Median milliseconds a step of each contender, and of each round's ratio over the first. */
export async function race(contenders, { rounds, steps }) {
  const times = contenders.map(() => []);
  for (const { run } of contenders) await run();
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < contenders.length; i++) {
      const start = performance.now();
      await contenders[i].run();
      times[i].push((performance.now() - start) / steps);
    }
  }
  return times.map((own) => ({ ms: median(own), ratio: median(own.map((t, round) => t / times[0][round])) }));
}
