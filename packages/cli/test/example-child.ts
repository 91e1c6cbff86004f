/** A run of a compiled job as a program, to be killed: `node example-child.js <job folder> <run folder> <device>`. */
import { loadJob, openDevice, train, type DeviceName } from '@gensyn/runtime';

const [jobFolder, folder, name] = process.argv.slice(2);
const device = await openDevice(name as DeviceName, { threads: 1 });
for await (const event of train(await loadJob(jobFolder!), {
  folder: folder!,
  device,
  resume: true,
  holdoutEvery: 0,
})) {
  if (event.kind === 'start' || event.kind === 'progress')
    process.stdout.write(`${event.kind} ${event.step}\n`);
  if (event.kind === 'end') process.stdout.write(`end ${event.stateRoot}\n`);
}
