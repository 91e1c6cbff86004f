/** Loss and metrics on the rows that training never sees. For information only: they influence nothing. */
import { inputsOf, type Graph, type Manifest, type State } from '@gensyn/ir';
import type { Tensor } from 'onnxruntime-node';
import { cellsFor, ordersOf, sourceInputs, type Columns } from './data/sources.js';
import type { Device } from './device/device.js';
import { createSession, loadRuntime, runSession, toTensor } from './device/onnxruntime.js';
import { LOOP, loopModel } from './executor/loop-model.js';

export interface HoldoutEvaluator {
  readonly batches: number;
  /** Means over all whole holdout batches, the loss under its own name. Errors: R0303, R0502. */
  evaluate(state: State): Promise<Record<string, number>>;
  close(): Promise<void>;
}

const STACK_BYTES = 16 * 2 ** 20;

/** Data with rows held out: a job's, or one slice of it. */
export interface HoldoutPart {
  readonly manifest: Manifest;
  readonly columns: Columns;
}

/**
 * Undefined when nothing is held out. `device` is a processor: the state is in main memory already.
 * @param more further slices of the data, for the same graph
 * Errors: R0108, R0303.
 */
export async function holdoutEvaluator(
  graph: Graph,
  manifest: Manifest,
  columns: Columns,
  device: Device,
  more: readonly HoldoutPart[] = [],
): Promise<HoldoutEvaluator | undefined> {
  const parts = [{ manifest, columns }, ...more].flatMap((part) => {
    const first = part.manifest.datasets[0];
    const batches = first ? ordersOf(part.manifest).get(first.name)!.holdoutBatches : 0;
    return batches > 0 ? [{ batches, sources: sourceInputs(graph, part.manifest, part.columns) }] : [];
  });
  const batches = parts.reduce((sum, part) => sum + part.batches, 0);
  if (batches === 0) return undefined;
  const runtime = await loadRuntime();
  const { sources } = parts[0]!;
  const fixed = inputsOf(graph).flatMap(({ node }) => (node.source!.kind === 'state' ? [node.name!] : []));
  const scalars = graph.outputs
    .filter((o) => (o.role === 'loss' || o.role === 'metric') && graph.nodes[o.node]!.type.shape.length === 0)
    .map((o) => o.name);
  const step = device.legalise(graph, 'evaluation');
  const model = loopModel(step, { states: [], fixed, sources: sources.map((s) => s.name), scalars });
  const session = await createSession(model, { threads: device.threads, providers: device.providers(step) });
  const perBatch = sources.reduce((sum, source) => sum + source.size * 4, 1);
  const chunk = Math.max(1, Math.min(batches, Math.floor(STACK_BYTES / perBatch)));
  const calls = parts.flatMap((part) =>
    Array.from({ length: Math.ceil(part.batches / chunk) }, (_, i) => ({
      sources: part.sources,
      from: i * chunk,
      count: Math.min(chunk, part.batches - i * chunk),
    })),
  );
  return {
    batches,
    async evaluate(state) {
      const sums = new Map(scalars.map((name) => [name, 0]));
      for (const { sources, from, count } of calls) {
        const feeds: Record<string, Tensor> = {
          [LOOP.trips]: new runtime.Tensor('int64', BigInt64Array.of(BigInt(count)), []),
        };
        for (const name of fixed) feeds[name] = toTensor(runtime, state.get(name)!);
        for (const source of sources) {
          const data = cellsFor(source, count);
          for (let i = 0; i < count; i++) source.fillHoldout(from + i, data, i * source.size);
          feeds[LOOP.stack(source.name)] = toTensor(runtime, {
            dtype: source.type.dtype,
            shape: [count, ...source.type.shape],
            data,
          });
        }
        const results = await runSession(session, feeds);
        for (const name of scalars)
          for (const value of results[LOOP.scan(name)]!.data as Float32Array)
            sums.set(name, sums.get(name)! + value);
      }
      return Object.fromEntries([...sums].map(([name, sum]) => [name, sum / batches]));
    },
    close: () => session.release(),
  };
}
