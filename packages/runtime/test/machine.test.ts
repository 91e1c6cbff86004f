/** Stretches of a job: the same bits as the whole run, from any state to any end. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { GensynError, evaluate, initialState, rootsOf, bytesOf, type State } from '@gensyn/ir';
import {
  makeMachine,
  openCpu,
  readCheckpoint,
  readRecords,
  RUN_FILES,
  stepInputs,
  train,
  type Job,
  type Machine,
  type TrainEvent,
  type TrainOptions,
} from '@gensyn/runtime';
import { tinyJob } from './tiny-job.js';

async function run(job: Job, options: TrainOptions, most = Infinity): Promise<TrainEvent | undefined> {
  let last: TrainEvent | undefined;
  let checkpoints = 0;
  for await (const event of train(job, { holdoutEvery: 0, ...options })) {
    last = event;
    if (event.kind === 'checkpoint' && ++checkpoints >= most) break;
  }
  return last;
}

async function codeOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return 'none';
  } catch (error) {
    if (error instanceof GensynError) return error.code;
    throw error;
  }
}

describe('stretches of a job', () => {
  let folder: string;
  let job: Job;
  let machine: Machine;
  let device: TrainOptions['device'];
  /** State roots by step, of one run of the whole. */
  let roots: Map<number, string>;
  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-machine-'));
    job = tinyJob(path.join(folder, 'job'));
    device = await openCpu({ threads: 1 });
    machine = makeMachine(job, device);
    const whole = path.join(folder, 'whole');
    await run(job, { folder: whole, device });
    roots = new Map(
      readRecords(path.join(whole, RUN_FILES.records)).map(({ step, stateRoot }) => [step, stateRoot]),
    );
  });
  after(async () => {
    await machine.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const at = async (step: number): Promise<State> => machine.advance(initialState(job.manifest), 0, step);

  it('advances like a run, and leaves the state that it starts from alone', async () => {
    const start = initialState(job.manifest);
    const before = rootsOf(start).root;
    const middle = await machine.advance(start, 0, 30);
    expect(rootsOf(start).root).to.equal(before);
    expect(rootsOf(middle).root).to.equal(roots.get(30));
    const steps: number[] = [];
    const end = await machine.advance(middle, 30, 60, (step) => steps.push(step));
    expect(rootsOf(middle).root).to.equal(roots.get(30));
    expect(rootsOf(end).root).to.equal(roots.get(60));
    expect(steps.at(-1)).to.equal(60);
  });

  it('runs several stretches at once and one after the other, also once it was closed', async () => {
    const own = makeMachine(job, device);
    const start = initialState(job.manifest);
    for (let round = 0; round < 2; round++) {
      const ends = [30, 60, 10];
      const states = await Promise.all(ends.map((end) => own.advance(start, 0, end)));
      expect(states.map((state) => rootsOf(state).root)).to.deep.equal(ends.map((end) => roots.get(end)));
      // What was given out stays as it is when the session goes on from elsewhere.
      await own.advance(states[2]!, 10, 20);
      expect(rootsOf(states[2]!).root).to.equal(roots.get(10));
      await own.close();
    }
  });

  it('gives every value of a step, as the definitions do', async () => {
    for (const step of [0, 17]) {
      const state = await at(step);
      const values = await machine.values(state, step);
      const expected = evaluate(job.step, stepInputs(job, state, step));
      expected.forEach(({ data }, id) => {
        expect(bytesOf(values[id]!.data)).to.deep.equal(bytesOf(data));
      });
    }
  });

  it('trains from a state in the middle to a checkpoint', async () => {
    const home = path.join(folder, 'part');
    const start = { step: 20, state: await at(20) };
    const end = await run(job, { folder: home, device, start, until: 50 });
    expect(end).to.include({ kind: 'end', finished: true, step: 50, stateRoot: roots.get(50) });
    const records = readRecords(path.join(home, RUN_FILES.records));
    expect(records.map(({ step }) => step)).to.deep.equal([20, 30, 40, 50]);
    for (const record of records) {
      expect(record.stateRoot).to.equal(roots.get(record.step));
      expect(rootsOf(readCheckpoint(home, job.manifest, record)).root).to.equal(record.stateRoot);
    }
  });

  it('goes on where a stretch was left', async () => {
    const home = path.join(folder, 'left');
    const start = async () => ({ step: 20, state: await at(20) });
    await run(job, { folder: home, device, start: await start(), until: 50 }, 1);
    // As a kill leaves it that comes before the first checkpoint.
    const fresh = path.join(folder, 'fresh');
    fs.cpSync(home, fresh, { recursive: true });
    const file = path.join(fresh, RUN_FILES.records);
    fs.writeFileSync(file, `${fs.readFileSync(file, 'utf8').split('\n')[0]}\n`);
    for (const each of [home, fresh]) {
      const end = await run(job, { folder: each, device, resume: true, until: 50 });
      expect(end).to.include({ kind: 'end', finished: true, step: 50, stateRoot: roots.get(50) });
    }
    const on = await run(job, { folder: home, device, resume: true, start: await start() });
    expect(on).to.include({ finished: true, step: 60, stateRoot: roots.get(60) });
  });

  it('refuses beginnings and ends that there are not', async () => {
    const home = (name: string): TrainOptions => ({ folder: path.join(folder, name), device });
    const start = { step: 20, state: await at(20) };
    expect(await codeOf(run(job, { ...home('a'), until: 25 }))).to.equal('R0208');
    expect(await codeOf(run(job, { ...home('b'), until: 70 }))).to.equal('R0208');
    expect(await codeOf(run(job, { ...home('c'), start, until: 10 }))).to.equal('R0208');
    expect(await codeOf(run(job, { ...home('d'), start: { ...start, step: 61 } }))).to.equal('R0208');
    expect(await codeOf(run(job, { ...home('e'), start: { step: 0, state: start.state } }))).to.equal(
      'R0106',
    );
    const other = { ...home('part'), resume: true, start: { step: 20, state: await at(30) } };
    expect(await codeOf(run(job, other))).to.equal('R0208');
    expect(await codeOf(machine.values(start.state, 60))).to.equal('R0601');
  });
});
