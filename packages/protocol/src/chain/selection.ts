/** States put together from entries of proven ones: the arguments with which a task begins from several others, and the way back. */
import {
  committedTypes,
  GensynError,
  rootsOf,
  sha256,
  stateRoot,
  type State,
  type StateEntry,
} from '@gensyn/ir';
import { concat, dataSlice, getBytes, hexlify, toUtf8Bytes, type BytesLike } from 'ethers';
import { events } from './events.js';
import type { MarketClient } from './market-client.js';

/** The whole final state of a task that is done: what its entries are, not their bytes. */
export interface ProvenState {
  readonly task: number;
  readonly entries: readonly StateEntry[];
}

/** An entry of a new state: which entry of which parent it is, both counted from 0, and its name there. */
export interface Wire {
  readonly parent: number;
  readonly entry: number;
  readonly name: string;
}

/** What `submitFrom` takes, and the root of the state that comes of it; 0x-prefixed. */
export interface Selection {
  readonly parents: readonly number[];
  readonly opened: string;
  readonly wiring: string;
  readonly init: string;
}

/** What the chain keeps of it: names as their SHA-256, 0x-prefixed. */
export interface SeenSelection {
  readonly parents: readonly number[];
  readonly wires: readonly { readonly parent: number; readonly entry: number; readonly name: string }[];
}

/** Bytes of a wire: parent, entry and the name's hash. */
const WIRE = 40;

/** What a state consists of, in its own order. */
export function entriesOf(state: State): readonly StateEntry[] {
  const { tensors } = rootsOf(state);
  return [...state].map(([name, { dtype, shape }]) => ({ name, dtype, shape, root: tensors.get(name)! }));
}

/**
 * @param wires one for each entry of the new state, in its order
 * Errors: N0413 for a wire that begins nowhere, G0022 for a name given twice.
 */
export function selectStates(parents: readonly ProvenState[], wires: readonly Wire[]): Selection {
  const picked = wires.map(({ parent, entry, name }): StateEntry => {
    const found = parents[parent]?.entries[entry];
    if (!found)
      throw new GensynError(
        'N0413',
        `'${name}' is to be entry ${entry} of parent ${parent}, which there is not`,
      );
    return { ...found, name };
  });
  const opened = parents.flatMap(({ entries }) => [
    u32(entries.length),
    ...entries.flatMap(({ name, dtype, shape, root }) => [
      nameHash(name),
      Uint8Array.of(committedTypes[dtype].code, shape.length),
      ...shape.map(u32),
      root,
    ]),
  ]);
  return {
    parents: parents.map(({ task }) => task),
    opened: concat(opened),
    wiring: concat(wires.flatMap(({ parent, entry, name }) => [u32(parent), u32(entry), nameHash(name)])),
    init: hexlify(stateRoot(picked)),
  };
}

/** Every entry of one state under its own name, or another: for shards that take all of it. */
export function wireAll(
  { entries }: Pick<ProvenState, 'entries'>,
  parent: number,
  rename: (name: string) => string = (name) => name,
): readonly Wire[] {
  return entries.map(({ name }, entry) => ({ parent, entry, name: rename(name) }));
}

/**
 * How a task began; undefined where it is not of several others' states.
 * @param block of its submission, where it is known: nothing else is looked through then
 * Errors: N0410.
 */
export async function readSelection(
  client: MarketClient,
  task: number,
  block?: number,
): Promise<SeenSelection | undefined> {
  const range = block === undefined ? {} : { from: block, to: block };
  const [found] = await events(client, client.market, 'StartedFrom', [task], { most: 1, ...range });
  return found && parseSelection(found.args['parents'] as Iterable<bigint>, found.args['wiring'] as string);
}

/** The arguments of the event. */
export function parseSelection(parents: Iterable<bigint>, wiring: BytesLike): SeenSelection {
  const bytes = getBytes(wiring);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    parents: [...parents].map(Number),
    wires: Array.from({ length: bytes.length / WIRE }, (_, i) => ({
      parent: view.getUint32(i * WIRE, true),
      entry: view.getUint32(i * WIRE + 4, true),
      name: dataSlice(bytes, i * WIRE + 8, (i + 1) * WIRE),
    })),
  };
}

const nameHash = (name: string): Uint8Array => sha256(toUtf8Bytes(name));

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
