/** How fast this machine does a job's steps: measured once for each graph, and noted. */
import { initialState, listRoot } from '@gensyn/ir';
import { installFastHash } from '@gensyn/runtime';
import { operatorDigests } from '../referee/index.js';
import type { Note } from './journal.js';
import type { Party } from './party.js';
import type { OpenJob } from './shelf.js';

export interface Speed extends Note {
  readonly secondsPerStep: number;
  /** With all values of the step and their digests, as games ask for them. */
  readonly secondsPerTrace: number;
}

const STEPS = 16;

/** Errors: those of the machine. */
export async function measureSpeed({ journal, device }: Party, { job, machine }: OpenJob): Promise<Speed> {
  const name = `pace-${job.manifest.graphRoot.slice(0, 16)}-${device.name}`;
  const known = journal.read<Speed>(name);
  if (known) return known;
  const state = initialState(job.manifest, job.given);
  const steps = Math.min(STEPS, job.manifest.steps);
  const marks: { step: number; time: number }[] = [];
  const began = performance.now();
  await machine.advance(state, 0, steps, (step) => marks.push({ step, time: performance.now() }));
  const [first, last] = [marks[0], marks.at(-1)];
  // Without what it takes to begin, where more than one stretch was told of.
  const secondsPerStep =
    first && last && last.step > first.step
      ? (last.time - first.time) / (last.step - first.step) / 1000
      : (performance.now() - began) / steps / 1000;
  await installFastHash();
  const trace = async (): Promise<Uint8Array> =>
    listRoot(operatorDigests(job.step, await machine.values(state, 0)));
  // The first one opens a session and hashes what never changes.
  await trace();
  const again = performance.now();
  await trace();
  const speed = { secondsPerStep, secondsPerTrace: (performance.now() - again) / 1000 };
  journal.write(name, speed);
  return speed;
}
