/** Opens the device that the settings name. */
import type { Device } from '@gensyn/runtime';
import type { Settings } from './settings.js';

/** The processor unless something else is asked for. Errors: R03## for a device that is absent or does not conform. */
export async function chooseDevice({ device = 'cpu', threads }: Settings): Promise<Device> {
  const { openDevice, pickGpu } = await import('@gensyn/runtime');
  return device === 'gpu' ? pickGpu() : openDevice(device, threads === undefined ? {} : { threads });
}
