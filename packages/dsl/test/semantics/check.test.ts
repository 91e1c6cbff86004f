/** What a checked job means: values, shapes, weights, data, defaults; and the limits that need large texts. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DiagnosticsError } from '../../src/diagnostics/diagnostics-error.js';
import { check, checkOrThrow } from '../../src/semantics/check.js';
import type { Program } from '../../src/semantics/program.js';
import type { Tensor } from '../../src/tensor/tensor.js';

const folder = fileURLToPath(new URL('../../../test/snapshots/jobs', import.meta.url));
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

function job(name: string, set: Record<string, string> = {}): Program {
  return checkOrThrow({ path: name, text: read(name) }, read, { set });
}

/** A whole job around the body of a model on x: f32[8, 4]. */
function around(body: string, before = ''): string {
  return `${before}
data d from "d.csv" {
  x: f32[4] = columns 0..3
  y: f32[2] = columns 4..5
}
model m(x: f32[n, 4]) -> f32[n, 2] {
${body}
}
train {
  model = m(d.x)
  loss = mse(model, d.y)
  optimizer = sgd(0.1)
  batch = 8
  steps = 10
}`;
}

const run = (text: string, files: Record<string, string> = {}) =>
  check({ path: 'job.gml', text }, (path) => files[path]);
const codes = (text: string, files: Record<string, string> = {}) =>
  run(text, files).diagnostics.map((each) => each.code);
const program = (text: string): Program => {
  const { program: made, diagnostics } = run(text);
  expect(diagnostics).to.deep.equal([]);
  return made!;
};
const names = (weights: readonly Tensor[]) =>
  weights.map((each) => `${String(each.attributes['name'])}[${each.shape.join()}]`);

