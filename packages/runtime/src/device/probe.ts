/** Runs the probe graph on a device and compares every bit with the definitions. */
import { bytesOf, evaluate, type OperatorName } from '@gensyn/ir';
import type { Device } from './device.js';
import { createSession, loadRuntime, runSession, toTensor, fromTensor } from './onnxruntime.js';
import { probeGraph } from './probe-cases.js';

export interface OperatorResult {
  readonly operator: OperatorName;
  /** Elements compared. */
  readonly compared: number;
  /** Elements whose bits differ. */
  readonly different: number;
}

/** One result for each operator, in the order of the instruction set. Errors: R0303 when the device cannot run the graph at all. */
export async function probeDevice(device: Device): Promise<OperatorResult[]> {
  const { graph, inputs, operatorOf } = probeGraph();
  const runtime = await loadRuntime();
  const values = evaluate(graph, inputs);
  const model = device.legalise(graph, 'probe');
  const session = await createSession(model, { threads: device.threads, providers: device.providers(model) });
  try {
    const results = await runSession(
      session,
      Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, toTensor(runtime, value)])),
    );
    const table = new Map<OperatorName, { compared: number; different: number }>();
    for (const output of graph.outputs) {
      const expected = values[output.node]!;
      const found = fromTensor(results[output.name]!, expected.dtype);
      const row = table.get(operatorOf.get(output.name)!) ?? { compared: 0, different: 0 };
      table.set(operatorOf.get(output.name)!, row);
      row.compared += expected.data.length;
      row.different += differing(
        bytesOf(expected.data),
        bytesOf(found.data),
        expected.dtype === 'bool' ? 1 : 4,
      );
    }
    return [...table].map(([operator, row]) => ({ operator, ...row }));
  } finally {
    await session.release();
  }
}

function differing(a: Uint8Array, b: Uint8Array, width: number): number {
  let count = 0;
  for (let i = 0; i < a.length; i += width) {
    for (let k = i; k < i + width; k++) {
      if (a[k] !== b[k]) {
        count++;
        break;
      }
    }
  }
  return count;
}
