/** The state that a task begins with where that is put together from entries of other tasks' final states. */
import os from 'node:os';
import { GensynError, sameType, sha256, type Manifest, type State, type TensorValue } from '@gensyn/ir';
import { hexlify, toUtf8Bytes } from 'ethers';
import { fetchManifest } from '../artefacts/index.js';
import { readSelection, type MarketClient, type SeenSelection, type Task } from '../chain/index.js';
import { chainJob, chainJobRoot } from '../witness/index.js';
import { publishedState, type Library } from './published-state.js';

export interface Starts {
  /**
   * As far as the parents' final states are published; undefined where one is not, or is not laid out as the wiring says, or where the
   * task does not begin so. One parent is held at a time. The root is not checked here. Errors: N0302 where the chain's wiring is not of
   * this job's state, those of the connection.
   */
  joined(task: Pick<Task, 'id' | 'firstStep'>, manifest: Manifest): Promise<State | undefined>;
}

const CID = /^[A-Za-z0-9]{46,128}$/;
/** A node behind others may not have had the events of the last blocks. */
const SURE_BLOCKS = 16;
/** What a parent's state may take, of the own memory, and of what the task itself begins with: a merge's is that of all its shards. */
const MEMORY_SHARE = 0.5;
const MOST_SHARDS = 64;

export function openStarts(library: Library & { readonly client: MarketClient }): Starts {
  const { client, view, store } = library;
  /** By task, and by how often the chain has gone another way. */
  const known = new Map<string, SeenSelection | undefined>();

  async function selectionOf(task: number): Promise<SeenSelection | undefined> {
    const block = view.submitted.get(task)?.block;
    if (block === undefined) return undefined;
    const key = `${view.turns} ${task}`;
    if (known.has(key)) return known.get(key);
    const found = await readSelection(client, task, block);
    if (found || view.block >= block + SURE_BLOCKS) known.set(key, found);
    return found;
  }

  /** The manifest of a parent, if it is of the job that the chain names; how its state is laid out shows in the state's root only. */
  async function manifestOf(parent: Task): Promise<Manifest | undefined> {
    const cid = view.submitted.get(parent.id)?.artefacts ?? '';
    const first = [...view.claims.values()].find(({ task, from }) => task === parent.id && from === 0);
    if (!CID.test(cid) || !first) return undefined;
    const { before: init } = await view.claim(first.id);
    try {
      const manifest = await fetchManifest(store, cid);
      const { firstStep } = parent;
      const job = chainJob(manifest, firstStep > 0 ? { firstStep, init } : undefined);
      return chainJobRoot(job) === parent.job.toLowerCase() ? manifest : undefined;
    } catch (error) {
      if (!(error instanceof GensynError)) throw error;
      return undefined;
    }
  }

  return {
    async joined(task, manifest) {
      const selection = await selectionOf(task.id);
      if (!selection) return undefined;
      checkNames(manifest, selection);
      const begun = new Array<TensorValue | undefined>(manifest.state.length);
      for (const [parent, id] of selection.parents.entries()) {
        const wired = selection.wires.flatMap((wire, at) =>
          wire.parent === parent ? [{ ...wire, at }] : [],
        );
        if (wired.length === 0) continue;
        const whose = await view.task(id);
        const layout = await manifestOf(whose);
        const right =
          layout &&
          layout.size.stateBytes <= mostBytes(manifest) &&
          wired.every(({ entry, at }) => {
            const found = layout.state[entry];
            return found !== undefined && sameType(found, manifest.state[at]!);
          });
        // Nothing is fetched of a state that is not what the wiring says.
        const state = right && (await publishedState(library, whose.state, layout, task.firstStep));
        if (!state) return undefined;
        const values = [...state.values()];
        for (const { entry, at } of wired) {
          const value = values[entry]!;
          begun[at] = { ...value, data: value.data.slice() };
        }
      }
      return begun.every((value) => value !== undefined)
        ? new Map(manifest.state.map(({ name }, at) => [name, begun[at]!]))
        : undefined;
    },
  };
}

/** Errors: N0302 */
function checkNames({ state }: Manifest, { wires }: SeenSelection): void {
  const wrong = state.find(({ name }, at) => wires[at]?.name !== hexlify(sha256(toUtf8Bytes(name))));
  if (wires.length === state.length && !wrong) return;
  throw new GensynError(
    'N0302',
    wrong
      ? `'${wrong.name}' is not what the task begins with in its place`
      : `the task begins with ${wires.length} tensors, and its job with ${state.length}`,
  );
}

function mostBytes({ size }: Manifest): number {
  const limit = process.constrainedMemory();
  const memory = limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
  return Math.min(memory * MEMORY_SHARE, size.stateBytes * MOST_SHARDS);
}
