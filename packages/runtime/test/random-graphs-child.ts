/**
 * Random graphs on a device as a program, because a driver needs its environment from the start:
 * `node random-graphs-child.js <device> <first seed> <graphs> <graphs in a session> <folder>` prints one line of JSON.
 */
import fs from 'node:fs';
import path from 'node:path';
import {
  bytesOf,
  encodeModel,
  evaluate,
  outputName,
  randomGraph,
  toOnnx,
  type Graph,
  type TensorValue,
} from '@gensyn/ir';
import { openDevice, type Device, type DeviceName } from '@gensyn/runtime';
import type { InferenceSession } from 'onnxruntime-node';
import { createSession, fromTensor, loadRuntime, runSession, toTensor } from '../src/device/onnxruntime.js';
import { joinGraphs, type Joined } from './joined-graphs.js';

export interface Compared {
  /** Operators of the graphs and how often each stood in one. */
  readonly operators: Readonly<Record<string, number>>;
  /** ONNX operators that the device's own kernels computed, as onnxruntime says. */
  readonly onDevice: readonly string[];
  /** Values compared: every output as the runtime runs it, every value at all of the canonical model. */
  readonly values: number;
  readonly elements: number;
  /** Values whose bytes are not the definition's. */
  readonly different: readonly string[];
}

const [name, first, count, together, folder] = process.argv.slice(2);

async function results(session: InferenceSession, { graph, inputs }: Joined): Promise<TensorValue[]> {
  const runtime = await loadRuntime();
  const feeds = Object.entries(inputs).filter(([input]) => session.inputNames.includes(input));
  const found = await runSession(
    session,
    Object.fromEntries(feeds.map(([input, value]) => [input, toTensor(runtime, value)])),
  );
  return graph.outputs.map((output) => {
    const value = fromTensor(found[outputName(output)]!, graph.nodes[output.node]!.type.dtype);
    return { ...value, data: value.data.slice() };
  });
}

/** The operators that do not fall back to the processor. */
async function placed(device: Device): Promise<string[]> {
  const joined = joinGraphs(Array.from({ length: 20 }, (_, g) => randomGraph(g)));
  const model = toOnnx(joined.graph, { name: 'random' });
  const runtime = await loadRuntime();
  const session = await runtime.InferenceSession.create(encodeModel(model), {
    executionProviders: device.providers(model),
    graphOptimizationLevel: 'disabled',
    enableProfiling: true,
    profileFilePrefix: path.join(folder!, 'profile'),
    logSeverityLevel: 4,
  });
  await results(session, joined);
  session.endProfiling();
  await session.release();
  const file = fs.readdirSync(folder!).find((entry) => entry.startsWith('profile'))!;
  const events = JSON.parse(fs.readFileSync(path.join(folder!, file), 'utf8')) as {
    args?: { provider?: string; op_name?: string };
  }[];
  const mine = events.filter(({ args }) => args?.provider?.toLowerCase().startsWith(device.name));
  return [...new Set(mine.map(({ args }) => args!.op_name!))].sort();
}

/** The same graph with every value that an operator computes among its outputs. */
function bared(graph: Graph): Graph {
  const computed = graph.nodes.flatMap(({ op }, node) => (op === 'Input' || op === 'Constant' ? [] : [node]));
  return { ...graph, outputs: computed.map((node) => ({ name: `v${node}`, node, role: 'output' })) };
}

const device = await openDevice(name as DeviceName);
const operators: Record<string, number> = {};
const different: string[] = [];
let values = 0;
let elements = 0;
for (let seed = Number(first); seed < Number(first) + Number(count); seed += Number(together)) {
  const joined = joinGraphs(Array.from({ length: Number(together) }, (_, g) => randomGraph(seed + g)));
  for (const { op } of joined.graph.nodes) operators[op] = (operators[op] ?? 0) + 1;
  const expected = evaluate(joined.graph, joined.inputs);
  const all = { ...joined, graph: bared(joined.graph) };
  for (const [how, { graph, inputs }, model] of [
    ['legalised', joined, device.legalise(joined.graph, 'random')],
    ['bare', all, toOnnx(all.graph, { name: 'random' })],
  ] as const) {
    const session = await createSession(model, { threads: 1, providers: device.providers(model) });
    const found = await results(session, { graph, inputs });
    await session.release();
    graph.outputs.forEach((output, i) => {
      const want = expected[output.node]!;
      values++;
      elements += want.data.length;
      const same =
        String(found[i]!.shape) === String(want.shape) &&
        Buffer.from(bytesOf(found[i]!.data)).equals(Buffer.from(bytesOf(want.data)));
      if (!same) different.push(`${how}, graphs from seed ${seed}: ${output.name}`);
    });
  }
}
const compared: Compared = { operators, onDevice: await placed(device), values, elements, different };
process.stdout.write(`${JSON.stringify(compared)}\n`);
