/** The processor, through onnxruntime's own kernels. */
import os from 'node:os';
import { canonicalModel, type Device } from './device.js';

/** @param threads of one operator; all processors that the process may use when not given */
export function cpuDevice(options: { readonly threads?: number } = {}): Device {
  return {
    name: 'cpu',
    description: os.cpus()[0]?.model.trim() ?? 'processor',
    threads: options.threads ?? os.availableParallelism(),
    keepsState: false,
    legalise: canonicalModel,
    providers: () => ['cpu'],
  };
}
