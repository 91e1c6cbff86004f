/** Wraps a step into one ONNX Loop, so that many steps run in a single call and the state never leaves onnxruntime in between. */
import {
  DataType,
  attributeGraph,
  type ModelProto,
  type NodeProto,
  type TypeProto,
  type ValueInfoProto,
} from '@gensyn/ir';

/** Names of the loop model's own inputs and outputs; `@` cannot occur in a job's names. */
export const LOOP = {
  trips: '@trips',
  stateIn: (name: string) => `@in.${name}`,
  stateOut: (name: string) => `@out.${name}`,
  stack: (name: string) => `@stack.${name}`,
  scan: (name: string) => `@scan.${name}`,
} as const;

export interface LoopParts {
  /** State tensors: inputs of the step whose next value is the output `next.<name>`. */
  readonly states: readonly string[];
  /** Other inputs of the step; the loop takes them stacked along a new first axis. */
  readonly sources: readonly string[];
  /** Inputs of the step that are the same in every iteration. */
  readonly fixed?: readonly string[];
  /** Scalar outputs of the step; the loop gives them stacked. */
  readonly scalars: readonly string[];
}

/**
 * Inputs: `trips` i64[], each state, each fixed input under its own name, each source as [T, ...shape]. Outputs: each state after T steps, each scalar as [T].
 * The step's nodes are taken over unchanged, so the bits are those of T single steps.
 */
export function loopModel(step: ModelProto, parts: LoopParts): ModelProto {
  const graph = step.graph!;
  const inputs = byName(graph.input ?? []);
  const outputs = byName(graph.output ?? []);
  const info = (name: string, type: TypeProto | undefined): ValueInfoProto => ({ name, type });
  const stateType = (name: string): TypeProto => inputs.get(name)!.type!;
  const gathers = parts.sources.map((name): NodeProto => ({
    name: `@gather.${name}`,
    opType: 'Gather',
    input: [LOOP.stack(name), '@i'],
    output: [name],
  }));
  const body = {
    name: '@body',
    node: [
      { name: '@continue', opType: 'Identity', input: ['@condition'], output: ['@again'] },
      ...gathers,
      ...(graph.node ?? []),
    ],
    initializer: graph.initializer ?? [],
    input: [
      info('@i', scalar(DataType.int64)),
      info('@condition', scalar(DataType.bool)),
      ...parts.states.map((name) => info(name, stateType(name))),
    ],
    output: [
      info('@again', scalar(DataType.bool)),
      ...parts.states.map((name) => info(`next.${name}`, stateType(name))),
      ...parts.scalars.map((name) => info(name, outputs.get(name)!.type)),
    ],
  };
  const loop: NodeProto = {
    name: '@loop',
    opType: 'Loop',
    input: [LOOP.trips, '', ...parts.states.map(LOOP.stateIn)],
    output: [...parts.states.map(LOOP.stateOut), ...parts.scalars.map(LOOP.scan)],
    attribute: [attributeGraph('body', body)],
  };
  return {
    ...step,
    graph: {
      name: graph.name,
      node: [loop],
      input: [
        info(LOOP.trips, scalar(DataType.int64)),
        ...parts.states.map((name) => info(LOOP.stateIn(name), stateType(name))),
        // The body sees these by their own names, from the scope around it.
        ...(parts.fixed ?? []).map((name) => info(name, stateType(name))),
        ...parts.sources.map((name) => info(LOOP.stack(name), stacked(inputs.get(name)!.type!))),
      ],
      output: [
        ...parts.states.map((name) => info(LOOP.stateOut(name), stateType(name))),
        ...parts.scalars.map((name) => info(LOOP.scan(name), stacked(outputs.get(name)!.type!))),
      ],
    },
  };
}

function byName(infos: readonly ValueInfoProto[]): Map<string, ValueInfoProto> {
  return new Map(infos.map((value) => [value.name!, value]));
}

function scalar(elemType: number): TypeProto {
  return { tensorType: { elemType, shape: { dim: [] } } };
}

function stacked(type: TypeProto): TypeProto {
  const { elemType, shape } = type.tensorType!;
  return { tensorType: { elemType, shape: { dim: [{ dimParam: 'T' }, ...(shape?.dim ?? [])] } } };
}
