/** What is told of data files, and that the blocks suggested read those files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { GensynError } from '@gensyn/ir';
import { describeFile, type FileDescription, type PreparedDataset } from '../../src/data/index.js';
import { collectDiagnostics } from '../../src/diagnostics/diagnostic.js';
import { openModel } from '../../src/import/model-files.js';
import { standardLibrary } from '../../src/semantics/check.js';
import { elaborateDataset } from '../../src/semantics/dataset.js';
import { declare } from '../../src/semantics/declarations.js';
import { begin } from '../../src/semantics/elaboration.js';
import { load } from '../../src/semantics/load.js';
import { resolve } from '../../src/semantics/resolve.js';
import { bench, type Bench } from './declare.js';

const fixtures = fileURLToPath(new URL('../../../test/data/fixtures', import.meta.url));
const fixture = (name: string): Buffer => readFileSync(join(fixtures, name));

type Format = FileDescription['format'];

describe('data show', () => {
  let b: Bench;
  beforeEach(() => (b = bench()));
  afterEach(() => b.close());

  async function describing<F extends Format>(
    name: string,
    content: string | Uint8Array,
    format: F,
  ): Promise<Extract<FileDescription, { readonly format: F }>> {
    b.file(name, content);
    const description = await describeFile(join(b.dir, name), { rows: 2 });
    expect(description.format).to.equal(format);
    return description as Extract<FileDescription, { readonly format: F }>;
  }

  /** Prepares the data as a job with this block would. */
  async function taken({ suggestion }: FileDescription): Promise<PreparedDataset> {
    const diagnostics = collectDiagnostics();
    const { items } = load({ path: 'job.gml', text: suggestion }, () => undefined, diagnostics);
    const declarations = declare(items, standardLibrary, diagnostics);
    const job = begin(declarations, resolve(declarations, diagnostics), diagnostics, openModel);
    const [node] = [...declarations.data.values()];
    const dataset = elaborateDataset(job, node!);
    expect(diagnostics.list.map(({ message }) => message)).to.deep.equal([]);
    return b.prepare(dataset!);
  }

  const columnsOf = ({ columns }: PreparedDataset): string[] =>
    columns.map(
      ({ name, type, shape, classes, divisor }) =>
        `${name}: ${type}${classes ?? ''}[${shape.join(', ')}]${divisor === 1 ? '' : ` / ${divisor}`}`,
    );

  it('finds names, numbers and classes of a CSV file', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${100 + i};${i / 10};${['b', 'a', 'c'][i % 3]}`);
    const csv = await describing('a.csv', `size;Some Weight;kind\n${rows.join('\n')}\n`, 'csv');
    expect([csv.rows, csv.header, csv.separator]).to.deep.equal([30, true, ';']);
    expect(csv.fields[0]!.values).to.include({ min: 100, max: 129, integers: true, different: 30 });
    expect(csv.fields[2]!.words).to.deep.equal(['a', 'b', 'c']);
    expect(csv.first).to.deep.equal([
      ['100', '0', 'b'],
      ['101', '0.1', 'a'],
    ]);
    const data = await taken(csv);
    expect(columnsOf(data)).to.deep.equal(['size: f32[] / 129', 'some_weight: f32[]', 'kind: class3[]']);
    expect(data.columns[2]!.labels).to.deep.equal(['a', 'b', 'c']);
  });

  it('joins the columns of a CSV file without names', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i % 17},${(3 * i) % 17},0,${i % 4}`);
    const csv = await describing('a.csv.gz', gzipSync(rows.join('\n')), 'csv');
    expect([csv.rows, csv.header]).to.deep.equal([40, false]);
    expect(columnsOf(await taken(csv))).to.deep.equal(['x: f32[3] / 16', 'label: class4[]']);
  });

  it('leaves out what is missing or too various to be a column', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => `${i},${i % 3 ? i : ''},word${i},${i * 1.5}`);
    const csv = await describing('a.csv', rows.join('\n'), 'csv');
    expect(csv.fields.map(({ kind, empty }) => [kind, empty])).to.deep.equal([
      ['numbers', 0],
      ['numbers', 7],
      ['words', 0],
      ['numbers', 0],
    ]);
    expect((await taken(csv)).columns.map(({ name }) => name)).to.deep.equal(['x', 'x_2']);
  });

  it('shows arrays with their shapes and ranges', async () => {
    const idx = Buffer.concat([
      Buffer.from('00000803000000020000000200000002', 'hex'),
      Buffer.from([0, 1, 2, 3, 250, 5, 6, 7]),
    ]);
    const images = await describing('t10k-images-idx3-ubyte', idx, 'idx');
    expect(images.arrays[0]).to.deep.include({
      type: 'u8',
      shape: [2, 2, 2],
      first: [
        [0, 1, 2, 3],
        [250, 5, 6, 7],
      ],
    });
    expect(columnsOf(await taken(images))).to.deep.equal(['x: f32[2, 2] / 255']);
    const npy = await describing('x.npy', fixture('f4le.npy'), 'npy');
    expect(npy.arrays[0]!.type).to.equal('f32');
    expect((await taken(npy)).columns).to.have.length(1);
    const npz = await describing('x.npz', fixture('deflated.npz'), 'npz');
    expect(npz.arrays.map(({ name }) => name)).to.include('x');
    expect((await taken(npz)).columns).to.have.length(npz.arrays.filter(({ values }) => values).length);
  });

  it('tells windows from lines of text', async () => {
    const lines = await describing(
      'n.txt',
      Array.from({ length: 30 }, (_, i) => `n${i % 7}ñ`).join('\r\n'),
      'text',
    );
    expect(lines.text).to.deep.equal({ characters: 119, lines: 30, longestLine: 3, alphabet: '\n0123456nñ' });
    expect(columnsOf(await taken(lines))).to.deep.equal(['before: class10[8]', 'next: class10[]']);
    const book = await describing('b.txt', 'to be, or not to be '.repeat(50), 'text');
    expect(columnsOf(await taken(book))).to.deep.equal(['here: class8[64]', 'next: class8[64]']);
    const bytes = await describing(
      'b.bin',
      Buffer.from(Array.from({ length: 999 }, (_, i) => (i * 37) % 256)),
      'bytes',
    );
    expect(columnsOf(await taken(bytes))).to.deep.equal(['here: class256[64]', 'next: class256[64]']);
  });

  const refused: readonly (readonly [code: string, name: string, content: string | Uint8Array])[] = [
    ['D0103', 'a.csv', ''],
    ['D0103', 'a.csv', '\n\n'],
    ['D0104', 'a.csv.gz', gzipSync('1,2\n').subarray(0, 12)],
    ['D0112', 'a.csv', '1,2\n3\n'],
    ['D0114', 'a.csv', '1,"2\n3\n'],
    ['D0120', 'a.npy', 'hello, world'],
    ['D0121', 'a.npy', fixture('record.npy')],
    ['D0122', 'a.idx', Buffer.from('00000803ffffffffffffffffffffffff00', 'hex')],
    ['D0124', 'a.npz', fixture('stored.npz').subarray(0, 200)],
  ];
  for (const [code, name, content] of refused) {
    it(`refuses ${name} (${code})`, async () => {
      b.file(name, content);
      let found: unknown;
      await describeFile(join(b.dir, name), { rows: 2 }).catch((error: unknown) => (found = error));
      expect(found).to.be.instanceOf(GensynError).with.property('code', code);
    });
  }

  it('lets only named errors escape', async () => {
    for (const name of ['stored.npz', 'deflated.npz', 'f4le.npy', 'v3.npy']) {
      const whole = fixture(name);
      for (let i = 0; i < 25; i++) {
        const bytes = Buffer.from(whole);
        bytes[(i * 7919) % bytes.length]! ^= 1 + (i % 255);
        b.file(name, bytes.subarray(0, bytes.length - (i % 4 === 0 ? i : 0)));
        try {
          await describeFile(join(b.dir, name), { rows: 2 });
        } catch (error) {
          expect(error).to.be.instanceOf(GensynError);
        }
      }
    }
  });
});
