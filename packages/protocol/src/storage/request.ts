/** One question to an IPFS node: in time, more than once where it got lost, with one kind of error for each kind of answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GensynError } from '@gensyn/ir';
import { TooLong } from './ipfs-client.js';

/** How long a node that did not answer is left alone, in milliseconds. */
const REST = 5_000;
const BACK_OFF = 200;

export interface Asking {
  /**
   * Errors: N0501 the node has no such block or looked for it in vain, N0502 it answers without end, N0503 it refuses, N0504 it
   * does not answer.
   */
  <T>(work: (signal: AbortSignal) => Promise<T>, timeout: number): Promise<T>;
}

/** @param name for people. @param tries of a question that got lost on the way. */
export function asking(name: string, tries: number): Asking {
  let restUntil = 0;
  return async (work, timeout) => {
    if (Date.now() < restUntil) throw new GensynError('N0504', `${name} did not answer a moment ago`);
    for (let attempt = 1; ; attempt++) {
      try {
        return await inTime(work, timeout);
      } catch (cause) {
        const verdict = judge(name, cause, timeout);
        if (!verdict.lost) throw verdict.error;
        if (attempt >= tries) {
          restUntil = Date.now() + REST;
          throw verdict.error;
        }
        await sleep(BACK_OFF * 2 ** (attempt - 1) * (0.5 + Math.random()));
      }
    }
  };
}

async function inTime<T>(work: (signal: AbortSignal) => Promise<T>, timeout: number): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort();
      reject(new Late());
    }, timeout);
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

class Late extends Error {}

function judge(name: string, cause: unknown, timeout: number): { error: GensynError; lost: boolean } {
  const say = (code: string, message: string, lost = false) => ({
    error: cause instanceof GensynError ? cause : new GensynError(code, `${name} ${message}`, { cause }),
    lost,
  });
  if (cause instanceof GensynError) return say(cause.code, '');
  for (let each: unknown = cause; each instanceof Error; each = each.cause)
    if (each instanceof TooLong) return say('N0502', 'answers without end');
  if (cause instanceof Late) return say('N0504', `did not answer within ${timeout / 1000} s`);
  const { name: kind, message, response } = cause as Error & { response?: { status: number } };
  // What a node says that has looked for a block and given up.
  if (kind === 'TimeoutError') return say('N0501', 'did not find it in time');
  if (!response) return say('N0504', `does not answer (${reason(cause)})`, true);
  if (/not found|could not find|no such|deadline/i.test(message) && response.status === 500)
    return say('N0501', 'does not have it');
  const words = `answers ${response.status}: ${message.slice(0, 200)}`;
  const refused = [400, 401, 403, 404, 405].includes(response.status);
  return refused ? say('N0503', words) : say('N0504', words, true);
}

function reason(cause: unknown): string {
  const { cause: inner, message } = cause as Error;
  return String((inner as NodeJS.ErrnoException | undefined)?.code ?? message).slice(0, 100);
}
