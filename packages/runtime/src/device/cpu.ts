/** The processor, through onnxruntime's own kernels. */
import os from 'node:os';
import { legalise } from '../legalise/legalise.js';
import { INTEGER_TARGET, PLAIN_TARGET } from '../legalise/target.js';
import type { Device } from './device.js';
import { integerProductsAreExact } from './integer-products.js';

export interface CpuOptions {
  /** Threads of one operator; all processors that the process may use when not given. */
  readonly threads?: number;
  /** Kernel of exact products: bytes with i32 sums, or f32. By default bytes, where a probe finds that kernel exact. */
  readonly products?: 'integer' | 'float';
}

export async function openCpu(options: CpuOptions = {}): Promise<Device> {
  const integer =
    options.products === undefined ? await integerProductsAreExact() : options.products === 'integer';
  const target = integer ? INTEGER_TARGET : PLAIN_TARGET;
  return {
    name: 'cpu',
    description: `${os.cpus()[0]?.model.trim() ?? 'processor'}, ${integer ? 'integer' : 'float'} products`,
    threads: options.threads ?? os.availableParallelism(),
    keepsState: false,
    legalise: (graph, name) => legalise(graph, name, target),
    providers: () => ['cpu'],
  };
}
