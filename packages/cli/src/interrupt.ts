/** Ctrl-C and termination as a request to stop, so that work in progress can be finished or saved. */

export interface Interrupt {
  /** How often the user asked so far. */
  readonly requests: number;
  /** Aborted when work should end at once: `abort` was called, or the user asked a second time. */
  readonly signal: AbortSignal;
  abort(): void;
  /** Gives the signals back to Node.js. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @param onFirst called at the first request. The third ends the process without more ado. */
export function catchInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let requests = 0;
  const handle = (): void => {
    requests += 1;
    if (requests === 1) onFirst();
    if (requests === 2) controller.abort();
    if (requests >= 3) process.exit(130);
  };
  for (const name of SIGNALS) process.on(name, handle);
  return {
    get requests() {
      return requests;
    },
    signal: controller.signal,
    abort: () => controller.abort(),
    release() {
      for (const name of SIGNALS) process.off(name, handle);
    },
  };
}
