/** The other thread of `workerCommitter`: takes one task after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { GensynError } from '@gensyn/ir';
import { commitState } from './committer.js';
import { installFastHash } from './hash.js';
import type { WorkerAnswer, WorkerStart, WorkerTask } from './worker-committer.js';

const { folder, manifest } = workerData as WorkerStart;
const ready = installFastHash();

async function answer(task: WorkerTask): Promise<WorkerAnswer> {
  try {
    await ready;
    return { done: commitState(folder, manifest, { ...task, state: new Map(task.state) }) };
  } catch (error) {
    if (!(error instanceof GensynError)) return { broken: String(error) };
    return {
      failed: {
        code: error.code,
        message: error.message,
        notes: error.notes,
        ...(error.help === undefined ? {} : { help: error.help }),
      },
    };
  }
}

parentPort!.on(
  'message',
  (task: WorkerTask) => void answer(task).then((reply) => parentPort!.postMessage(reply)),
);
