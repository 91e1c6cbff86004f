/** A run as a program, for tests that kill it or give it another environment: `node run-child.js <job folder> <run folder> <device> [options as JSON]`. */
import { openDevice, train, type DeviceName } from '@gensyn/runtime';
import { tinyJob } from './tiny-job.js';

const [jobFolder, folder, name, options] = process.argv.slice(2);
const {
  job: jobOptions = {},
  threads = 1,
  delay = 0,
} = JSON.parse(options ?? '{}') as { job?: object; threads?: number; delay?: number };
try {
  const device = await openDevice(name as DeviceName, { threads });
  for await (const event of train(tinyJob(jobFolder!, jobOptions), {
    folder: folder!,
    device,
    resume: true,
    holdoutEvery: 0,
  })) {
    if (event.kind === 'start') process.stdout.write(`start ${event.step}\n`);
    if (event.kind === 'checkpoint') process.stdout.write(`checkpoint ${event.record.step}\n`);
    if (event.kind === 'end') process.stdout.write(`end ${event.stateRoot}\n`);
    // Gives a killer time to strike between any two files.
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
  }
} catch (error) {
  process.stdout.write(`error ${(error as { code?: string }).code ?? ''} ${String(error)}\n`);
  process.exitCode = 1;
}
