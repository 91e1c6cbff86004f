/** An ordinary float model, opened on the processor: tensors in, tensors out. Its bits are the machine's own. */
import type { ModelProto, TensorValue } from '@gensyn/ir';
import { createSession, fromTensor, loadRuntime, runSession, toTensor } from './device/onnxruntime.js';

export interface FloatModel {
  /** Names of the inputs that `run` must be given. */
  readonly inputs: readonly string[];
  /** All outputs by name; f32 each. Errors: R0303, R0502. */
  run(inputs: Readonly<Record<string, TensorValue>>): Promise<ReadonlyMap<string, TensorValue>>;
  close(): Promise<void>;
}

/** Errors: R0301, R0303 when onnxruntime does not accept the model, R0502. */
export async function openFloatModel(model: ModelProto, threads: number): Promise<FloatModel> {
  const runtime = await loadRuntime();
  const session = await createSession(model, { threads, providers: ['cpu'] });
  return {
    inputs: session.inputNames,
    async run(inputs) {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [name, toTensor(runtime, value)]),
      );
      const outputs = await runSession(session, feeds);
      return new Map(Object.entries(outputs).map(([name, tensor]) => [name, fromTensor(tensor, 'f32')]));
    },
    close: () => session.release(),
  };
}
