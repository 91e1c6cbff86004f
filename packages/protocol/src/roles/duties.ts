/** Work that goes on between looks at the chain: one piece for each key at a time, tried again later when it fails. */

export interface Duties {
  /** Begins the work, unless work of that key is being done, or failed a moment ago. */
  begin(key: string, work: () => Promise<void>): void;
  /** Whether work of that key is being done. */
  busy(key: string): boolean;
  /** Waits until nothing is being done. */
  rest(): Promise<void>;
}

export interface DutiesOptions {
  /** Is told of each failure, with the milliseconds until the next try. */
  readonly failed: (key: string, error: unknown, pause: number) => void;
  readonly signal: AbortSignal;
  /** Milliseconds between tries, at most. */
  readonly longest?: number;
  readonly now?: () => number;
}

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 20_000;

export function openDuties({
  failed,
  signal,
  longest = LAST_PAUSE_MS,
  now = () => performance.now(),
}: DutiesOptions): Duties {
  const running = new Map<string, Promise<void>>();
  const pauses = new Map<string, { readonly pause: number; readonly until: number }>();
  return {
    busy: (key) => running.has(key),
    begin(key, work) {
      const wait = pauses.get(key);
      if (signal.aborted || running.has(key) || (wait && now() < wait.until)) return;
      const doing = work()
        .then(
          () => void pauses.delete(key),
          (error: unknown) => {
            if (signal.aborted) return;
            const pause = Math.min(longest, wait ? wait.pause * 2 : FIRST_PAUSE_MS);
            pauses.set(key, { pause, until: now() + pause });
            failed(key, error, pause);
          },
        )
        .finally(() => running.delete(key));
      running.set(key, doing);
    },
    async rest() {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
