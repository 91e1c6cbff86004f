/** A GPU through WebGPU, which onnxruntime-node carries for Linux, Windows and macOS. */
import type { OperatorName } from '@gensyn/ir';
import { legalise } from '../legalise/legalise.js';
import { PLAIN_TARGET } from '../legalise/target.js';
import type { Device } from './device.js';

/**
 * @param onProcessor operators that this GPU does not round as IEEE-754 demands (WGSL promises 2.5 ulp for division); their nodes run on
 * the processor
 */
export function webgpuDevice(onProcessor: readonly OperatorName[] = []): Device {
  return {
    name: 'webgpu',
    description:
      onProcessor.length === 0 ? 'WebGPU' : `WebGPU, with ${onProcessor.join(' and ')} on the processor`,
    threads: 1,
    keepsState: true,
    legalise: (graph, name) => legalise(graph, name, PLAIN_TARGET),
    providers(model) {
      const names = (model.graph?.node ?? [])
        .filter((node) => (onProcessor as readonly string[]).includes(node.opType ?? ''))
        .map((node) => node.name!);
      return [names.length === 0 ? 'webgpu' : ({ name: 'webgpu', forceCpuNodeNames: names } as never)];
    },
  };
}
