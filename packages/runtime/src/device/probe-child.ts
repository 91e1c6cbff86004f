/** The probe as a program: `node probe-child.js <device>` prints one line of JSON. */
import { GensynError } from '@gensyn/ir';
import { judge, type Conformance } from './conformance.js';
import type { Device, DeviceName } from './device.js';
import { probeDevice } from './probe.js';

async function main(name: DeviceName): Promise<Conformance> {
  const first = judge(name, await probeDevice(await bare(name, [])));
  if (!first.conforming || first.onProcessor.length === 0) return first;
  // What is moved to the processor must then be right, and nothing else may change.
  const second = await probeDevice(await bare(name, first.onProcessor));
  const wrong = second.filter(({ different }) => different > 0).map(({ operator }) => operator);
  return { ...first, failing: wrong, conforming: wrong.length === 0 };
}

async function bare(name: DeviceName, onProcessor: Conformance['onProcessor']): Promise<Device> {
  if (name === 'webgpu') return (await import('./webgpu.js')).webgpuDevice(onProcessor);
  if (name === 'cuda') return (await import('./cuda.js')).cudaDevice();
  return (await import('./cpu.js')).openCpu({ threads: 1 });
}

const name = process.argv[2] as DeviceName;
try {
  process.stdout.write(`${JSON.stringify(await main(name))}\n`);
} catch (error) {
  const missing = error instanceof GensynError ? (error.notes[0]?.message ?? error.message) : String(error);
  process.stdout.write(
    `${JSON.stringify({ device: name, missing, results: [], onProcessor: [], failing: [], conforming: false } satisfies Conformance)}\n`,
  );
}
