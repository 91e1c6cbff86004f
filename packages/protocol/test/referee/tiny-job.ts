/** A job small enough that every element of a step can be asked for: three kinds of flowers, a hidden layer with dropout, momentum. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileJob } from '@gensyn/dsl';
import { initialState, type State } from '@gensyn/ir';
import { inspectStep, loadJob } from '@gensyn/runtime';
import { jobStep } from '../../src/referee/job-step.js';
import { stateAfter, type CommittedStep } from '../../src/referee/step.js';

const JOB = `data flowers from "flowers.csv" {
  size: f32[4] = columns "a", "b", "c", "d" - 3.5 / 2
  kind: class[3] = column "kind"
}

model flower(x: f32[n, 4]) -> f32[n, 3] {
  let h = dropout(tanh(linear(x, 3)), 0.5)
  linear(h, 3)
}

train {
  model = flower(flowers.size)
  loss = cross_entropy(model, flowers.kind)
  metrics = accuracy(model, flowers.kind)
  optimizer = sgd(lr = 0.05, momentum = 0.9)
  batch = 3
  steps = 40
  seed = 1
  holdout = 20%
}

verify {
  checkpoint every 10 steps
  sample 25%
}
`;

const ROWS = 20;
const row = (i: number): string =>
  [((i * 37) % 41) / 10 + 0.3, ((i * 11) % 23) / 10, ((i * 5) % 17) / 5, ((i * 3) % 7) / 4, i % 3]
    .map((x) => Number(x.toFixed(2)))
    .join(',');

export interface TinyJob {
  /** Steps 0 to `last`, by the definitions. */
  readonly steps: readonly CommittedStep[];
  remove(): void;
}

export async function tinyJob(last: number): Promise<TinyJob> {
  const base = mkdtempSync(join(tmpdir(), 'gensyn-referee-'));
  const folder = join(base, 'build');
  mkdirSync(folder);
  writeFileSync(join(base, 'job.gml'), JOB);
  writeFileSync(
    join(base, 'flowers.csv'),
    ['a,b,c,d,kind', ...Array.from({ length: ROWS }, (_, i) => row(i)), ''].join('\n'),
  );
  await compileJob({ job: join(base, 'job.gml'), out: folder });
  const job = await loadJob(folder);
  const steps: CommittedStep[] = [];
  let state: State = initialState(job.manifest);
  for (let n = 0; n <= last; n++) {
    const values = inspectStep(job, state, n);
    steps.push(jobStep(folder, job.manifest, job.step, n, values));
    state = stateAfter(job.step, values);
  }
  return { steps, remove: () => rmSync(base, { recursive: true }) };
}
