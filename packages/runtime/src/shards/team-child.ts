/** A process of a team: trains the replicas that it is told to, and ends when the one that started it is gone. */
import { GensynError } from '@gensyn/ir';
import { openCpu } from '../device/cpu.js';
import { openDevice } from '../device/open-device.js';
import { openReplicas, type Replicas } from './replica.js';
import { loadShards } from './shards-job.js';
import type { SentStretch, TeamAnswer, TeamTask } from './team.js';

let replicas: Promise<Replicas> | undefined;

const answer = (message: TeamAnswer): void => void process.send!(message);

async function open(task: TeamTask & { kind: 'open' }): Promise<Replicas> {
  const { folder, device: name, threads, products } = task;
  const device =
    name === 'cpu' ? await openCpu({ threads, ...(products ? { products } : {}) }) : await openDevice(name);
  return openReplicas((await loadShards(folder)).shards, device);
}

async function run({ state, stretches }: TeamTask & { kind: 'run' }): Promise<void> {
  try {
    const opened = await replicas!;
    const results: SentStretch[] = [];
    for (const stretch of stretches) {
      const done = await opened.run(new Map(state), stretch, (far) => answer({ kind: 'progress', ...far }));
      results.push({ ...done!, state: [...done!.state] });
    }
    answer({ kind: 'done', results });
  } catch (error) {
    const ours = error instanceof GensynError ? error : undefined;
    answer({
      kind: 'failed',
      code: ours?.code ?? 'R0701',
      message: ours?.message ?? 'a process that trains replicas has failed',
      detail: ours
        ? { notes: ours.notes, ...(ours.help === undefined ? {} : { help: ours.help }) }
        : { notes: [{ message: String(error) }] },
    });
  }
}

process.on('message', (task: TeamTask) => {
  if (task.kind === 'run') void run(task);
  else {
    replicas = open(task);
    // Told where it is awaited.
    replicas.catch(() => undefined);
  }
});
process.on('disconnect', () => process.exit(0));
// An answer that nobody takes any more.
process.on('error', () => process.exit(0));
// Whoever started this one decides what Ctrl-C, a closed terminal and a request to end mean; it ends with the channel.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
