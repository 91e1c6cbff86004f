/** What an executor needs to know of a step graph, read off once. */
import { GensynError, type Graph, type ModelProto, type State } from '@gensyn/ir';
import type { Device } from '../device/device.js';
import type { SourceInput } from '../data/sources.js';

export interface StepPlan {
  readonly device: Device;
  readonly model: ModelProto;
  readonly sources: readonly SourceInput[];
  /** Names of state tensors in the manifest's order. */
  readonly states: readonly string[];
  /** Undefined for a job that predicts. */
  readonly loss: string | undefined;
  readonly health: string | undefined;
  readonly metrics: readonly string[];
}

/** Errors: R0108 when the graph gives a loss or metrics that are not single numbers. */
export function planStep(
  graph: Graph,
  device: Device,
  state: State,
  sources: readonly SourceInput[],
): StepPlan {
  const named = (role: 'loss' | 'health' | 'metric'): string[] =>
    graph.outputs.flatMap((output) => {
      if (output.role !== role) return [];
      const { dtype, shape } = graph.nodes[output.node]!.type;
      if (dtype !== 'f32' || shape.length !== 0)
        throw new GensynError('R0108', `the graph's output '${output.name}' is not a single f32`);
      return [output.name];
    });
  return {
    device,
    model: device.legalise(graph, 'step'),
    sources,
    states: [...state.keys()],
    loss: named('loss')[0],
    health: named('health')[0],
    metrics: named('metric'),
  };
}

/** The scalar outputs that a step is asked for. */
export function scalarsOf(plan: StepPlan): string[] {
  return [plan.loss, plan.health, ...plan.metrics].filter((name) => name !== undefined);
}
