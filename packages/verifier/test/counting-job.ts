/** A job whose steps are computed by the operators' definitions, and a replayer that really runs it, with room for lies. */
import {
  GensynError,
  GraphBuilder,
  batchOrder,
  evaluate,
  initialState,
  integerRange,
  jobRoot,
  proofRoot,
  range,
  rootsOf,
  type CheckpointRecord,
  type Graph,
  type Manifest,
  type State,
  type TensorValue,
} from '@gensyn/ir';
import type { ClaimedRun, Replayer } from '@gensyn/verifier';

export const ROWS = 24;
const BATCH = 4;
const data = Float32Array.from({ length: ROWS }, (_, i) => ((i * 7) % 11) - 5);

/** w goes a fraction of the way to the mean of the batch each step, on a grid of 2^-20; the loss is the largest distance. */
function stepGraph(): Graph {
  const b = new GraphBuilder();
  const grid = range({ lo: -8, hi: 8, quantum: 2 ** -20 });
  const zero = { kind: 'constant', value: 0 } as const;
  const step = b.input('step', { dtype: 'i32', shape: [] }, integerRange(0, 2 ** 24 - 1), {
    kind: 'state',
    init: zero,
  });
  const w = b.input('w', { dtype: 'f32', shape: [BATCH] }, grid, {
    kind: 'state',
    init: { kind: 'uniform', stream: 1, bound: 1 },
  });
  const x = b.input('x', { dtype: 'f32', shape: [BATCH] }, integerRange(-8, 8), {
    kind: 'batch',
    dataset: 'numbers',
    column: 'x',
  });
  const miss = b.add('Sub', [x, w]);
  const c = b.scalar(1.5 * 2 ** 3);
  const moved = b.add('Add', [w, b.add('Mul', [miss, b.scalar(0.125)])]);
  const next = b.add('Sub', [
    b.add('Add', [
      b.add('Max', [b.add('Min', [b.add('Add', [moved, b.scalar(0)]), b.scalar(7)]), b.scalar(-7)]),
      c,
    ]),
    c,
  ]);
  const farthest = b.add('ReduceMax', [b.add('Abs', [miss])], { axes: [0] });
  b.output('step', b.add('Add', [step, b.constant(Int32Array.of(1), [])]), 'state');
  b.output('w', next, 'state');
  b.output('loss', b.add('Reshape', [farthest], { shape: [] }), 'loss');
  return b.build();
}

const graph = stepGraph();

export function countingManifest(options: { steps?: number; checkpointEvery?: number } = {}): Manifest {
  const draft: Manifest = {
    format: 'gensyn-job/1',
    name: 'counting',
    compiler: 'test',
    graphRoot: '11'.repeat(32),
    evalRoot: '22'.repeat(32),
    dataRoot: '33'.repeat(32),
    initRoot: '00'.repeat(32),
    seed: 3,
    batch: BATCH,
    steps: 47,
    checkpointEvery: 5,
    sample: 0.3,
    holdoutRows: 0,
    precision: 2,
    datasets: [],
    state: [
      { name: 'step', dtype: 'i32', shape: [], init: { kind: 'constant', value: 0 } },
      { name: 'w', dtype: 'f32', shape: [BATCH], init: { kind: 'uniform', stream: 1, bound: 1 } },
    ],
    metrics: [],
    healthBound: 8,
    size: { parameters: BATCH, stateBytes: 4 * BATCH + 4, nodes: graph.nodes.length, workPerStep: 10 },
    parameters: {},
    defaults: {},
    ...options,
  };
  return { ...draft, initRoot: rootsOf(initialState(draft)).root };
}

/** One step, by the definitions. */
function advance(manifest: Manifest, state: State, step: number): { state: State; loss: number } {
  const rows = batchOrder(manifest.seed, BATCH, ROWS, 0).training(step);
  const x: TensorValue = { dtype: 'f32', shape: [BATCH], data: Float32Array.from(rows, (row) => data[row]!) };
  const values = evaluate(graph, { ...Object.fromEntries(state), x });
  const output = (name: string): TensorValue => values[graph.outputs.find((o) => o.name === name)!.node]!;
  return {
    state: new Map([...state.keys()].map((name) => [name, output(name)])),
    loss: output('loss').data[0]!,
  };
}

export interface Trained {
  readonly run: ClaimedRun;
  /** Stored checkpoints by step, as the solver left them. */
  readonly stored: Map<number, State>;
}

/** @param cheat replaces the state after a step, as a solver that skips work would */
export function trainCounting(
  manifest: Manifest,
  cheat: (step: number, state: State, before: State) => State = (_, state) => state,
): Trained {
  let state = initialState(manifest);
  const stored = new Map<number, State>();
  const records: CheckpointRecord[] = [{ step: 0, stateRoot: rootsOf(state).root, cursor: 0, time: 0 }];
  for (let step = 0; step < manifest.steps; step++) {
    const next = advance(manifest, state, step);
    state = cheat(step + 1, next.state, state);
    const done = step + 1;
    if (done % manifest.checkpointEvery === 0 || done === manifest.steps) {
      stored.set(done, state);
      records.push({
        step: done,
        stateRoot: rootsOf(state).root,
        loss: next.loss,
        cursor: done * manifest.batch,
        time: done * 2,
      });
    }
  }
  return { run: claim(manifest, records), stored };
}

/** A claim whose proof root fits the records, whatever they say. */
export function claim(manifest: Manifest, records: readonly CheckpointRecord[]): ClaimedRun {
  return { manifest, job: jobRoot(manifest), records, proofRoot: proofRoot(records) };
}

/** Replays from stored checkpoints, which it trusts as little as the runtime does. */
export function countingReplayer(
  manifest: Manifest,
  stored: ReadonlyMap<number, State>,
): Replayer & { readonly replayed: [number, number][] } {
  const replayed: [number, number][] = [];
  return {
    device: 'definitions',
    replayed,
    initialRoot: () => Promise.resolve(rootsOf(initialState(manifest)).root),
    async replay(from, to, progress) {
      let state = from.step === 0 ? initialState(manifest) : stored.get(from.step);
      if (!state) throw new GensynError('R0201', `there is no checkpoint of step ${from.step}`);
      if (rootsOf(state).root !== from.stateRoot)
        throw new GensynError('R0202', `the checkpoint of step ${from.step} has been changed`);
      const began = performance.now();
      let loss = NaN;
      for (let step = from.step; step < to; step++) {
        ({ state, loss } = advance(manifest, state, step));
        progress?.(step + 1);
      }
      replayed.push([from.step, to]);
      return { stateRoot: rootsOf(state).root, loss, milliseconds: performance.now() - began };
    },
    close: () => Promise.resolve(),
  };
}
