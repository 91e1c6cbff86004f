/** A player's view of a run of a compiled job: every tree of it, computed when the game comes to it. */
import {
  columnFacts,
  committedTypes,
  elements,
  GensynError,
  listRoot,
  bytesOf,
  type State,
  type TensorType,
  type TensorValue,
} from '@gensyn/ir';
import { installFastHash, type Job, type Machine } from '@gensyn/runtime';
import { graphProofs } from '../pinpoint/graph-proofs.js';
import { nodesOver, nodeTree, type NodeTree } from '../pinpoint/node-tree.js';
import { stepEntry } from '../pinpoint/step-entry.js';
import type { Layout, Segment, Witness } from '../pinpoint/witness.js';
import { columnBytesOf } from '../referee/job-step.js';
import { partialResults } from '../referee/partials.js';
import { MAX_TERMS, termsOf } from '../referee/query.js';
import {
  commitStep,
  operatorDigests,
  stateAfter,
  stateDigests,
  type CommittedStep,
} from '../referee/step.js';
import type { States } from './states.js';

/** What somebody says against better knowledge; nothing, for an honest witness. */
export interface Lies {
  /** The state after `step`, in place of the one that its operators give. */
  after?(step: number, state: State): State;
  /** The partial results of an element, in place of the right ones. */
  partials?(step: number, operator: number, element: number, right: Float32Array): Float32Array;
}

/** Steps are global: counted from the start of the training, through all tasks. */
export interface JobWitnessOptions {
  /** Of the compiled job. */
  readonly folder: string;
  /** As loaded from that folder (`loadJob`), and fit for the chain (`checkRegistered`). */
  readonly job: Pick<Job, 'manifest' | 'step'>;
  readonly machine: Machine;
  /** Asked for the state at `from + k * interval`. */
  readonly states: States;
  /** First step of the run in dispute: of the claim, or of the interval that an attestation is about. */
  readonly from: number;
  /** Steps of that run: those delivered. */
  readonly steps: number;
  /** State roots after each interval, where they are known: `run` then computes nothing. */
  readonly roots?: readonly Uint8Array[];
  readonly lies?: Lies;
}

export interface JobWitness extends Witness {
  /** A step of the run with the openings that a referee asks for. */
  committed(step: number): Promise<CommittedStep>;
}

/** Operator lists of a segment's steps are kept up to this many bytes, and as much of states before steps, and of steps done. */
const KEPT_BYTES = 64 * 2 ** 20;

interface Done {
  readonly values: readonly TensorValue[];
  readonly after: State;
  /** Entries of the operator tree. */
  readonly digests: readonly Uint8Array[];
  committed?: CommittedStep;
}

