/** What an account has sent before, as by a process that was killed: nobody knows yet what it will have done. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MarketClient } from './market-client.js';

const LIMIT_MS = 60_000;

/** Whether all that the account has sent is in blocks up to `block`, so that whoever has read these knows what it did. Errors: N0205. */
export async function allIn({ provider, account }: MarketClient, block: number): Promise<boolean> {
  if (account === undefined) return true;
  const [then, pending] = await Promise.all([
    provider.getTransactionCount(account, block),
    provider.getTransactionCount(account, 'pending'),
  ]);
  return pending <= then;
}

/**
 * Waits for it. To be called before a look at the chain that decides on what must not be done twice. Goes on after a while whatever the
 * node says, for some transactions no block ever takes.
 * @param limit in milliseconds
 * Errors: N0205.
 */
export async function settled(client: MarketClient, limit = LIMIT_MS): Promise<void> {
  const { provider, account } = client;
  if (account === undefined) return;
  for (const end = performance.now() + limit; performance.now() < end;) {
    const [latest, pending] = await Promise.all([
      provider.getTransactionCount(account, 'latest'),
      provider.getTransactionCount(account, 'pending'),
    ]);
    if (pending <= latest) return;
    await sleep(Math.max(100, provider.pollingInterval));
  }
}
