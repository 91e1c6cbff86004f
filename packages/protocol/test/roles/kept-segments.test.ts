/** What a player has replayed for a game it does not replay again after it was killed. */
import { expect } from 'chai';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptSegments } from '../../src/roles/kept-segments.js';
import type { JobWitness } from '../../src/witness/index.js';
import { compiledJob, type CompiledJob } from '../witness/compiled-job.js';
import { writeSmallJob } from '../witness/small-jobs.js';

describe('segments of a run', function () {
  this.timeout(30_000);
  let compiled: CompiledJob;
  let remove: () => void;
  let folder: string;
  let computed = 0;
  before(async () => {
    const small = writeSmallJob('plain');
    ({ remove } = small);
    compiled = await compiledJob(small.source);
    folder = mkdtempSync(join(tmpdir(), 'gensyn-segments-'));
  });
  after(async () => {
    await compiled.close();
    remove();
    rmSync(folder, { recursive: true });
  });

  const process = (): JobWitness =>
    keptSegments(
      {
        ...compiled.honest,
        segment: (...all) => {
          computed++;
          return compiled.honest.segment(...all);
        },
      },
      folder,
    );

  it('are computed once, for this process and the next', async () => {
    const right = await compiled.honest.segment(2, 2);
    for (const player of [process(), process()]) {
      for (const found of [await player.segment(2, 2), await player.segment(2, 2)])
        expect([found.tree.root, found.states, found.traces]).to.deep.equal([
          right.tree.root,
          right.states,
          right.traces,
        ]);
    }
    expect(computed).to.equal(1);
    expect(readdirSync(folder)).to.deep.equal(['segment-2-2.json']);
  });

  it('are computed again where the file is damaged', async () => {
    const right = await compiled.honest.segment(2, 2);
    for (const text of ['', '{"states":[', '{"states":["00"],"traces":["00"]}', '[]']) {
      writeFileSync(join(folder, 'segment-2-2.json'), text);
      computed = 0;
      expect((await process().segment(2, 2)).tree.root).to.deep.equal(right.tree.root);
      expect(computed).to.equal(1);
    }
  });
});
