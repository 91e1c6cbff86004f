/** A run on the processor: the same bits as the normative evaluation, in any chunking, from any checkpoint. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import {
  batchOrder,
  evaluate,
  fillDropout,
  initialState,
  inputsOf,
  rootsOf,
  type State,
  type TensorValue,
} from '@gensyn/ir';
import {
  checkpointFile,
  openCpu,
  readCheckpoint,
  readLosses,
  readProof,
  train,
  type Job,
  type TrainEvent,
  type TrainOptions,
} from '@gensyn/runtime';
import { BATCH, ROWS, tinyJob } from './tiny-job.js';

async function run(job: Job, options: TrainOptions): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of train(job, options)) events.push(event);
  return events;
}

function endOf(events: readonly TrainEvent[]): Extract<TrainEvent, { kind: 'end' }> {
  const last = events.at(-1)!;
  if (last.kind !== 'end') throw new Error('the run did not end');
  return last;
}

/** One step by the operators' definitions, with inputs made here from the data alone. */
function normativeStep(job: Job, state: State, step: number): { state: State; loss: number } {
  const rows = batchOrder(job.manifest.seed, BATCH, ROWS, job.manifest.holdoutRows).training(step);
  const inputs: Record<string, TensorValue> = Object.fromEntries(state);
  for (const { node } of inputsOf(job.step)) {
    const source = node.source!;
    if (source.kind === 'state') continue;
    const data = new Float32Array(node.type.shape.reduce((a, b) => a * b, 1));
    if (source.kind === 'dropout') fillDropout(data, job.manifest.seed, source.stream, step, source.keep);
    else if (source.kind === 'batch') job.columns.get(`points\n${source.column}`)!.gather(rows, data, 0);
    inputs[node.name!] = { ...node.type, data };
  }
  const values = evaluate(job.step, inputs);
  const output = (name: string, role: string): TensorValue =>
    values[job.step.outputs.find((o) => o.name === name && o.role === role)!.node]!;
  return {
    state: new Map([...state.keys()].map((name) => [name, output(name, 'state')])),
    loss: output('loss', 'loss').data[0]!,
  };
}

describe('train on cpu', () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-train-'))));
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('gives the bits of the normative evaluation at every checkpoint', async () => {
    const job = tinyJob(folder);
    const events = await run(job, {
      folder: path.join(folder, 'run'),
      device: await openCpu({ threads: 1 }),
    });
    const { records } = endOf(events);
    let state: State = initialState(job.manifest);
    const losses: number[] = [];
    const roots = [rootsOf(state).root];
    for (let step = 0; step < job.manifest.steps; step++) {
      const next = normativeStep(job, state, step);
      state = next.state;
      losses.push(next.loss);
      if ((step + 1) % job.manifest.checkpointEvery === 0) roots.push(rootsOf(state).root);
    }
    expect(records.map((record) => record.stateRoot)).to.deep.equal(roots);
    expect([...readLosses(path.join(folder, 'run/losses.bin'), job.manifest.metrics).loss]).to.deep.equal(
      losses,
    );
    expect(losses.at(-1)).to.be.lessThan(losses[0]! / 2);
    expect(readProof(path.join(folder, 'run')).root).to.equal(endOf(events).proofRoot);
  });

  it('reports holdout metrics without changing the run', async () => {
    const job = tinyJob(folder, { steps: 300, checkpointEvery: 50 });
    const device = await openCpu({ threads: 2 });
    const watched = await run(job, { folder: path.join(folder, 'a'), device, holdoutEvery: 1 });
    const blind = await run(job, { folder: path.join(folder, 'b'), device, holdoutEvery: 0 });
    expect(endOf(watched).stateRoot).to.equal(endOf(blind).stateRoot);
    const holdouts = watched.flatMap((event) =>
      event.kind === 'checkpoint' && event.holdout ? [event.holdout] : [],
    );
    expect(holdouts.length).to.equal(6);
    const state = readCheckpoint(path.join(folder, 'a'), job.manifest, endOf(watched).records.at(-1)!);
    const order = batchOrder(job.manifest.seed, BATCH, ROWS, job.manifest.holdoutRows);
    let sum = 0;
    for (let k = 0; k < order.holdoutBatches; k++) {
      const inputs: Record<string, TensorValue> = Object.fromEntries(state);
      for (const [name, width] of [
        ['x', 4],
        ['y', 1],
      ] as const) {
        const data = new Float32Array(BATCH * width);
        job.columns.get(`points\n${name}`)!.gather(order.holdout(k), data, 0);
        inputs[name] = { dtype: 'f32', shape: [BATCH, width], data };
      }
      sum += evaluate(job.evaluation, inputs)[job.evaluation.outputs[0]!.node]!.data[0]!;
    }
    expect(order.holdoutBatches).to.equal(2);
    expect(holdouts.at(-1)!['loss']).to.equal(sum / 2);
    expect(Object.keys(holdouts[0]!)).to.deep.equal(['loss', 'worst']);
  });

  it('goes on from the newest checkpoint that is whole', async () => {
    const job = tinyJob(folder, { steps: 60 });
    const device = await openCpu({ threads: 1 });
    const whole = endOf(await run(job, { folder: path.join(folder, 'whole'), device }));
    const home = path.join(folder, 'cut');
    for await (const event of train(job, { folder: home, device }))
      if (event.kind === 'checkpoint' && event.record.step === 40) break;
    // One byte of the newest checkpoint changes; the moved folder still resumes, from the one before.
    const file = checkpointFile(home, 40);
    const bytes = fs.readFileSync(file);
    bytes[bytes.length - 3]! ^= 1;
    fs.writeFileSync(file, bytes);
    fs.renameSync(home, path.join(folder, 'moved'));
    const events = await run(job, { folder: path.join(folder, 'moved'), device, resume: true });
    const start = events[0]!;
    if (start.kind !== 'start') throw new Error('no start');
    expect(start.step).to.equal(30);
    expect(start.skipped.map(({ step, reason }) => [step, reason.code])).to.deep.equal([[40, 'R0202']]);
    expect(endOf(events).stateRoot).to.equal(whole.stateRoot);
    expect(endOf(events).records.map((r) => r.stateRoot)).to.deep.equal(
      whole.records.map((r) => r.stateRoot),
    );
  });
});
