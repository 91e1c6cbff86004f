/** Picks the way of running that suits device and size. */
import { GensynError, type Graph, type Manifest, type State } from '@gensyn/ir';
import os from 'node:os';
import { sourceInputs, type Columns } from '../data/sources.js';
import type { Device } from '../device/device.js';
import { deviceExecutor } from './device-executor.js';
import type { Executor } from './executor.js';
import { loopExecutor } from './loop-executor.js';
import { stepExecutor } from './step-executor.js';
import { planStep } from './step-plan.js';

/** States up to this many bytes run inside a Loop, which holds about five copies and saves two copies a step. */
export const LOOP_STATE_BYTES = 128 * 2 ** 20;

/** Errors: R0108, R0303, R0502 when the estimate passes the memory that the machine has. */
export async function createExecutor(
  graph: Graph,
  manifest: Manifest,
  columns: Columns,
  device: Device,
  state: State,
  step: number,
): Promise<Executor> {
  const need = memoryEstimate(graph, manifest);
  const most = memoryLimit();
  if (need > most)
    throw new GensynError('R0502', `the job needs about ${gib(need)} of memory and there is ${gib(most)}`);
  const plan = planStep(graph, device, state, sourceInputs(graph, manifest, columns));
  if (device.keepsState) return deviceExecutor(plan, state, step);
  return manifest.size.stateBytes <= LOOP_STATE_BYTES
    ? loopExecutor(plan, state, step)
    : stepExecutor(plan, state, step);
}

/** Bytes that this process may use: the machine's memory, or less where a container limits it. */
function memoryLimit(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/** Bytes that a run takes at its peak, about: copies of the state, the values alive inside a step, stacked batches. */
export function memoryEstimate(graph: Graph, manifest: Manifest): number {
  const last = new Array<number>(graph.nodes.length).fill(-1);
  graph.nodes.forEach((node, id) => node.inputs.forEach((input) => (last[input] = id)));
  const outputs = new Set(graph.outputs.map((output) => output.node));
  const size = (id: number): number =>
    graph.nodes[id]!.type.shape.reduce(
      (product, dim) => product * dim,
      graph.nodes[id]!.type.dtype === 'bool' ? 1 : 4,
    );
  let [alive, peak, constants] = [0, 0, 0];
  const ending = new Map<number, number>();
  graph.nodes.forEach((node, id) => {
    if (node.op === 'Constant') constants += size(id);
    if (node.op === 'Constant' || node.op === 'Input') return;
    alive += size(id);
    peak = Math.max(peak, alive);
    alive -= ending.get(id) ?? 0;
    if (!outputs.has(id) && last[id]! > id) ending.set(last[id]!, (ending.get(last[id]!) ?? 0) + size(id));
  });
  const copies = manifest.size.stateBytes <= LOOP_STATE_BYTES ? 5 : 2;
  return copies * manifest.size.stateBytes + peak + constants + 64 * 2 ** 20;
}
