/** Random jobs over the digits: each compiles, and gives the same bits with and without integer kernels. RANDOM_JOBS=500 for more of them. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { compileJob } from '@gensyn/dsl';
import { uniformBits } from '@gensyn/ir';
import { loadJob, openCpu } from '@gensyn/runtime';
import { expect } from 'chai';
import { EXAMPLES, trainExample } from './example.js';

const COUNT = Number(process.env['RANDOM_JOBS'] ?? 8);

const ACTIVATIONS = ['relu', 'tanh', 'sigmoid', 'gelu', 'silu', 'leaky_relu', 'softmax', 'softplus'];
const OPTIMIZERS = [
  'sgd(lr = 0.1)',
  'sgd(lr = cosine(0.1, warmup = 3), momentum = 0.9, nesterov = true, weight_decay = 0.01)',
  'adam(lr = 1e-3)',
  'adamw(lr = linear(1e-3, warmup = 2), weight_decay = 0.1)',
  'lion(lr = 1e-4, weight_decay = 0.1)',
];
const LOSSES = [
  'cross_entropy(model, digits.label)',
  'mse(model, one_hot(digits.label, 10))',
  'bce(model, one_hot(digits.label, 10))',
];

/** The same job for the same number, everywhere. */
function randomJob(number: number): string {
  let drawn = 0;
  const below = (n: number): number => uniformBits(number, 0, 0, drawn++) % n;
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const layer = (): string => {
    let h = `${pick(ACTIVATIONS)}(linear(h, ${pick([8, 16, 33])}))`;
    if (below(3) === 0) h = `layer_norm(${h})`;
    if (below(3) === 0) h = `dropout(${h}, ${pick([0.1, 0.3, 0.5])})`;
    if (below(5) === 0) h = `${h} * 2 - 0.5`;
    return `  let h = ${h}\n`;
  };
  const body = Array.from({ length: 1 + below(4) }, layer).join('');
  return `data digits from "digits.csv.gz" {
  pixels: f32[64] = columns 0..63 / 16
  label: class[10] = column 64
}
model net(x: f32[n, 64]) -> f32[n, 10] {
  let h = x
${body}  linear(h, 10)
}
train {
  model = net(digits.pixels)
  loss = ${pick(LOSSES)}
  optimizer = ${pick(OPTIMIZERS)}
${below(2) === 0 ? '  clip = 1\n' : ''}  precision = ${pick([1, 2, 2, 3])}
  batch = ${pick([8, 10, 32])}
  steps = 12
}
verify { checkpoint every 6 steps }
`;
}

describe('random jobs', function () {
  this.timeout(120_000 + COUNT * 5_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-random-'));
  before(() =>
    fs.copyFileSync(path.join(EXAMPLES, 'digits/digits.csv.gz'), path.join(folder, 'digits.csv.gz')),
  );
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  for (let number = 0; number < COUNT; number++) {
    it(`number ${number}`, async () => {
      const text = randomJob(number);
      const at = path.join(folder, String(number));
      const file = `${at}.gml`;
      fs.writeFileSync(file, text);
      try {
        await compileJob({ job: file, out: at });
        const job = await loadJob(at);
        const plain = await trainExample(
          job,
          `${at}-float`,
          await openCpu({ threads: 1, products: 'float' }),
        );
        const bytes = await trainExample(
          job,
          `${at}-integer`,
          await openCpu({ threads: 2, products: 'integer' }),
        );
        expect(bytes.states).to.deep.equal(plain.states);
        expect(Object.keys(plain.states)).to.deep.equal(['0', '6', '12']);
        expect(plain.states['12']).to.not.equal(plain.states['6']);
      } catch (error) {
        console.log(text);
        throw error;
      }
    });
  }
});
