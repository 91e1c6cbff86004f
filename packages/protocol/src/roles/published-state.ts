/** States that somebody has published, by their roots: of whichever claim, for the root says that a state is the right one. */
import { GensynError, type Manifest, type State } from '@gensyn/ir';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchState } from '../artefacts/index.js';
import type { Store } from '../storage/index.js';
import type { View } from './view.js';

export interface Library {
  readonly view: View;
  readonly store: Store;
  /** Folder for the states of a claim; created when missing. */
  readonly folder: (claim: number) => string;
  readonly signal?: AbortSignal;
}

/** Where a state is said to be: anybody can name its root, and a CID of nothing, or of what never comes to an end. */
interface Source {
  readonly claim: number;
  readonly cid: string;
  readonly step: number;
  /** The least first. */
  readonly rank: number;
}

const CID = /^[A-Za-z0-9]{46,128}$/;
export interface Patience {
  /** Milliseconds. */
  readonly source: number;
  readonly whole: number;
}

/** Sources that are asked at once, and at all. */
const AT_ONCE = 2;
const MOST_SOURCES = 16;
/** What a source has before the next one is asked too, and all together: so long, and as long as its bytes take at this rate. */
const PATIENCE: Patience = { source: 8000, whole: 40_000 };
const BYTES_PER_MS = 500;

/** What is being fetched from a store goes on when nobody waits for it any more, and is waited for again. */
const fetching = new WeakMap<Store, Map<string, Promise<State | undefined>>>();

/**
 * Undefined where nobody has it in the time there is. Asks first the claim that goes on from it, then who has ended with it as the chain
 * holds it, then others.
 * @param start steps done before
 * @param goesOn claim that begins with it: its solver has published it with the own ones
 */
export async function publishedState(
  library: Library,
  root: string,
  manifest: Manifest,
  start: number,
  goesOn?: number,
  patience = PATIENCE,
): Promise<State | undefined> {
  const { store, folder, signal } = library;
  const going = fetching.get(store) ?? new Map<string, Promise<State | undefined>>();
  fetching.set(store, going);
  const left = (await sourcesOf(library, root, start, goesOn)).slice(0, MOST_SOURCES);
  const more = manifest.size.stateBytes / BYTES_PER_MS;
  const ending = new AbortController();
  const signals = signal ? AbortSignal.any([ending.signal, signal]) : ending.signal;
  const pause = (ms: number): Promise<undefined> =>
    sleep(ms, undefined, { signal: signals }).catch(() => undefined);

  function fetched({ claim, cid, step }: Source): Promise<State | undefined> {
    const key = `${cid} ${step} ${root}`;
    let fetch = going.get(key);
    if (!fetch) {
      fetch = fetchState(store, cid, manifest, { step, stateRoot: root.slice(2) }, folder(claim))
        .catch((error: unknown) => {
          if (!(error instanceof GensynError)) throw error;
          return undefined;
        })
        .finally(() => going.delete(key));
      going.set(key, fetch);
    }
    return fetch;
  }

  /** A slow one is left behind, and may still be the first. */
  const late: Promise<State | undefined>[] = [];
  async function ask(): Promise<State | undefined> {
    for (let next = left.shift(); next && !signals.aborted; next = left.shift()) {
      const asking = fetched(next);
      const state = await Promise.race([asking, pause(patience.source + more)]);
      if (state) return state;
      late.push(asking);
    }
    return undefined;
  }

  try {
    const asking = Array.from({ length: AT_ONCE }, ask);
    const all = Promise.all(asking).then(() => firstOf(late));
    return await Promise.race([firstOf([...asking, all]), pause(patience.whole + 4 * more)]);
  } finally {
    ending.abort();
  }
}

/** The first that is one; undefined when none is. Errors: those of the first that fails. */
function firstOf(states: readonly Promise<State | undefined>[]): Promise<State | undefined> {
  return new Promise((resolve, reject) => {
    for (const each of states) each.then((state) => state && resolve(state), reject);
    void Promise.allSettled(states).then(() => resolve(undefined));
  });
}

async function sourcesOf(
  { view }: Library,
  root: string,
  start: number,
  goesOn: number | undefined,
): Promise<Source[]> {
  const found: Source[] = [];
  for (const seen of view.claims.values()) {
    const { firstStep, interval, steps, state } = await view.task(seen.task);
    const delivery = seen.deliveries.find((each) => each.state === root);
    if (delivery) {
      const step = Math.min(firstStep + seen.from + delivery.records * interval, firstStep + steps);
      const claim = await view.claim(seen.id);
      const settled = claim.status === 'settled' && claim.state === root;
      const rank = settled ? (state === root ? 1 : 2) : 4;
      found.push({ claim: seen.id, cid: delivery.artefacts, step, rank });
    }
    // Whoever goes on from a state publishes it with the own ones.
    const cid = seen.deliveries.at(-1)?.artefacts;
    if (cid === undefined || firstStep + seen.from !== start || start === 0) continue;
    if ((await view.claim(seen.id)).before !== root) continue;
    found.push({ claim: seen.id, cid, step: start, rank: seen.id === goesOn ? 0 : 3 });
  }
  return found.filter(({ cid }) => CID.test(cid)).sort((a, b) => a.rank - b.rank || a.claim - b.claim);
}
