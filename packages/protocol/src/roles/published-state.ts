/** States that somebody has published, by their roots: of whichever claim, for the root says that a state is the right one. */
import { GensynError, type Manifest, type State } from '@gensyn/ir';
import { fetchState } from '../artefacts/index.js';
import type { Store } from '../storage/index.js';
import type { View } from './view.js';

export interface Library {
  readonly view: View;
  readonly store: Store;
  /** Folder for the states of a claim; created when missing. */
  readonly folder: (claim: number) => string;
}

const CID = /^[A-Za-z0-9]{46,128}$/;

/** @param start steps done before; undefined where nobody has it: where a claim ended with it, or went on from it */
export async function publishedState(
  { view, store, folder }: Library,
  root: string,
  manifest: Manifest,
  start: number,
): Promise<State | undefined> {
  for (const seen of view.claims.values()) {
    const delivery = seen.deliveries.find(({ state }) => state === root);
    if (!delivery || !CID.test(delivery.artefacts)) continue;
    const { firstStep, interval, steps } = await view.task(seen.task);
    const step = Math.min(firstStep + seen.from + delivery.records * interval, firstStep + steps);
    const found = await fetched(delivery.artefacts, step, seen.id);
    if (found) return found;
  }
  // Whoever goes on from a state publishes it with the own ones.
  for (const seen of view.claims.values()) {
    const cid = seen.deliveries.at(-1)?.artefacts ?? '';
    if (!CID.test(cid) || (await view.task(seen.task)).firstStep + seen.from !== start) continue;
    if ((await view.claim(seen.id)).before !== root) continue;
    const found = await fetched(cid, start, seen.id);
    if (found) return found;
  }
  return undefined;

  async function fetched(cid: string, step: number, claim: number): Promise<State | undefined> {
    try {
      return await fetchState(store, cid, manifest, { step, stateRoot: root.slice(2) }, folder(claim));
    } catch (error) {
      if (!(error instanceof GensynError)) throw error;
      return undefined;
    }
  }
}
