/** A run in shards as a program, to be killed: `node shards-child.js <folder of the job> <processes> [device]`. */
import { loadShards, openDevice, trainShards, type DeviceName } from '@gensyn/runtime';

const [folder, processes, name = 'cpu'] = process.argv.slice(2);
const device = await openDevice(name as DeviceName, { threads: 1 });
for await (const event of trainShards(await loadShards(folder!), {
  ...{ folder: folder!, device, resume: true, holdoutEvery: 0, processes: Number(processes) },
})) {
  if (event.kind === 'start' || event.kind === 'progress')
    process.stdout.write(`${event.kind} ${event.step}\n`);
  if (event.kind === 'end') process.stdout.write(`end ${event.stateRoot}\n`);
}
