/** Steps one by one, for large states: the bits of the loop, with next values written over the present ones where that is safe. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { GraphBuilder, initialState, range, rootsOf, toOnnx, type State, type Value } from '@gensyn/ir';
import { expect } from 'chai';
import { createExecutor, openCpu, type Executor, type Job } from '../src/index.js';
import { overwritable } from '../src/executor/overwrite.js';
import { tinyJob } from './tiny-job.js';

/** A graph of two states: `a` counts on, and `b` sums what `read` makes of `a`. */
function nextOfBoth(read: 'present' | 'view' | 'next'): Set<string> {
  const builder = new GraphBuilder();
  const free = range({ lo: -64, hi: 64, quantum: 1 });
  const init = { kind: 'constant', value: 0 } as const;
  const state = (name: string): Value =>
    builder.input(name, { dtype: 'f32', shape: [4] }, free, { kind: 'state', init });
  const [a, b] = [state('a'), state('b')];
  const more = builder.add('Add', [a, builder.scalar(1)]);
  const next = builder.add('Min', [more, builder.scalar(9)]);
  const view = builder.add('Reshape', [builder.add('Reshape', [a], { shape: [2, 2] })], { shape: [4] });
  const taken = { present: a, view, next }[read];
  builder.output('a', next, 'state');
  builder.output('b', builder.add('Abs', [builder.add('Add', [taken, b])]), 'state');
  return overwritable(toOnnx(builder.build(), { name: 'both' }), ['a', 'b']);
}

describe('steps one by one', () => {
  let folder: string;
  before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-steps-'))));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('overwrite a state only where all that reads it comes before', () => {
    expect([...nextOfBoth('next')]).to.deep.equal(['a', 'b']);
    // What `b` reads could be gone.
    expect([...nextOfBoth('present')]).to.deep.equal(['b']);
    expect([...nextOfBoth('view')]).to.deep.equal(['b']);
  });

  it('never where a step hands a state on under another name, or as it is', () => {
    const builder = new GraphBuilder();
    const init = { kind: 'constant', value: 0 } as const;
    const inputs = ['a', 'b', 'c'].map((name) =>
      builder.input(name, { dtype: 'f32', shape: [4] }, range({ lo: 0, hi: 1, quantum: 1 }), {
        kind: 'state',
        init,
      }),
    );
    builder.output('a', inputs[1]!, 'state');
    builder.output('b', inputs[0]!, 'state');
    builder.output('c', inputs[2]!, 'state');
    const model = toOnnx(builder.build(), { name: 'swap' });
    expect([...overwritable(model, ['a', 'b', 'c'])]).to.deep.equal([]);
  });

  describe('reach the states of the loop', () => {
    /** What the manifest says of its size decides. */
    const opened = async (job: Job, bytes: number, threads: number, from: State): Promise<Executor> => {
      const manifest = { ...job.manifest, size: { ...job.manifest.size, stateBytes: bytes } };
      return createExecutor(job.step, manifest, job.columns, await openCpu({ threads }), from, 0);
    };

    it('also from another start', async () => {
      const job = tinyJob(path.join(folder, 'job'));
      const start = (): State => initialState(job.manifest, job.given);
      const loop = await opened(job, 1, 1, start());
      const single = await opened(job, 2 ** 28, 2, start());
      try {
        for (const count of [1, 4, 7]) {
          await loop.run(count);
          await single.run(count);
          expect(rootsOf(await single.state()).root).to.equal(rootsOf(await loop.state()).root);
        }
        const before = await single.state();
        const root = rootsOf(before).root;
        for (const executor of [loop, single]) {
          executor.restart(start(), 0);
          await executor.run(3);
        }
        expect(rootsOf(await single.state()).root).to.equal(rootsOf(await loop.state()).root);
        // What was given out before is not written over from another start.
        expect(rootsOf(before).root).to.equal(root);
      } finally {
        await loop.close();
        await single.close();
      }
    });
  });
});