describe('check', () => {
  it('reads the digits job', () => {
    const digits = job('digits.gml');
    expect(digits.batch).to.equal(64);
    expect(digits.holdout).to.equal(0.2);
    expect(digits.output.shape).to.deep.equal([64, 10]);
    expect(digits.loss.shape).to.deep.equal([]);
    expect(digits.metrics.map((each) => each.name)).to.deep.equal(['loss', 'accuracy']);
    expect(digits.market).to.deep.equal({ rewardMin: 10, rewardMax: 40, deadlineSeconds: 7200 });
    expect(
      digits.datasets[0]!.columns.map(({ divisor, offset, source }) => ({ divisor, offset, source })),
    ).to.deep.equal([
      { divisor: 16, offset: 0, source: { kind: 'columns', first: 0, last: 63 } },
      { divisor: 1, offset: 0, source: { kind: 'columns', first: 64, last: 64 } },
    ]);
    expect(names(digits.weights)).to.deep.equal([
      'classifier.linear1.weight[64,128]',
      'classifier.linear1.bias[128]',
      'classifier.linear2.weight[128,128]',
      'classifier.linear2.bias[128]',
      'classifier.linear3.weight[128,10]',
      'classifier.linear3.bias[10]',
    ]);
  });

  it('lists every default that it takes', () => {
    const defaults = Object.fromEntries(job('names.gml').defaults.map((each) => [each.name, each.value]));
    expect(defaults).to.include({
      'train.seed': '0',
      'train.holdout': '0%',
      'train.precision': '2',
      'train.clip': 'none',
      'verify.checkpoint': 'every 100 steps',
      'verify.sample': '10%',
      'adam.beta1': '0.9',
      'names.alphabet': 'the characters of the file',
      market: 'none',
    });
    const written = job('tower.gml').defaults.map((each) => each.name);
    expect(written.filter((name) => name.startsWith('train.') || name.startsWith('verify.'))).to.deep.equal(
      [],
    );
  });

  it('takes params from outside', () => {
    const wide = job('digits.gml', { width: '32' });
    expect(wide.parameters).to.deep.equal([{ name: 'width', value: 32, overridden: true }]);
    expect(wide.weights[0]!.shape).to.deep.equal([64, 32]);
    expect(job('tower.gml', { file: 'other.csv' }).datasets[0]!.path).to.equal('other.csv');
    expect(() => job('digits.gml', { width: 'wide' })).to.throw(DiagnosticsError);
  });

  it('gives every call of a fn weights of its own, and a model one set', () => {
    const shared = program(
      around('let a = half(x)\nlet b = half(x)\nlinear(a + b, 2)', 'fn half(h) { linear(h, 3) }'),
    );
    expect(names(shared.weights)).to.deep.equal([
      'm.half1.linear1.weight[4,3]',
      'm.half1.linear1.bias[3]',
      'm.half2.linear1.weight[4,3]',
      'm.half2.linear1.bias[3]',
      'm.linear1.weight[3,2]',
      'm.linear1.bias[2]',
    ]);
    const twice = program(around('linear(x, 2)').replace('model = m(d.x)', 'model = m(d.x) + m(d.x * 2)'));
    expect(names(twice.weights)).to.deep.equal(['m.linear1.weight[4,2]', 'm.linear1.bias[2]']);
  });

  it('repeats with new values, an index, and lets that end with the turn', () => {
    const made = program(
      around(
        'let h = x\nlet w = 1\nrepeat 2 + 1 as i {\n let w = 4 + i\n h = linear(h, w)\n}\nlinear(h, 1 + w)',
      ),
    );
    expect(made.weights.filter((each) => each.shape.length === 2).map((each) => each.shape)).to.deep.equal([
      [4, 4],
      [4, 5],
      [5, 6],
      [6, 2],
    ]);
  });

  it('lets names in shapes stand for lengths, in the body too', () => {
    const made = program(
      around(
        'let h = widen(x)\nlinear(h, 2)',
        'fn widen(h: f32[n, k]) -> f32[n, 3 * k] { linear(h, 3 * k) }',
      ),
    );
    expect(made.weights[0]!.shape).to.deep.equal([4, 12]);
    expect(
      codes(around('linear(widen(x), 2)', 'fn widen(h: f32[n, k]) -> f32[n, 2 * k] { linear(h, 3 * k) }')),
    ).to.deep.equal(['L0402']);
  });

  for (const [expression, value] of [
    ['2 + 3 * 4', 14],
    ['(2 + 3) * 4 - 10 / 4', 17.5],
    ['-2 - -3', 1],
    ['20%', 0.2],
    ['1_000 * .5', 500],
    ['1e-3 * 1e3', 1],
    ['max(1, floor(7 / 2), min(2, 9))', 3],
    ['round(sqrt(16) + 0.5) + abs(-1) + ceil(0.1)', 7],
  ] as const) {
    it(`${expression} is ${value}`, () => {
      expect(program(around('linear(x, 2)', `param a = ${expression}`)).parameters[0]!.value).to.equal(value);
    });
  }

  for (const [source, divisor, offset] of [
    ['columns 0..3 / 16', 16, 0],
    ['columns 0..3 / 4 / 4 * 2', 8, 0],
    ['columns 0..3 - 3', 1, 3],
    ['(columns 0..3 - 3) / 2.5', 2.5, 3],
    ['columns 0..3 / 2 - 3', 2, 6],
    ['columns 0..3 + 1', 1, -1],
  ] as const) {
    it(`${source} is (stored - ${offset}) / ${divisor}`, () => {
      const made = program(around('linear(x, 2)').replace('columns 0..3', source));
      const [column] = made.datasets[0]!.columns;
      expect([column!.divisor, column!.offset]).to.deep.equal([divisor, offset]);
    });
  }

  it('reads every kind of source', () => {
    const [mnist, arrays] = job('files.gml').datasets;
    expect(mnist!.path).to.equal(undefined);
    expect(mnist!.columns[0]).to.deep.include({
      path: 'train-images-idx3-ubyte.gz',
      source: { kind: 'whole' },
      divisor: 255,
    });
    expect(arrays!.columns[0]).to.deep.include({
      shape: [2, 3],
      source: { kind: 'member', name: 'x_train' },
      divisor: 0.5,
      offset: -0.5,
    });
    const [book] = job('text.gml').datasets;
    expect(book!.stride).to.equal(16);
    expect(book!.columns[1]).to.deep.include({
      type: 'class',
      classes: 256,
      shape: [32],
      source: { kind: 'text', level: 'byte', unit: 'text', first: 1, last: 32 },
    });
    const [iris] = job('tower.gml').datasets;
    expect(iris!.columns[1]).to.deep.include({
      labels: ['setosa', 'versicolor', 'virginica'],
      classes: 3,
      source: { kind: 'named', names: ['species'] },
    });
  });

  it('takes the file of a column from a param', () => {
    const text = `param file = "a.npy"\n${around('linear(x, 2)').replace('x: f32[4] = columns 0..3', 'x: f32[4] = whole from file / 2')}`;
    const columnsOf = (set: Record<string, string>) =>
      checkOrThrow({ path: 'job.gml', text }, () => '', { set }).datasets[0]!.columns;
    expect(columnsOf({})[0]).to.deep.include({ path: 'a.npy', source: { kind: 'whole' }, divisor: 2 });
    expect(columnsOf({ file: 'b/c.npy' })[0]).to.deep.include({ path: 'b/c.npy', divisor: 2 });
    expect(codes(text.replace('"a.npy"', '3'))).to.deep.equal(['L0504']);
  });

  it('finds several mistakes in one run, in the order of the text', () => {
    const text = around('linear(rellu(x), wdth)').replace('f32[2]', 'f32[3]').replace('sgd(0.1)', 'sgd()');
    expect(codes(text)).to.deep.equal(['L0601', 'L0202', 'L0201', 'L0302']);
  });

  it('does not say the same twice about a body that is built many times', () => {
    expect(
      codes(around('let h = x\nrepeat 50 { h = wrong(h) }\nlinear(h, 2)', 'fn wrong(h) { linear(h, 2.5) }')),
    ).to.deep.equal(['L0301']);
  });

  describe('limits', () => {
    it('of the length of a file', () => {
      expect(codes(`// ${'x'.repeat(250_000)}`)).to.deep.equal(['L0120']);
    });
    it('of imports inside one another', () => {
      const files = Object.fromEntries(
        Array.from({ length: 40 }, (_, i) => [`${i}.gml`, `import "${i + 1}.gml"`]),
      );
      expect(codes('import "0.gml"', files)).to.deep.equal(['L0124']);
    });
    it('of errors shown', () => {
      const found = codes('train {\n'.concat('  a = b\n'.repeat(80), '}'));
      expect(found).to.have.length(51);
      expect(found).to.include('L0126');
    });
    it('of functions', () => {
      expect(
        codes(around('linear(x, 2)', Array.from({ length: 1100 }, (_, i) => `fn f${i}(x) { x }`).join('\n'))),
      ).to.include('L0122');
    });
    it('of expressions inside one another, through calls', () => {
      const deep = Array.from(
        { length: 400 },
        (_, i) => `fn f${i + 1}(x) { ${'('.repeat(10)}f${i}(x)${')'.repeat(10)} }`,
      );
      expect(codes(around('linear(f400(x), 2)', ['fn f0(x) { relu(x) }', ...deep].join('\n')))).to.deep.equal(
        ['L0121'],
      );
    });
  });

  it('reads a file that throws as one that is missing', () => {
    const { diagnostics } = check({ path: 'job.gml', text: 'import "a.gml"' }, () => {
      throw new Error('no such file');
    });
    expect(diagnostics.map((each) => each.code)).to.deep.equal(['L0701']);
  });
});
