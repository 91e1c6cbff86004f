/** Drives a role: looks at the chain whenever there is something new, until it is done or told to end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GensynError } from '@gensyn/ir';
import type { Agent } from './agent.js';
import { openDuties, type Duties } from './duties.js';
import { openParty, type Party, type PartyOptions } from './party.js';
import type { RoleName } from './role-event.js';
import { openShelf, type Shelf } from './shelf.js';

const LOCAL_CHAIN = 31337;

export interface Pace {
  /** Milliseconds between two looks at the chain. */
  readonly look?: number;
  /** Milliseconds after which something is done again that failed, at most. */
  readonly longest?: number;
}

/** Milliseconds between looks at which nothing new was found that the passing of time may make something due. */
const IDLE_MS = 1000;

/** What work in progress is given to notice that it is to end. */
const GRACE_MS = 1500;

/** Plays the role until it is done, or the signal says stop. What a tick throws is told and tried again; nothing ends it but the signal. */
export async function playRole(
  role: RoleName,
  options: PartyOptions & Pace,
  make: (party: Party, shelf: Shelf, duties: Duties) => Agent,
): Promise<void> {
  const { signal } = options;
  const local = options.client.chainId === LOCAL_CHAIN;
  const { look = local ? 200 : 3000, longest = local ? 2000 : 30_000 } = options;
  const party = await openParty(role, options);
  const shelf = openShelf(party);
  const tell = (error: unknown, what: string): void => {
    const known = error instanceof GensynError ? error : undefined;
    party.emit({
      kind: 'retry',
      text: `${what}: ${known?.message ?? (error instanceof Error ? error.message : String(error))}`,
      ...(known ? { code: known.code } : {}),
    });
    if (!known && process.env['GENSYN_DEBUG']) process.stderr.write(`${String((error as Error)?.stack)}\n`);
  };
  const duties = openDuties({ signal, longest, failed: (key, error) => tell(error, key) });
  party.emit({ kind: 'start', text: `${role} ${party.account} on chain ${options.client.chainId}` });
  let worked = 0;
  let pause = look;
  try {
    const agent = make(party, shelf, duties);
    while (!signal.aborted) {
      try {
        const news = await party.view.refresh();
        if (news || performance.now() - worked > IDLE_MS) {
          worked = performance.now();
          await agent.tick();
          if (await agent.done()) break;
        }
        pause = look;
      } catch (error) {
        if (signal.aborted) break;
        tell(error, 'look at the chain');
        pause = Math.min(longest, pause * 2);
      }
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
    // Whatever an end leaves undone is done again by the next process.
    await Promise.race([duties.rest(), ...(signal.aborted ? [sleep(GRACE_MS)] : [])]);
  } finally {
    party.emit({ kind: 'stop', text: signal.aborted ? 'stopped' : 'done' });
    await shelf.close().catch(() => undefined);
    party.close();
  }
}
