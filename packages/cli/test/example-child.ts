/**
 * A run of a compiled job as a program, to be killed: `node example-child.js <job folder> <run folder> <device> [options as JSON]`.
 * Options: `killAt`, the step from which on it kills itself when it hears of progress, and `until`, where it ends.
 */
import { loadJob, openDevice, train, type DeviceName } from '@gensyn/runtime';

const [jobFolder, folder, name, given = '{}'] = process.argv.slice(2);
const { killAt = Infinity, ...until } = JSON.parse(given) as { killAt?: number; until?: number };
const device = await openDevice(name as DeviceName, { threads: 1 });
for await (const event of train(await loadJob(jobFolder!), {
  folder: folder!,
  device,
  resume: true,
  holdoutEvery: 0,
  ...until,
})) {
  if (event.kind === 'start' || event.kind === 'progress')
    process.stdout.write(`${event.kind} ${event.step}\n`);
  if (event.kind === 'progress' && event.step >= killAt) process.kill(process.pid, 'SIGKILL');
  if (event.kind === 'end') process.stdout.write(`end ${event.stateRoot}\n`);
}
