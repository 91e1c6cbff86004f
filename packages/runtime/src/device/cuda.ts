/** An NVIDIA GPU through onnxruntime's CUDA provider, where its libraries are installed (Linux x64). */
import { legalise } from '../legalise/legalise.js';
import { PLAIN_TARGET } from '../legalise/target.js';
import type { Device } from './device.js';

/** TF32 tensor cores stay on: digits of 8 bits and their sums within 2^24 are exact in them. */
export function cudaDevice(): Device {
  return {
    name: 'cuda',
    description: 'CUDA',
    threads: 1,
    // The Loop keeps the state on the GPU for a whole chunk of steps.
    keepsState: false,
    legalise: (graph, name) => legalise(graph, name, PLAIN_TARGET),
    providers: () => ['cuda'],
  };
}
