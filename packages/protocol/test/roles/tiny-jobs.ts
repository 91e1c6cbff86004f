/** Jobs that take a moment: three kinds of flowers, one hidden layer; each seed is a job of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileJob } from '@gensyn/dsl';

export interface JobOptions {
  readonly seed: number;
  readonly steps?: number;
  readonly every?: number;
  /** A hidden layer this wide has reductions that are judged term by term. */
  readonly width?: number;
}

const ROWS = 60;

export const jobText = ({ seed, steps = 40, every = 10, width = 4 }: JobOptions): string => `
data flowers from "flowers.csv" {
  size: f32[4] = columns "a", "b", "c", "d" - 3.5 / 2
  kind: class[3] = column "kind"
}

model flower(x: f32[n, 4]) -> f32[n, 3] {
  let h = tanh(linear(x, ${width}))
  linear(h, 3)
}

train {
  model = flower(flowers.size)
  loss = cross_entropy(model, flowers.kind)
  optimizer = sgd(lr = 0.05, momentum = 0.9)
  batch = 4
  steps = ${steps}
  seed = ${seed}
  holdout = 20%
}

verify {
  checkpoint every ${every} steps
  sample 25%
}
`;

export const flowers = (): string =>
  [
    'a,b,c,d,kind',
    ...Array.from({ length: ROWS }, (_, i) =>
      [((i * 37) % 41) / 10 + 0.3, ((i * 11) % 23) / 10, ((i * 5) % 17) / 5, ((i * 3) % 7) / 4, i % 3]
        .map((x) => Number(x.toFixed(2)))
        .join(','),
    ),
    '',
  ].join('\n');

export interface Jobs {
  /** Folder of the compiled job. */
  compiled(options: JobOptions): Promise<string>;
  remove(): void;
}

export function tinyJobs(): Jobs {
  const base = mkdtempSync(join(tmpdir(), 'gensyn-roles-jobs-'));
  writeFileSync(join(base, 'flowers.csv'), flowers());
  return {
    async compiled(options) {
      const name = Object.values(options).join('-');
      const source = join(base, `job-${name}.gml`);
      const out = join(base, `build-${name}`);
      writeFileSync(source, jobText(options));
      mkdirSync(out, { recursive: true });
      await compileJob({ job: source, out });
      return out;
    },
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}
