/** Frees what onnxruntime-node's results leave behind: it returns a copy of every output, also of one that was written in place. */
import v8 from 'node:v8';
import vm from 'node:vm';

let collect: (() => void) | undefined;

/**
 * Runs the garbage collector now. V8 counts the copies but waits too long when each takes hundreds of megabytes. Takes a few
 * milliseconds, so it is for large states only.
 */
export function collectGarbage(): void {
  if (collect === undefined) {
    v8.setFlagsFromString('--expose-gc');
    collect = vm.runInNewContext('gc') as () => void;
  }
  collect();
}
