/** Runs some steps of a job to see what a step takes. */
import { initialState } from '@gensyn/ir';
import type { Device, Job } from '@gensyn/runtime';

export interface Profile {
  readonly device: string;
  readonly steps: number;
  readonly nanosecondsPerStep: number;
  /** Largest part of memory that the program held. */
  readonly bytesOfMemory: number;
}

/** Time for measuring, once the device is warm. */
const MEASURED_MS = 1500;
const MOST_STEPS = 200;

/** From the initial state on. Errors: those of the machine. */
export async function profileJob(job: Job, device: Device): Promise<Profile> {
  const { makeMachine } = await import('@gensyn/runtime');
  const machine = makeMachine(job, device);
  try {
    const most = Math.min(MOST_STEPS, job.manifest.steps);
    let state = await machine.advance(initialState(job.manifest, job.given), 0, Math.min(2, most));
    let [at, spent, measured] = [Math.min(2, most), 0, 0];
    for (let chunk = 8; spent < MEASURED_MS && at < most; chunk *= 2) {
      const to = Math.min(most, at + chunk);
      const began = performance.now();
      state = await machine.advance(state, at, to);
      [spent, measured] = [spent + performance.now() - began, measured + to - at];
      at = to;
    }
    const nanosecondsPerStep = Math.max(1, Math.round((spent * 1e6) / Math.max(1, measured)));
    // Kilobytes, since the program started.
    const bytesOfMemory = process.resourceUsage().maxRSS * 1024;
    return { device: machine.device, steps: measured, nanosecondsPerStep, bytesOfMemory };
  } finally {
    await machine.close();
  }
}
