/** The committed example data, with roots computed once by a separate program, and Fashion-MNIST where it is installed. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { prepareDataset, type PreparedDataset } from '../../src/data/index.js';
import type { Dataset } from '../../src/semantics/program.js';
import { column, dataset, fields, named, whole } from './declare.js';

const examples = fileURLToPath(new URL('../../../../../examples', import.meta.url));
const fashion = '/usr/share/datasets/fashion-mnist';

describe('example data', () => {
  const outDir = mkdtempSync(join(tmpdir(), 'gensyn-examples-'));
  after(() => rmSync(outDir, { recursive: true }));
  const prepare = (folder: string, declared: Dataset): Promise<PreparedDataset> =>
    prepareDataset(declared, { baseDir: join(examples, folder), outDir, searchDirs: [] });

  it('digits', async () => {
    const pixels = column('pixels', fields(0, 63), { shape: [64], divisor: 16 });
    const label = column('label', fields(64), { type: 'class', classes: 10 });
    const found = await prepare('digits', dataset('digits.csv.gz', [pixels, label], { name: 'digits' }));
    expect(found.rows).to.equal(1797);
    const [x, y] = found.columns;
    expect(x).to.include({
      storage: 'u8',
      min: 0,
      max: 16,
      bytes: 1797 * 64,
      divisor: 16,
      start: 0,
      stride: 64,
      quantum: 1,
    });
    expect(y).to.include({ storage: 'u8', min: 0, max: 9, bytes: 1797, classes: 10 });
    expect(x!.dims).to.deep.equal([1797, 64]);
    expect(found.root).to.equal('21c1218c5be33c4a6c4c801acf0a767d495718b153ca0f3d9c90098ef177dc96');
  });

  it('iris', async () => {
    const x = column('x', named('sepal_length', 'sepal_width', 'petal_length', 'petal_width'), {
      shape: [4],
    });
    const species = column('species', named('species'), { type: 'class', classes: 3 });
    const found = await prepare('iris', dataset('iris.csv', [x, species], { name: 'iris', header: true }));
    expect(found.rows).to.equal(150);
    expect(found.columns[0]).to.include({
      storage: 'f32',
      min: Math.fround(0.1),
      max: Math.fround(7.9),
      bytes: 2400,
    });
    expect(found.root).to.equal('31b28daa8862f64d5808a84aebeaeb215a9489b4c61787965dca62ee18d003a4');
  });

  it('names', async () => {
    const text = { kind: 'text', level: 'char', unit: 'line' } as const;
    const context = column(
      'context',
      { ...text, first: -8, last: -1 },
      { type: 'class', classes: 27, shape: [8] },
    );
    const next = column('next', { ...text, first: 0, last: 0 }, { type: 'class', classes: 27 });
    const found = await prepare('names', dataset('names.txt', [context, next], { name: 'names' }));
    expect(found.rows).to.equal(58955);
    expect(found.columns[0]).to.include({
      storage: 'u8',
      alphabet: 'abcdefghijklmnopqrstuvwxyz',
      alphabetStart: 1,
      boundary: 0,
    });
    expect(found.root).to.equal('98d796b84ee40bdaa6d856d9663bd67a0082420bcde92b1e708cd62adef8093f');
  });

  (existsSync(fashion) ? it : it.skip)('fashion-mnist, where Debian puts it', async () => {
    const image = column('image', whole, { shape: [784], divisor: 255, path: 't10k-images-idx3-ubyte.gz' });
    const label = column('label', whole, { type: 'class', classes: 10, path: 't10k-labels-idx1-ubyte.gz' });
    const declared = dataset(undefined, [image, label], { name: 'fashion' });
    const found = await prepareDataset(declared, { baseDir: join(examples, 'fashion-mnist'), outDir });
    expect(found.rows).to.equal(10000);
    expect(found.columns[0]).to.include({ storage: 'u8', min: 0, max: 255, bytes: 7_840_000 });
  });
});
