/** Commits in another thread, while training goes on. */
import { Worker } from 'node:worker_threads';
import { GensynError, type ErrorDetail, type Manifest, type TensorValue } from '@gensyn/ir';
import type { Committed, Committer, CommitTask } from './committer.js';

export interface WorkerStart {
  readonly folder: string;
  readonly manifest: Manifest;
}

export type WorkerTask = Omit<CommitTask, 'state'> & {
  readonly state: readonly (readonly [string, TensorValue])[];
};

export type WorkerAnswer =
  | { readonly done: Committed }
  | {
      readonly failed: { readonly code: string; readonly message: string } & Pick<
        ErrorDetail,
        'notes' | 'help'
      >;
    }
  /** An error that is none of ours, as text. */
  | { readonly broken: string };

export function workerCommitter(folder: string, manifest: Manifest): Committer {
  const worker = new Worker(new URL('./commit-worker.js', import.meta.url), {
    workerData: { folder, manifest } satisfies WorkerStart,
  });
  // A worker that waits for its next task does not keep the process alive; one that commits does.
  worker.unref();
  return {
    commit: (task) =>
      new Promise<Committed>((resolve, reject) => {
        const finish = (settle: () => void): void => {
          worker.off('message', answered);
          worker.off('error', broke);
          worker.unref();
          settle();
        };
        const broke = (cause: unknown): void =>
          finish(() =>
            reject(
              new GensynError('R0503', 'the checkpoint cannot be written', {
                notes: [{ message: String(cause) }],
                cause,
              }),
            ),
          );
        const answered = (answer: WorkerAnswer): void => {
          if ('done' in answer) finish(() => resolve(answer.done));
          else if ('failed' in answer)
            finish(() => reject(new GensynError(answer.failed.code, answer.failed.message, answer.failed)));
          else broke(answer.broken);
        };
        worker.on('message', answered);
        worker.on('error', broke);
        worker.ref();
        // The tensors are copied here, so the next step may do with them what it likes.
        worker.postMessage({ ...task, state: [...task.state] } satisfies WorkerTask);
      }),
    close: async () => void (await worker.terminate()),
  };
}
