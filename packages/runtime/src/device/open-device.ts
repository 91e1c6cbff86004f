/** Turns a device's name into a device that is known to compute the right bits, or says why there is none. */
import { GensynError, type Note } from '@gensyn/ir';
import { conformanceOf, type Conformance } from './conformance.js';
import { openCpu, type CpuOptions } from './cpu.js';
import { cudaDevice } from './cuda.js';
import type { Device, DeviceName } from './device.js';
import { webgpuDevice } from './webgpu.js';

/** GPU providers, fastest first. */
const GPUS: readonly DeviceName[] = ['cuda', 'webgpu'];

/** Errors: R0301 when the device is not there, R0304 when it computes other bits. The processor is not probed: `gensyn doctor` does. */
export async function openDevice(name: DeviceName, options: CpuOptions = {}): Promise<Device> {
  if (name === 'cpu') return openCpu(options);
  const found = await conformanceOf(name);
  if (found.missing !== undefined)
    throw new GensynError('R0301', `the device ${name} cannot be used here`, {
      notes: [{ message: found.missing }],
      help: 'See `gensyn doctor`.',
    });
  if (!found.conforming)
    throw new GensynError('R0304', `the device ${name} computes other bits`, {
      notes: [noteOf(found)],
      help: 'See `gensyn doctor`.',
    });
  return deviceOf(found);
}

/** The best GPU provider that conforms. Errors: R0302, with what is wrong with each. Never the processor. */
export async function pickGpu(): Promise<Device> {
  const notes: Note[] = [];
  for (const name of GPUS) {
    const found = await conformanceOf(name);
    if (found.missing === undefined && found.conforming) return deviceOf(found);
    notes.push(noteOf(found));
  }
  throw new GensynError('R0302', 'there is no GPU here that computes the right bits', {
    notes,
    help: 'Run without --gpu to train on the processor; `gensyn doctor` tells more.',
  });
}

function deviceOf(found: Conformance): Device {
  return found.device === 'webgpu' ? webgpuDevice(found.onProcessor) : cudaDevice();
}

function noteOf({ device, missing, failing }: Conformance): Note {
  return { message: `${device}: ${missing ?? `differs in ${failing.join(', ')}`}` };
}
