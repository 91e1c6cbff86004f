/** Times ONNX steps against each other in one process, turn by turn, many steps to a call. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { encodeModel } from '../packages/ir/dist/src/index.js';
import { LOOP, loopModel } from '../packages/runtime/dist/src/executor/loop-model.js';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Numbers that are the same on every run: uniform in [0, 1), and roughly normal with variance 1/3. */
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

/** A step model (outputs next.<state>, scalars) made ready to run `steps` of them in a call, by an ONNX Loop. */
export async function prepare(model, { steps, feeds, threads, optimise = false, profile }) {
  const names = model.graph.output.map((output) => output.name);
  const states = names.filter((name) => name.startsWith('next.')).map((name) => name.slice(5));
  const scalars = names.filter((name) => !name.startsWith('next.'));
  const sources = model.graph.input.map((input) => input.name).filter((name) => !states.includes(name));
  const session = await ort.InferenceSession.create(
    encodeModel(loopModel(model, { states, sources, scalars })),
    {
      graphOptimizationLevel: optimise ? 'all' : 'disabled',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 4,
      ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
    },
  );
  const inputs = { [LOOP.trips]: new ort.Tensor('int64', BigInt64Array.of(BigInt(steps)), []) };
  for (const name of states) inputs[LOOP.stateIn(name)] = feeds[name];
  for (const name of sources) inputs[LOOP.stack(name)] = feeds[name];
  return { session, run: () => session.run(inputs) };
}

/** Milliseconds a step, per contender and round; the contenders take turns. The first turn of each is not counted. */
export async function race(contenders, { rounds, steps }) {
  const times = contenders.map(() => []);
  for (let round = -1; round < rounds; round++) {
    for (const [i, { run }] of contenders.entries()) {
      const start = performance.now();
      await run();
      if (round >= 0) times[i].push((performance.now() - start) / steps);
    }
  }
  return times;
}

/** Milliseconds a step spent in each kind of node, by onnxruntime's own profile: fastest of the steps, node by node. */
export async function profile(model, options) {
  const folder = mkdtempSync(join(tmpdir(), 'gensyn-bench-'));
  try {
    const { session, run } = await prepare(model, { ...options, profile: join(folder, 'profile') });
    await run();
    session.endProfiling();
    const [file] = readdirSync(folder);
    const fastest = new Map();
    for (const { cat, name, dur, args } of JSON.parse(readFileSync(join(folder, file), 'utf8'))) {
      if (cat !== 'Node' || !name.endsWith('_kernel_time') || args.op_name === 'Loop') continue;
      const known = fastest.get(name);
      if (!known || dur < known.dur) fastest.set(name, { op: args.op_name, dur });
    }
    const totals = new Map();
    for (const { op, dur } of fastest.values()) totals.set(op, (totals.get(op) ?? 0) + dur / 1000);
    return totals;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
