/** Jobs of a few numbers that together use every operator: networks over made-up flowers. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** More than the terms of one check. */
const WIDTH = 50;
const ROWS = 12;

const train = (more: string, steps = 5, every = 2): string => `
train {
  loss = cross_entropy(model, flowers.kind)
  metrics = accuracy(model, flowers.kind)
  batch = 2
  steps = ${steps}
  seed = 3
  holdout = 20%
  ${more}
}

verify { checkpoint every ${every} steps; sample 50% }
`;

const DATA = `data flowers from "flowers.csv" {
  size: f32[${WIDTH}] = columns 0..${WIDTH - 1} / 4
  color: class[4] = column ${WIDTH}
  kind: class[3] = column ${WIDTH + 1}
}
`;

const JOBS = {
  normal: `${DATA}
model flower(x: f32[n, ${WIDTH}], c: i32[n]) -> f32[n, 3] {
  let h = concat(linear(x, 3), embedding(c, 4, 2))
  linear(dropout(gelu(layer_norm(h)), 0.5), 3)
}
${train('model = flower(flowers.size, flowers.color)\n  optimizer = adamw(lr = 0.01, weight_decay = 0.01)\n  clip = 1')}`,
  plain: `${DATA}
model flower(x: f32[n, ${WIDTH}]) -> f32[n, 3] {
  linear(relu(linear(x, 3)), 3)
}
${train('model = flower(flowers.size)\n  optimizer = lion(lr = cosine(0.01, warmup = 2))')}`,
} as const;

export type SmallJob = keyof typeof JOBS;
export const SMALL_JOBS = Object.keys(JOBS) as SmallJob[];

/** Writes the job and its data; the path of the job.gml. */
export function writeSmallJob(name: SmallJob): { readonly source: string; remove(): void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `gensyn-${name}-`));
  const row = (i: number): string => {
    const sizes = Array.from({ length: WIDTH }, (_, k) => ((i * 37 + k * 11) % 23) - 7);
    return [...sizes, (i * 5) % 4, i % 3].join(',');
  };
  fs.writeFileSync(
    path.join(folder, 'flowers.csv'),
    [...Array.from({ length: ROWS }, (_, i) => row(i)), ''].join('\n'),
  );
  const source = path.join(folder, 'job.gml');
  fs.writeFileSync(source, JOBS[name]);
  return { source, remove: () => fs.rmSync(folder, { recursive: true }) };
}
