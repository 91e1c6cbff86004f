/** A job of forty steps, compiled and trained. */
import fs from 'node:fs';
import path from 'node:path';
import { compileJob } from '@gensyn/dsl';
import type { CheckpointRecord } from '@gensyn/ir';
import { checkpointFile, loadJob, openCpu, train, type Job } from '@gensyn/runtime';

const JOB = `data points from "points.csv" {
  x: f32[2] = columns "a", "b"
  y: f32[1] = column "c"
}

model line(x: f32[n, 2]) -> f32[n, 1] {
  linear(x, 1)
}

train {
  model = line(points.x)
  loss = mse(model, points.y)
  optimizer = sgd(lr = 0.01)
  batch = 4
  steps = 40
  seed = 3
}

verify {
  checkpoint every 15 steps
  sample 50%
}
`;

export interface TrainedJob {
  readonly folder: string;
  readonly job: Job;
  /** After 15, 30 and 40 steps. */
  readonly records: readonly CheckpointRecord[];
  checkpoint(step: number): string;
}

/** In `base`, which has to be there. */
export async function trainedJob(base: string): Promise<TrainedJob> {
  const rows = Array.from({ length: 16 }, (_, i) => [i % 5, i % 3, (i % 5) - (i % 3)].join(','));
  fs.writeFileSync(path.join(base, 'job.gml'), JOB);
  fs.writeFileSync(path.join(base, 'points.csv'), ['a,b,c', ...rows, ''].join('\n'));
  const [folder, run] = [path.join(base, 'build'), path.join(base, 'run')];
  fs.mkdirSync(folder);
  fs.mkdirSync(run);
  await compileJob({ job: path.join(base, 'job.gml'), out: folder });
  const job = await loadJob(folder);
  const device = await openCpu({ threads: 1 });
  let records: readonly CheckpointRecord[] = [];
  for await (const event of train(job, { folder: run, device, keep: 'all' }))
    if (event.kind === 'end') records = event.records.slice(1);
  return { folder, job, records, checkpoint: (step) => checkpointFile(run, step) };
}
