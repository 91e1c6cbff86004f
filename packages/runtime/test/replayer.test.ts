/** Replaying segments of a run from its checkpoints, and looking into a single step. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { GensynError, initialState, rootsOf, type CheckpointRecord } from '@gensyn/ir';
import {
  checkpointFile,
  inspectStep,
  inspectStepOn,
  makeReplayer,
  openCpu,
  readCheckpoint,
  readProof,
  train,
  writeCheckpoint,
} from '@gensyn/runtime';
import { tinyJob } from './tiny-job.js';

describe('replay', () => {
  let folder: string;
  let records: CheckpointRecord[];
  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-replay-'));
    for await (const event of train(tinyJob(folder), {
      folder: path.join(folder, 'run'),
      device: await openCpu({ threads: 1 }),
    }))
      void event;
    ({ records } = readProof(path.join(folder, 'run')));
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  for (const products of ['integer', 'float'] as const) {
    for (const threads of [1, 2]) {
      it(`reaches every recorded root with ${threads} threads and ${products} products`, async () => {
        const replayer = makeReplayer(
          tinyJob(folder),
          path.join(folder, 'run'),
          await openCpu({ threads, products }),
        );
        expect(await replayer.initialRoot()).to.equal(records[0]!.stateRoot);
        for (let i = 1; i < records.length; i++) {
          const { stateRoot, loss } = await replayer.replay(records[i - 1]!, records[i]!.step);
          expect([stateRoot, loss]).to.deep.equal([records[i]!.stateRoot, records[i]!.loss]);
        }
      });
    }
  }

  it('refuses a checkpoint that is not the recorded one', async () => {
    const replayer = makeReplayer(tinyJob(folder), path.join(folder, 'run'), await openCpu({ threads: 1 }));
    const error = await replayer.replay({ ...records[2]!, stateRoot: records[1]!.stateRoot }, 30).then(
      () => undefined,
      (e: unknown) => e,
    );
    expect((error as GensynError).code).to.equal('R0202');
  });

  it('refuses a checkpoint that no run of the job can reach, whatever its root', async () => {
    const job = tinyJob(folder);
    const home = path.join(folder, 'forged');
    const state = new Map(readCheckpoint(path.join(folder, 'run'), job.manifest, records[2]!));
    const w = state.get('w')!;
    state.set('w', { ...w, data: Float32Array.from(w.data as Float32Array, () => 2 ** -60) });
    const roots = rootsOf(state);
    writeCheckpoint(home, job.manifest, state, 20, roots);
    const replayer = makeReplayer(job, home, await openCpu({ threads: 1 }));
    const error = await replayer.replay({ ...records[2]!, stateRoot: roots.root }, 30).then(
      () => undefined,
      (e: unknown) => e,
    );
    expect((error as GensynError).code).to.equal('R0403');
  });

  it('shows every value of a step, which are those of the run', () => {
    const job = tinyJob(folder);
    const state = readCheckpoint(path.join(folder, 'run'), job.manifest, records.at(-2)!);
    const last = job.manifest.steps - 1;
    // The last segment has ten steps: carry the state through nine of them by the definitions.
    let values = inspectStep(job, state, last - 9);
    for (let step = last - 8; step <= last; step++) {
      const next = new Map(
        [...state.keys()].map((name) => [
          name,
          values[job.step.outputs.find((o) => o.name === name && o.role === 'state')!.node]!,
        ]),
      );
      values = inspectStep(job, next, step);
    }
    expect(values.length).to.equal(job.step.nodes.length);
    expect(values[job.step.outputs.find((o) => o.role === 'loss')!.node]!.data[0]).to.equal(
      records.at(-1)!.loss,
    );
    expect(() => inspectStep(job, initialState(job.manifest), 60))
      .to.throw(GensynError)
      .with.property('code', 'R0601');
  });

  it('shows the same values when a device computes them', async () => {
    const job = tinyJob(folder);
    const state = readCheckpoint(path.join(folder, 'run'), job.manifest, records[1]!);
    const [expected, found] = [
      inspectStep(job, state, 10),
      await inspectStepOn(await openCpu({ threads: 1 }), job, state, 10),
    ];
    expected.forEach(({ dtype, shape, data }, id) => {
      expect(found[id]).to.deep.include({ dtype, shape });
      expect(
        [...found[id]!.data].every((x, i) => Object.is(x, data[i])),
        `node ${id}`,
      ).to.equal(true);
    });
  });

  it('keeps as many checkpoints as it is told', async () => {
    const run = path.join(folder, 'short');
    for await (const event of train(tinyJob(folder), {
      folder: run,
      device: await openCpu({ threads: 1 }),
      keep: 2,
      holdoutEvery: 0,
    }))
      void event;
    expect(fs.readdirSync(path.dirname(checkpointFile(run, 0))).sort()).to.deep.equal(
      [50, 60].map((step) => path.basename(checkpointFile(run, step))),
    );
    expect(readProof(run).records.map(({ stateRoot }) => stateRoot)).to.deep.equal(
      records.map(({ stateRoot }) => stateRoot),
    );
  });
});
