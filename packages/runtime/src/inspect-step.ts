/** Every value of one step: by the operators' definitions, which is the referee's view, or by a device, which is faster. */
import { GensynError, evaluate, toOnnx, type Graph, type State, type TensorValue } from '@gensyn/ir';
import { sourceInputs, cellsFor, type SourceInput } from './data/sources.js';
import type { Device } from './device/device.js';
import { createSession, fromTensor, loadRuntime, runSession, toTensor } from './device/onnxruntime.js';
import type { Job } from './job/job.js';

/** The inputs of a step: state and sources, by name. Errors: R0601, R0108, R0104. */
export function stepInputs(job: Job, state: State, step: number): Record<string, TensorValue> {
  return inputsAt(job, sourceInputs(job.step, job.manifest, job.columns), state, step);
}

function inputsAt(
  { manifest }: Job,
  sources: readonly SourceInput[],
  state: State,
  step: number,
): Record<string, TensorValue> {
  if (!Number.isInteger(step) || step < 0 || step >= manifest.steps) {
    throw new GensynError('R0601', `there is no step ${step}: the job has ${manifest.steps}, counted from 0`);
  }
  const inputs: Record<string, TensorValue> = Object.fromEntries(state);
  for (const source of sources) {
    const data = cellsFor(source, 1);
    source.fill(step, data, 0);
    inputs[source.name] = { ...source.type, data };
  }
  return inputs;
}

/** Value of every node of the step graph, in node order. Slow: meant for one step, not for training. Errors: R0601, R0108, R0104. */
export function inspectStep(job: Job, state: State, step: number): TensorValue[] {
  return evaluate(job.step, stepInputs(job, state, step));
}

/** A session that yields the value of every node. */
export interface StepValues {
  /** In node order. Inputs are those handed in, not copies. Errors: R0601, R0104, R0303, R0502. */
  at(state: State, step: number): Promise<TensorValue[]>;
  close(): Promise<void>;
}

/**
 * Opens the canonical graph (not the one rewritten for speed, in which some of the values do not exist) with all nodes as outputs. All
 * values of a step are held at once. Errors: R0108, R0303, R0502.
 */
export async function openStepValues(device: Device, job: Job): Promise<StepValues> {
  const { nodes } = job.step;
  const outputs = nodes.flatMap((node, id) =>
    node.op === 'Input' || node.op === 'Constant'
      ? []
      : [{ name: `@${id}`, node: id, role: 'output' as const }],
  );
  const graph: Graph = { nodes, outputs };
  const sources = sourceInputs(job.step, job.manifest, job.columns);
  const model = toOnnx(graph, { name: 'inspect' });
  const runtime = await loadRuntime();
  const session = await createSession(model, { threads: device.threads, providers: device.providers(model) });
  return {
    async at(state, step) {
      const inputs = inputsAt(job, sources, state, step);
      const results = await runSession(
        session,
        Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, toTensor(runtime, value)])),
      );
      return nodes.map((node, id) => {
        if (node.op === 'Input') return inputs[node.name!]!;
        if (node.op === 'Constant') return { ...node.type, data: node.data! };
        return fromTensor(results[`@${id}`]!, node.type.dtype);
      });
    },
    close: () => session.release(),
  };
}

/** The values of one step, computed by a device. Errors: R0601, R0108, R0104, R0303, R0502. */
export async function inspectStepOn(
  device: Device,
  job: Job,
  state: State,
  step: number,
): Promise<TensorValue[]> {
  const values = await openStepValues(device, job);
  try {
    return await values.at(state, step);
  } finally {
    await values.close();
  }
}
