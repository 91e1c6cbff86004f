/** A place where graphs run: what onnxruntime must be told, and how a canonical graph is written for it. */
import type { Graph, ModelProto } from '@gensyn/ir';
import type { InferenceSession } from 'onnxruntime-node';

export type DeviceName = 'cpu' | 'webgpu' | 'cuda';

export interface Device {
  readonly name: DeviceName;
  /** For people: the processor or adapter. */
  readonly description: string;
  readonly threads: number;
  /** State tensors stay in the device's memory between steps. */
  readonly keepsState: boolean;
  /** The graph as an ONNX model with the same inputs and outputs (named as by `toOnnx`) and the same bits. */
  legalise(graph: Graph, name: string): ModelProto;
  /** Execution providers for a session over that model. */
  providers(model: ModelProto): NonNullable<InferenceSession.SessionOptions['executionProviders']>;
}