/** Errors of its functions: N0301 for a step outside of the run; those of the machine and of the states. */
export function jobWitness(options: JobWitnessOptions): JobWitness {
  const { folder, machine, states, from, steps, lies } = options;
  const { manifest, step: graph } = options.job;
  const interval = manifest.checkpointEvery;
  const proofs = graphProofs(graph);
  const types = graph.nodes.map(({ type }) => type);
  const segments = new Map<string, Promise<Segment>>();
  const lists = new Map<number, readonly Uint8Array[]>();
  const befores = new Map<number, State>();
  const held = new Map<number, Promise<Done>>();
  const stepBytes = bytesIn(types);

  async function run(state: State, step: number): Promise<Done> {
    const values = await machine.values(state, step);
    const digests = operatorDigests(graph, values);
    const reached = stateAfter(graph, values);
    const after = lies?.after?.(step, reached) ?? reached;
    if (after !== reached) digests[digests.length - 1] = listRoot(stateDigests(after));
    return { values, after, digests };
  }

  async function segmentOf(first: number, count: number): Promise<Segment> {
    await installFastHash();
    const [reached, traces, entries]: [Uint8Array[], Uint8Array[], Uint8Array[]] = [[], [], []];
    let state = await states.at(first);
    for (let step = first; step < first + count; step++) {
      makeRoom();
      const before = state;
      const { after, digests } = await remembered(held, step, () => run(before, step));
      state = after;
      const [root, trace] = [digests.at(-1)!, listRoot(digests)];
      reached.push(root);
      traces.push(trace);
      entries.push(stepEntry(root, trace));
      if (count * digests.length * 32 <= KEPT_BYTES) lists.set(step, digests);
      if (count * manifest.size.stateBytes <= KEPT_BYTES) befores.set(step + 1, after);
    }
    return { tree: nodeTree(entries), states: reached, traces };
  }

  async function stateBefore(step: number): Promise<State> {
    const start = from + Math.floor((step - from) / interval) * interval;
    const known = step > start ? befores.get(step) : undefined;
    if (known) return known;
    const state = await states.at(start);
    return step === start ? state : machine.advance(state, start, step);
  }

  /** The steps of a game lie in one interval, and mostly it is the same step again. */
  function doneAt(step: number): Promise<Done> {
    if (!(step >= from && step < from + steps))
      throw new GensynError(
        'N0301',
        `step ${step} is no part of the run, which has ${steps} from ${from} on`,
      );
    return remembered(held, step, async () => {
      await installFastHash();
      makeRoom();
      return run(await stateBefore(step), step);
    });
  }

  function makeRoom(): void {
    for (const oldest of held.keys()) if (held.size * stepBytes > KEPT_BYTES) held.delete(oldest);
  }

  async function digestsOf(step: number): Promise<readonly Uint8Array[]> {
    return lists.get(step) ?? (await doneAt(step)).digests;
  }

  async function rootsOfRun(): Promise<readonly Uint8Array[]> {
    await installFastHash();
    const roots: Uint8Array[] = [];
    let state = await states.at(from);
    for (let step = from; step < from + steps; step += interval) {
      const to = Math.min(step + interval, from + steps);
      state = await machine.advance(state, step, to);
      roots.push(listRoot(stateDigests(state)));
    }
    return roots;
  }

  const runs = new Map<0, Promise<NodeTree>>();
  const job = {
    graph,
    seed: manifest.seed,
    batch: manifest.batch,
    columns: columnFacts(manifest),
    columnBytes: columnBytesOf(folder, manifest),
  };

  return {
    run: () => remembered(runs, 0, async () => nodeTree(options.roots ?? (await rootsOfRun()))),
    segment: (first, count) => remembered(segments, `${first} ${count}`, () => segmentOf(first, count)),
    operators: async (step) => nodeTree(await digestsOf(step)),
    state: async (step) => nodeTree(stateDigests((await doneAt(step)).after)),
    tensor: async (step, operator) => nodesOver(bytesOf((await doneAt(step)).values[operator]!.data)),
    async partials(step, operator, element): Promise<NodeTree> {
      const { values } = await doneAt(step);
      const right = partialResults({ job, values }, operator, element);
      return nodesOver(bytesOf(lies?.partials?.(step, operator, element, right) ?? right));
    },
    async layout(operator): Promise<Layout> {
      const node = graph.nodes[operator];
      if (!node)
        return {
          dtype: 0,
          elements: graph.outputs.filter(({ role }) => role === 'state').length,
          terms: 0,
        };
      const terms = termsOf({ values: types }, node);
      return {
        dtype: committedTypes[node.type.dtype].code,
        elements: elements(node.type.shape),
        terms: terms > MAX_TERMS ? terms : 0,
      };
    },
    layoutProof: async (operator) => proofs.layout(operator),
    async committed(step) {
      const done = await doneAt(step);
      return (done.committed ??= commitStep(job, step, done.values, done.digests));
    },
  };
}

function bytesIn(types: readonly TensorType[]): number {
  return types.reduce((sum, { dtype, shape }) => sum + elements(shape) * committedTypes[dtype].size, 0);
}

/** What was computed under a key, or is being computed. What fails may succeed the next time. */
function remembered<K, T>(known: Map<K, Promise<T>>, key: K, compute: () => Promise<T>): Promise<T> {
  let result = known.get(key);
  if (!result) {
    result = compute();
    known.set(key, result);
    result.catch(() => known.delete(key));
  }
  return result;
}
