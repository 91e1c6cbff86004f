/** The state that a task begins with where that is put together from entries of other tasks' final states. */
import { GensynError, type Manifest, type State } from '@gensyn/ir';
import { fetchManifest } from '../artefacts/index.js';
import { joinStates, readSelection, type MarketClient, type Task } from '../chain/index.js';
import { publishedState, type Library } from './published-state.js';

const CID = /^[A-Za-z0-9]{46,128}$/;

/**
 * As far as its parents' final states are published; undefined where one is not, or where the task does not begin so. Its root is not
 * checked here. Errors: N0302 where the chain's wiring is not of this job's state, those of the connection.
 */
export async function joinedStart(
  library: Library & { readonly client: MarketClient },
  task: Pick<Task, 'id' | 'firstStep'>,
  manifest: Manifest,
): Promise<State | undefined> {
  const { client, view, store } = library;
  const selection = await readSelection(client, task.id);
  if (!selection) return undefined;
  const states: State[] = [];
  for (const id of selection.parents) {
    const [parent, cid] = [await view.task(id), view.submitted.get(id)?.artefacts ?? ''];
    // Only how its state is laid out is wanted of the parent's job, and that shows in the root.
    const layout = CID.test(cid) ? await layoutOf(cid) : undefined;
    const state = layout && (await publishedState(library, parent.state, layout, task.firstStep));
    if (!state) return undefined;
    states.push(state);
  }
  return joinStates(manifest, selection, states);

  async function layoutOf(cid: string): Promise<Manifest | undefined> {
    try {
      return await fetchManifest(store, cid);
    } catch (error) {
      if (!(error instanceof GensynError)) throw error;
      return undefined;
    }
  }
}
